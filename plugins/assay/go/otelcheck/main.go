// Command otelcheck judges configurations of the OpenTelemetry Collector with the collector's own code.
//
// It reads {"requests": [{"text": "yaml"}, …]} and writes {"answers": [{"faults": [{"path", "key",
// "message"}, …]}, …]}. A path is made of names and indexes; key says that the name itself is wrong.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

type request struct {
	Text string `json:"text"`
}

type answer struct {
	Faults []Fault `json:"faults"`
}

// Fault is one thing that the collector refuses.
type Fault struct {
	Path    []any  `json:"path"`
	Key     bool   `json:"key"`
	Message string `json:"message"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "otelcheck:", err)
		os.Exit(1)
	}
}

func run() error {
	var asked struct {
		Requests []request `json:"requests"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return fmt.Errorf("can't read the request: %w", err)
	}
	known, err := components()
	if err != nil {
		return err
	}
	answers := make([]answer, 0, len(asked.Requests))
	for _, one := range asked.Requests {
		answers = append(answers, answer{Faults: append([]Fault{}, judge(one.Text, known)...)})
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"answers": answers})
}
