// Command dockercheck judges Dockerfiles as BuildKit would before it pulls anything.
//
// It reads {"requests": [{"text": "…"}, …]} and writes {"answers": [{"faults": [{"line", "rule",
// "message"}, …]}, …]}. A line is 1-based; rule is BuildKit's name of a warning, "" for an error.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

type answer struct {
	Faults []Fault `json:"faults"`
}

// Fault is one thing that BuildKit refuses or warns of, or that no image in production may lack.
type Fault struct {
	Line    int    `json:"line"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "dockercheck:", err)
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
	answers := make([]answer, 0, len(asked.Requests))
	for _, one := range asked.Requests {
		answers = append(answers, answer{Faults: append([]Fault{}, judge(one.Text)...)})
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"answers": answers})
}
