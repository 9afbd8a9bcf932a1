// Command shellparse splits shell scripts into commands and words, as shfmt reads them.
//
// It reads {"requests": [{"text": "script"}, …]} and answers {"answers": [{"commands": [[{"text",
// "whole", "open", "line", "column"}, …], …], "error": null | {"line", "column", "message"}}, …]}.
// A word's text is what it is known to be: all of it if `whole`, else what it begins with. An
// `open` word may be none or several.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

type answer struct {
	Commands [][]word `json:"commands"`
	Error    *fault   `json:"error"`
}

type word struct {
	Text   string `json:"text"`
	Whole  bool   `json:"whole"`
	Open   bool   `json:"open"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

type fault struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "shellparse:", err)
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
		return fmt.Errorf("can't read the requests: %w", err)
	}
	given := struct {
		Answers []answer `json:"answers"`
	}{Answers: make([]answer, 0, len(asked.Requests))}
	for _, r := range asked.Requests {
		given.Answers = append(given.Answers, split(r.Text))
	}
	return json.NewEncoder(os.Stdout).Encode(given)
}

// split gives every simple command of a script, in the order in which they begin.
func split(text string) answer {
	given := answer{Commands: [][]word{}}
	parser := syntax.NewParser(syntax.Variant(syntax.LangBash))
	lines := strings.Split(text, "\n")
	for stmt, err := range parser.StmtsSeq(strings.NewReader(text)) {
		if err != nil {
			given.Error = told(err, lines)
			break
		}
		syntax.Walk(stmt, func(node syntax.Node) bool {
			if call, ok := node.(*syntax.CallExpr); ok && len(call.Args) > 0 {
				words := make([]word, 0, len(call.Args))
				for _, arg := range call.Args {
					words = append(words, known(arg, lines))
				}
				given.Commands = append(given.Commands, words)
			}
			return true
		})
	}
	slices.SortStableFunc(given.Commands, func(a, b []word) int {
		if a[0].Line != b[0].Line {
			return a[0].Line - b[0].Line
		}
		return a[0].Column - b[0].Column
	})
	return given
}

func told(err error, lines []string) *fault {
	var at syntax.Pos
	message := err.Error()
	if e, ok := errors.AsType[syntax.ParseError](err); ok {
		at, message = e.Pos, e.Text
	} else if e, ok := errors.AsType[syntax.LangError](err); ok {
		at, message = e.Pos, e.Feature+" isn't bash"
	}
	line, column := place(at, lines)
	return &fault{line, column, message}
}

// place counts columns in characters, the parser counts bytes.
func place(at syntax.Pos, lines []string) (int, int) {
	line, column := max(int(at.Line()), 1), max(int(at.Col()), 1)
	if line <= len(lines) {
		before := lines[line-1][:min(column-1, len(lines[line-1]))]
		column = utf8.RuneCountInString(before) + 1
	}
	return line, column
}

func known(w *syntax.Word, lines []string) word {
	line, column := place(w.Pos(), lines)
	made := word{Whole: true, Line: line, Column: column}
	var text strings.Builder
	for _, part := range w.Parts {
		if made.Whole {
			made.Whole = begin(part, &text)
		}
		made.Open = made.Open || several(part)
	}
	made.Text = text.String()
	return made
}

// begin writes what a part is known to begin with, and tells whether that is all of it.
func begin(part syntax.WordPart, text *strings.Builder) bool {
	switch p := part.(type) {
	case *syntax.Lit:
		text.WriteString(unescaped(p.Value, ""))
		return true
	case *syntax.SglQuoted:
		text.WriteString(p.Value)
		return !p.Dollar
	case *syntax.DblQuoted:
		for _, inner := range p.Parts {
			lit, ok := inner.(*syntax.Lit)
			if !ok {
				return false
			}
			text.WriteString(unescaped(lit.Value, "$`\"\\\n"))
		}
		return true
	}
	return false
}

// unescaped takes away the backslashes that quote: before any character, or before one of `only`.
func unescaped(value, only string) string {
	var made strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == '\\' && i+1 < len(value) &&
			(only == "" || strings.IndexByte(only, value[i+1]) >= 0) {
			i++
			if value[i] == '\n' {
				continue
			}
		}
		made.WriteByte(value[i])
	}
	return made.String()
}

// several tells that a part may become no word or more than one.
func several(part syntax.WordPart) bool {
	switch p := part.(type) {
	case *syntax.ParamExp, *syntax.CmdSubst, *syntax.ExtGlob, *syntax.BraceExp:
		return true
	case *syntax.Lit:
		return strings.ContainsAny(p.Value, "*?[{")
	case *syntax.DblQuoted:
		return slices.ContainsFunc(p.Parts, func(inner syntax.WordPart) bool {
			expansion, ok := inner.(*syntax.ParamExp)
			return ok && (expansion.Index != nil || expansion.Param.Value == "@")
		})
	}
	return false
}
