// Command promcheck judges what Prometheus reads: rule files, server configurations, metrics in the
// text format, queries.
//
// It reads {"requests": [{"kind", "text", "texts"}, …]} and writes {"answers": [{"faults": […]}, …]}.
// The kinds `rules` and `config` answer with a path of names and indexes, `key` where the name itself
// is wrong, and `offset` where a fault lies within a string (in characters, -1 for the whole); the
// kind `metrics` with lines; the kind `queries` takes `texts`, and answers with `query`, the number
// of the text, and `offset`.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

type request struct {
	Kind  string   `json:"kind"`
	Text  string   `json:"text"`
	Texts []string `json:"texts"`
}

type answer struct {
	Faults []Fault `json:"faults"`
}

// Fault is one thing that Prometheus refuses, and where it is as far as that is known.
type Fault struct {
	Path    []any  `json:"path"`
	Key     bool   `json:"key"`
	Query   int    `json:"query"`
	Line    int    `json:"line"`
	Offset  int    `json:"offset"`
	Message string `json:"message"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "promcheck:", err)
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
	answers := make([]answer, 0, len(asked.Requests))
	for _, one := range asked.Requests {
		found, err := judge(one)
		if err != nil {
			return err
		}
		answers = append(answers, answer{Faults: append([]Fault{}, found...)})
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"answers": answers})
}

func judge(one request) ([]Fault, error) {
	switch one.Kind {
	case "rules":
		return rules(one.Text), nil
	case "config":
		return server(one.Text), nil
	case "metrics":
		return metrics(one.Text), nil
	case "queries":
		return queries(one.Texts), nil
	}
	return nil, fmt.Errorf("unknown kind %q", one.Kind)
}

// at makes a fault about the value at a path as a whole.
func at(path []any, message string) Fault {
	return Fault{Path: append([]any{}, path...), Offset: -1, Message: message}
}

// below is the path of what a node holds: never shares memory with its siblings' paths.
func below(path []any, steps ...any) []any {
	return append(append([]any{}, path...), steps...)
}
