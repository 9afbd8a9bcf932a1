package main

import (
	"fmt"
	"strings"

	"github.com/rhysd/actionlint"
)

func judge(linter *actionlint.Linter, text string) ([]Fault, error) {
	guessed, forget := know(text)
	defer forget()
	// this name and no project: what `./` names is not looked for on the disk
	found, err := linter.Lint("<stdin>", []byte(text), nil)
	if err != nil {
		return nil, err
	}
	workflow, _ := actionlint.Parse([]byte(text))
	var faults []Fault
	for _, one := range found {
		fault := Fault{max(1, one.Line), max(1, one.Column), one.Kind, one.Message}
		switch {
		case one.Kind == "runner-label" && selfHosted(workflow, fault):
		case one.Kind == "action" && guessed.unsure(one.Message):
		case one.Kind == "job-needs":
			faults = append(faults, atNeed(workflow, fault))
		default:
			faults = append(faults, fault)
		}
	}
	return faults, nil
}

// selfHosted tells whether the label is one of several with self-hosted, or in a group of runners:
// the others are the owner's own names.
func selfHosted(workflow *actionlint.Workflow, fault Fault) bool {
	for _, job := range jobs(workflow) {
		if job.RunsOn == nil {
			continue
		}
		here, own := false, job.RunsOn.Group != nil
		for _, label := range job.RunsOn.Labels {
			here = here || label.Pos.Line == fault.Line && label.Pos.Col == fault.Column
			own = own || label.Value == "self-hosted"
		}
		if here {
			return own
		}
	}
	return false
}

// atNeed moves the fault from the job to the name that it needs and that doesn't exist.
func atNeed(workflow *actionlint.Workflow, fault Fault) Fault {
	for _, job := range jobs(workflow) {
		if job.ID.Pos.Line != fault.Line {
			continue
		}
		for _, need := range job.Needs {
			if strings.Contains(fault.Message, fmt.Sprintf("needs job %q", strings.ToLower(need.Value))) {
				fault.Line, fault.Column = need.Pos.Line, need.Pos.Col
			}
		}
	}
	return fault
}

func jobs(workflow *actionlint.Workflow) map[string]*actionlint.Job {
	if workflow == nil {
		return nil
	}
	return workflow.Jobs
}
