// Command fragment reads Go as documentation shows it: in parts.
//
// It reads one JSON request on its standard input and answers on its standard output. Each part
// of the request is optional. It starts nothing but the toolchain's own `go list`, and writes no
// file.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"unicode/utf16"
)

// request names what the programs of this folder may look at, and what is asked.
type request struct {
	GOROOT    string     `json:"goroot"`  // the toolchain that judges
	Folder    string     `json:"folder"`  // the page's folder: the root of a module
	Modules   string     `json:"modules"` // the module cache
	Fragments []fragment `json:"fragments"`
	Regions   []region   `json:"regions"`
}

type response struct {
	Fragments []closed `json:"fragments"`
	Regions   [][]name `json:"regions"`
}

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "fragment:", err)
		os.Exit(1)
	}
}

func serve() error {
	var asked request
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return err
	}
	known := newLibrary(asked.GOROOT, asked.Folder, asked.Modules)
	answer := response{Fragments: []closed{}, Regions: [][]name{}}
	for _, f := range asked.Fragments {
		answer.Fragments = append(answer.Fragments, closeFragment(f, known))
	}
	for _, r := range asked.Regions {
		names, err := outside(r, known)
		if err != nil {
			return err
		}
		answer.Regions = append(answer.Regions, names)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	_, err = os.Stdout.WriteString(ascii(string(text)))
	return err
}

// ascii escapes what a terminal might obey, so that the answer comes through unchanged.
func ascii(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x7f:
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
