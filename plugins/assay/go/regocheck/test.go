package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/util/channel"
)

// limit is how long one test may take, as in `opa test`.
const limit = 5 * time.Second

// test runs the files' tests, as `opa test --coverage` on their folder.
func test(modules map[string]*ast.Module, asked request, given *answer) error {
	tracer := cover.New()
	runner := tester.NewRunner().SetCoverageQueryTracer(tracer).SetCoverageRuns(nil)
	results, err := ran(runner, modules)
	if err != nil || len(results) == 0 {
		return err
	}
	share := tracer.Report(modules).Coverage
	given.Coverage = &share
	for _, r := range results {
		if r.Location.File != asked.File {
			continue
		}
		given.Tests++
		if !r.Pass() {
			given.Faults = append(given.Faults, failed(r, modules, asked))
		}
	}
	slices.SortFunc(given.Faults, func(a, b fault) int {
		return (a.Line-b.Line)*1000 + a.Column - b.Column
	})
	return nil
}

func ran(runner *tester.Runner, modules map[string]*ast.Module) ([]*tester.Result, error) {
	ready := runner.SetCompiler(strict()).SetModules(copied(modules)).SetTimeout(limit)
	results, err := ready.RunTests(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	return channel.Collect(results), nil
}

// failed says why a test doesn't pass, where one of its expressions was given up.
func failed(r *tester.Result, modules map[string]*ast.Module, asked request) fault {
	place := r.Location
	message := r.Name + " fails: it isn't true; mend the rule that it tests, or what it expects"
	switch {
	case r.Skip:
		message = r.Name + " is skipped; call it test_… or take it out"
	case r.Error != nil:
		message = r.Name + " can't be evaluated: " + said(r.Error.Error(), asked)
		if e, ok := r.Error.(*topdown.Error); ok && e.Location != nil {
			message = r.Name + " can't be evaluated: " + said(e.Message, asked)
			if e.Location.File == r.Location.File {
				place = e.Location
			}
		}
	default:
		if at := givenUp(r, modules); at != nil {
			place = at.Location
			message = fmt.Sprintf(
				"%s fails: %s isn't true; mend the rule that it tests, or what it expects",
				r.Name, shown(at, asked),
			)
		}
	}
	return fault{Line: place.Row, Column: place.Col, Message: message}
}

// givenUp runs one test again with a trace: the last expression of its body that failed.
func givenUp(r *tester.Result, modules map[string]*ast.Module) *ast.Expr {
	name := "^" + regexp.QuoteMeta(r.Package+"."+r.Name) + "$"
	results, err := ran(tester.NewRunner().EnableTracing(true).Filter(name), modules)
	if err != nil {
		return nil
	}
	var last *ast.Expr
	for _, again := range results {
		if again.Location.Compare(r.Location) != 0 {
			continue
		}
		for _, event := range again.Trace {
			node, ok := event.Node.(*ast.Expr)
			if ok && event.Op == topdown.FailOp && within(again, node.Location) {
				last = node
			}
		}
	}
	return last
}

func within(r *tester.Result, place *ast.Location) bool {
	return place != nil && place.File == r.Location.File && place.Offset > r.Location.Offset &&
		place.Offset < r.Location.Offset+len(r.Location.Text)
}

func shown(e *ast.Expr, asked request) string {
	return "`" + said(string(e.Location.Text), asked) + "`"
}
