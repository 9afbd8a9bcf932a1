package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
)

// capabilities are those of a builder of the same release.
var capabilities = func() *apicaps.CapSet {
	set := pb.Caps.CapSet(pb.Caps.All())
	return &set
}()

// judge converts every stage: only that finds a wrong port, mount or variable.
func judge(text string) []Fault {
	var faults []Fault
	opt := dockerfile2llb.ConvertOpt{
		MetaResolver: images{},
		LLBCaps:      capabilities,
		AllStages:    true,
		Warn: func(rule, _, _, message string, location []parser.Range) {
			faults = append(faults, Fault{Line: first(location), Rule: rule, Message: message})
		},
	}
	made, err := dockerfile2llb.Dockerfile2LLB(context.Background(), []byte(text), opt)
	if err != nil {
		return causes(append(faults, Fault{Line: place(err), Message: plain(err)}))
	}
	stages := read(text)
	faults = append(faults, unknownStages(stages)...)
	if len(stages) > 0 {
		faults = append(faults, finalStage(&stages[len(stages)-1], made.Image)...)
	}
	return causes(faults)
}

// finalStage says what the image lacks that the stage becomes.
func finalStage(stage *instructions.Stage, image *dockerspec.DockerOCIImage) []Fault {
	var faults []Fault
	if len(image.Config.Cmd) == 0 && len(image.Config.Entrypoint) == 0 {
		faults = append(faults, Fault{first(stage.Location), "FinalStageCommand", "the final " +
			"stage has neither ENTRYPOINT nor CMD: nothing says what a container runs; add one"})
	}
	user, _, _ := strings.Cut(image.Config.User, ":")
	if user == "" || user == "root" || user == "0" {
		faults = append(faults, Fault{userLine(stage), "FinalStageUser", "the final stage runs " +
			"as root; add a USER other than root after what needs root"})
	}
	return faults
}

// unknownStages finds names that BuildKit would take for images, which nobody gives such a name.
func unknownStages(stages []instructions.Stage) []Fault {
	var faults []Fault
	var names []string
	for _, stage := range stages {
		for _, command := range stage.Commands {
			name, line := source(command)
			_, err := strconv.Atoi(name)
			if name == "" || err == nil || strings.ContainsAny(name, "/:.@$") ||
				slices.Contains(names, strings.ToLower(name)) {
				continue
			}
			faults = append(faults, Fault{line, "UnknownStage", fmt.Sprintf("no stage before "+
				"this one is called %q; there are %q", name, names)})
		}
		if stage.Name != "" {
			names = append(names, strings.ToLower(stage.Name))
		}
	}
	return faults
}

// source is the stage or image that a command takes files from.
func source(command instructions.Command) (name string, line int) {
	line = first(command.Location())
	switch command := command.(type) {
	case *instructions.CopyCommand:
		return command.From, line
	case *instructions.RunCommand:
		for _, mount := range instructions.GetMounts(command) {
			if mount.From != "" {
				return mount.From, line
			}
		}
	}
	return "", line
}

func read(text string) []instructions.Stage {
	parsed, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return nil
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return nil
	}
	return stages
}

// userLine is where the user is set last; the stage's first line where it never is.
func userLine(stage *instructions.Stage) int {
	line := first(stage.Location)
	for _, command := range stage.Commands {
		if user, ok := command.(*instructions.UserCommand); ok {
			line = first(user.Location())
		}
	}
	return line
}

func first(location []parser.Range) int {
	if len(location) == 0 {
		return 1
	}
	return max(1, location[0].Start.Line)
}

// place is the innermost place of an error: the last one that was added stands farther out.
func place(err error) int {
	var located *parser.LocationError
	if errors.As(err, &located) && len(located.Locations) > 0 {
		return first(located.Locations[0])
	}
	return 1
}

// plain leaves out BuildKit's own place: the finding has one.
func plain(err error) string {
	text := strings.TrimPrefix(err.Error(), "dockerfile parse error on line ")
	if text != err.Error() {
		_, text, _ = strings.Cut(text, ": ")
	}
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", " ")
}

// causes orders by line and leaves out what only follows from another fault of the line.
func causes(faults []Fault) []Fault {
	slices.SortFunc(faults, func(a, b Fault) int {
		return cmp.Or(a.Line-b.Line, cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	said := map[string]bool{}
	for _, one := range faults {
		said[fmt.Sprint(one.Line, one.Rule)] = true
	}
	return slices.DeleteFunc(slices.Compact(faults), func(one Fault) bool {
		undeclared := said[fmt.Sprint(one.Line, "UndefinedArgInFrom")]
		return undeclared && one.Rule == "" ||
			one.Rule == "InvalidDefaultArgInFrom" && (undeclared || said[fmt.Sprint(one.Line, "")])
	})
}
