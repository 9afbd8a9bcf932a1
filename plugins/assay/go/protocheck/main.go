// Command protocheck judges Protocol Buffers files as a compiler and the official style guide do.
//
// It reads {"requests": [{"file": "name", "files": [{"name", "text"}, …]}, …]} and answers
// {"answers": [{"faults": [{"line", "column", "message"}, …]}, …]}. The files may import each
// other, google/protobuf and the parts of googleapis that come with it; the faults are those
// of `file`.
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
	Faults []fault `json:"faults"`
}

type fault struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "protocheck:", err)
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
		given.Answers = append(given.Answers, answer{Faults: append([]fault{}, judge(r)...)})
	}
	return json.NewEncoder(os.Stdout).Encode(given)
}
