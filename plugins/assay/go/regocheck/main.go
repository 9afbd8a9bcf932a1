// Command regocheck judges Rego as `opa check --strict` and `opa test --coverage` do.
//
// It reads {"requests": [{"file": "name", "files": [{"name", "text"}, …]}, …]} and answers
// {"answers": [{"faults": [{"line", "column", "message"}, …], "tests": n, "coverage": percent}, …]}.
// The files are compiled together; the faults and the tests are those of `file`. The coverage is
// that of all files by all tests, null where there is none.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

type request struct {
	File  string   `json:"file"`
	Files []source `json:"files"`
}

type source struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type answer struct {
	Faults   []fault  `json:"faults"`
	Tests    int      `json:"tests"`
	Coverage *float64 `json:"coverage"`
}

type fault struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "regocheck:", err)
		os.Exit(1)
	}
}

func run() error {
	var asked struct {
		Requests []request `json:"requests"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return fmt.Errorf("can't read the requests: %w", err)
	}
	given := struct {
		Answers []answer `json:"answers"`
	}{Answers: make([]answer, 0, len(asked.Requests))}
	for _, r := range asked.Requests {
		judged, err := judge(r)
		if err != nil {
			return err
		}
		given.Answers = append(given.Answers, judged)
	}
	return json.NewEncoder(os.Stdout).Encode(given)
}
