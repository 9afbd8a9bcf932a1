// Command kubecheck judges Kubernetes manifests as the API server would on creation.
//
// It reads {"documents": ["yaml", …]} and answers {"version": "…", "faults": [[{"path", "message",
// "key"}, …], …]}, one list for each document. A path is made of names and indexes; key says that
// the name itself is wrong, and not what it holds.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Version is the Kubernetes release whose validation this is; go.mod pins the same.
const (
	minor   = 37
	Version = "1.37"
)

type question struct {
	Documents []string `json:"documents"`
}

type answer struct {
	Version string    `json:"version"`
	Faults  [][]Fault `json:"faults"`
}

// Fault is one thing that the API server refuses.
type Fault struct {
	Path    []any  `json:"path"`
	Message string `json:"message"`
	Key     bool   `json:"key"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "kubecheck:", err)
		os.Exit(1)
	}
}

func run() error {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return fmt.Errorf("can't read the request: %w", err)
	}
	given := answer{Version: Version, Faults: make([][]Fault, 0, len(asked.Documents))}
	for _, text := range asked.Documents {
		given.Faults = append(given.Faults, append([]Fault{}, judge(text)...))
	}
	return json.NewEncoder(os.Stdout).Encode(given)
}

func fault(message string, path ...any) Fault {
	return Fault{Path: append([]any{}, path...), Message: strings.TrimSpace(message)}
}
