// Command actioncheck judges GitHub workflows with actionlint, as a library.
//
// It reads {"requests": [{"text": "yaml"}, …]} and writes {"answers": [{"faults": [{"line", "column",
// "kind", "message"}, …]}, …]}; places are 1-based, kind is actionlint's name of the rule.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/rhysd/actionlint"
)

type answer struct {
	Faults []Fault `json:"faults"`
}

// Fault is one thing that actionlint says.
type Fault struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "actioncheck:", err)
		os.Exit(1)
	}
}

func run() error {
	var asked struct {
		Requests []struct {
			Text string `json:"text"`
		} `json:"requests"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return fmt.Errorf("can't read the request: %w", err)
	}
	// No shellcheck and no pyflakes: other checks judge scripts.
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		return err
	}
	answers := make([]answer, 0, len(asked.Requests))
	for _, one := range asked.Requests {
		faults, err := judge(linter, one.Text)
		if err != nil {
			return err
		}
		answers = append(answers, answer{append([]Fault{}, faults...)})
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"answers": answers})
}
