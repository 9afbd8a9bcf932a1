package main

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/prometheus/promql/parser"
)

// queryParser reads queries as a server without feature flags does.
var queryParser = parser.NewParser(parser.Options{})

func queries(texts []string) []Fault {
	var found []Fault
	for number, text := range texts {
		for _, one := range parse(text) {
			one.Query = number
			found = append(found, one)
		}
	}
	return found
}

// parse gives every fault of an expression, syntax and types, with its offset in characters.
func parse(text string) []Fault {
	_, err := queryParser.ParseExpr(text)
	if err == nil {
		return nil
	}
	var list parser.ParseErrors
	if !errors.As(err, &list) {
		return []Fault{at(nil, err.Error())}
	}
	var found []Fault
	for _, one := range list {
		message := one.Err.Error()
		offset := min(int(one.PositionRange.Start), len(text))
		found = append(found, Fault{Offset: utf8.RuneCountInString(text[:offset]), Message: message})
		if strings.HasPrefix(message, "un") && !strings.HasPrefix(message, "unknown") {
			break // unexpected …, unclosed …: what is said after that follows from it
		}
	}
	return found
}
