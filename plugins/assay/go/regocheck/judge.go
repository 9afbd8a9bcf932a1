package main

import (
	"errors"
	"regexp"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// judge compiles the files together, as `opa check --strict` on their folder, and runs their tests.
func judge(asked request) (answer, error) {
	given := answer{Faults: []fault{}}
	modules, own, broken := parse(asked)
	if broken {
		// what else a file says can't be told while one that it may need can't be read
		given.Faults = append(given.Faults, own...)
		return given, nil
	}
	compiler := strict()
	if compiler.Compile(copied(modules)); compiler.Failed() {
		given.Faults = append(given.Faults, faults(compiler.Errors, asked)...)
		return given, nil
	}
	return given, test(modules, asked, &given)
}

func strict() *ast.Compiler {
	return ast.NewCompiler().
		WithCapabilities(ast.CapabilitiesForThisVersion(ast.CapabilitiesRegoVersion(ast.RegoV1))).
		WithDefaultRegoVersion(ast.RegoV1).
		WithEnablePrintStatements(true).
		WithStrict(true).
		WithUseTypeCheckAnnotations(true).
		SetErrorLimit(0)
}

func parse(asked request) (map[string]*ast.Module, []fault, bool) {
	modules := map[string]*ast.Module{}
	var own []fault
	broken := false
	for _, file := range asked.Files {
		options := ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: true}
		module, err := ast.ParseModuleWithOpts(file.Name, file.Text, options)
		if err == nil && module == nil {
			err = ast.Errors{ast.NewError(ast.ParseErr, nil, "no package here; begin with one")}
		}
		if err == nil {
			modules[file.Name] = module
			continue
		}
		broken = true
		if file.Name == asked.File {
			own = faultsOf(err, asked)
		}
	}
	return modules, own, broken
}

func copied(modules map[string]*ast.Module) map[string]*ast.Module {
	fresh := make(map[string]*ast.Module, len(modules))
	for name, module := range modules {
		fresh[name] = module.Copy()
	}
	return fresh
}

func faultsOf(err error, asked request) []fault {
	if list, ok := errors.AsType[ast.Errors](err); ok {
		return faults(list, asked)
	}
	_, message, _ := strings.Cut(err.Error(), ast.ParseErr+": ")
	return []fault{{Line: 1, Column: 1, Message: said(message, asked)}}
}

func faults(list ast.Errors, asked request) []fault {
	list.Sort()
	var found []fault
	for _, e := range list {
		made := fault{Line: 1, Column: 1, Message: said(e.Message, asked)}
		if e.Location != nil {
			if e.Location.File != asked.File {
				continue
			}
			made.Line, made.Column = e.Location.Row, e.Location.Col
		}
		// the details of the parser are a picture of the line
		if e.Details != nil && e.Code != ast.ParseErr {
			made.Message += detailed(e.Details.Lines())
		}
		// one place is one cause: the parser says there in several ways what it could have read
		if last := len(found) - 1; last < 0 || found[last].Line != made.Line ||
			found[last].Column != made.Column {
			found = append(found, made)
		}
	}
	return found
}

// detailed writes what was found and what was wanted; the other lines are a picture.
func detailed(lines []string) string {
	var parts []string
	for _, line := range lines {
		if words := strings.Join(strings.Fields(line), " "); strings.Contains(words, ":") {
			parts = append(parts, words)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// said puts a message on one line; OPA's lines are those of the file, which is a part of a page.
func said(message string, asked request) string {
	own := regexp.MustCompile(`\b` + regexp.QuoteMeta(asked.File) + `:(\d+)`)
	message = own.ReplaceAllString(message, "line $1 of the block")
	return strings.TrimSuffix(strings.Join(strings.Fields(message), " "), ".")
}
