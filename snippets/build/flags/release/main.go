// Command release says whether a Go binary was built the way a release should be.
package main

import (
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"os"
)

// --8<-- [start:check]

// check returns what is wrong with the binary at path; an empty list means ready.
func check(path string) ([]string, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, err
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	file, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()

	var wrong []string
	if settings["-trimpath"] != "true" {
		wrong = append(wrong, "built without -trimpath: source paths of the build machine are inside")
	}
	if file.Section(".symtab") != nil {
		wrong = append(wrong, "symbol table present: built without -ldflags=-s")
	}
	if file.Section(".interp") != nil {
		wrong = append(wrong, "dynamically linked: built with CGO_ENABLED="+settings["CGO_ENABLED"])
	}
	return wrong, nil
}

// --8<-- [end:check]

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: release BINARY")
		os.Exit(2)
	}
	wrong, err := check(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	for _, w := range wrong {
		fmt.Println(w)
	}
	if len(wrong) > 0 {
		os.Exit(1)
	}
	fmt.Println("ready to ship")
}
