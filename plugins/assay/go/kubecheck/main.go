// Command kubecheck judges Kubernetes manifests as the API server would on creation.
//
// It reads {"requests": [{"text": "yaml"}, …]} and writes {"answers": [{"faults": [{"path",
// "message", "key"}, …]}, …]}. A path is made of names and indexes; key says that the name itself
// is wrong, and not what it holds. A request with "custom" is about a custom resource: "defines" has
// the documents before it that may define its kind, /crds all other definitions.
//
// kubecheck condense FROM TO makes what is mounted at /crds.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// The Kubernetes release whose validation this is; go.mod pins the same.
const (
	minor   = 37
	Version = "1.37"
)

type document struct {
	Text    string   `json:"text"`
	Custom  bool     `json:"custom"`
	Defines []string `json:"defines"`
}

type answer struct {
	Faults []Fault `json:"faults"`
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
	if len(os.Args) == 4 && os.Args[1] == "condense" {
		return condense(os.Args[2], os.Args[3])
	}
	var asked struct {
		Requests []document `json:"requests"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return fmt.Errorf("can't read the request: %w", err)
	}
	answers := make([]answer, 0, len(asked.Requests))
	for _, one := range asked.Requests {
		faults := []Fault{}
		if one.Custom {
			faults = append(faults, judgeCustom(one)...)
		} else {
			faults = append(faults, judge(one.Text)...)
		}
		answers = append(answers, answer{Faults: faults})
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"answers": answers})
}

func fault(message string, path ...any) Fault {
	return Fault{Path: append([]any{}, path...), Message: strings.TrimSpace(message)}
}
