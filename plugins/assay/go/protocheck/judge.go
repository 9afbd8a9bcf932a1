package main

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/ast"
	"github.com/bufbuild/protocompile/linker"
	"github.com/bufbuild/protocompile/parser"
	"github.com/bufbuild/protocompile/protoutil"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/reflect/protoregistry"

	// files that gateways and error details import, as they are in googleapis
	_ "google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/genproto/googleapis/api/httpbody"
	_ "google.golang.org/genproto/googleapis/rpc/code"
	_ "google.golang.org/genproto/googleapis/rpc/errdetails"
	_ "google.golang.org/genproto/googleapis/rpc/status"
)

// judge compiles one file with what it imports; what compiles is held against the style guide.
func judge(asked request) []fault {
	texts := map[string]string{}
	for _, file := range asked.Files {
		texts[file.Name] = file.Text
	}
	text := texts[asked.File]
	tree, err := parser.Parse(asked.File, strings.NewReader(text), reporter.NewHandler(nil))
	if err == nil {
		if found := begun(tree, texts); len(found) > 0 {
			return found
		}
	}
	file, found := compile(asked.File, texts)
	if len(found) > 0 || err != nil {
		return found
	}
	if file != nil {
		found = mapped(file, tree, text)
	}
	return ordered(append(found, style(tree, text)...))
}

// begun judges what a file begins with: where it is wrong, the rest only looks wrong.
func begun(tree *ast.FileNode, texts map[string]string) []fault {
	text := texts[tree.Name()]
	if tree.Syntax == nil && tree.Edition == nil {
		return []fault{{1, 1, "no syntax: the file would be read as proto2; " +
			`begin with syntax = "proto3"; or edition = "2023";`}}
	}
	var found []fault
	for _, decl := range tree.Decls {
		node, ok := decl.(*ast.ImportNode)
		if !ok {
			continue
		}
		path := node.Name.AsString()
		if _, here := texts[path]; here || known(path) {
			continue
		}
		line, column := place(text, tree.NodeInfo(node.Name).Start())
		found = append(found, fault{line, column, `no file "` + path + `" to import; there are ` +
			"google/protobuf, google/api, google/rpc and the page's own proto blocks with file="})
	}
	return found
}

func known(path string) bool {
	none := &protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(nil)}
	if _, err := protocompile.WithStandardImports(none).FindFileByPath(path); err == nil {
		return true
	}
	_, err := protoregistry.GlobalFiles.FindFileByPath(path)
	return err == nil
}

func compile(name string, texts map[string]string) (linker.File, []fault) {
	var found []fault
	report := func(e reporter.ErrorWithPos) {
		at := e.GetPosition()
		if at.Filename != name {
			return
		}
		line, column := place(texts[name], at)
		found = append(found, fault{line, column, said(e.Unwrap(), name)})
	}
	compiler := protocompile.Compiler{
		Resolver: protocompile.CompositeResolver{
			protocompile.WithStandardImports(&protocompile.SourceResolver{
				Accessor: protocompile.SourceAccessorFromMap(texts),
			}),
			protocompile.ResolverFunc(bundled),
		},
		Reporter: reporter.NewReporter(
			func(e reporter.ErrorWithPos) error { report(e); return nil },
			report,
		),
		MaxParallelism: 1,
	}
	files, err := compiler.Compile(context.Background(), name)
	if err != nil && len(found) == 0 && !elsewhere(err, name) {
		found = append(found, fault{1, 1, said(err, name)})
	}
	if err != nil {
		return nil, ordered(found)
	}
	return files.FindFileByPath(name), ordered(found)
}

// elsewhere tells that an import is at fault, where its own block says so.
func elsewhere(err error, name string) bool {
	if errors.Is(err, reporter.ErrInvalidSource) {
		return true
	}
	at, ok := errors.AsType[reporter.ErrorWithPos](err)
	return ok && at.GetPosition().Filename != name
}

func bundled(path string) (protocompile.SearchResult, error) {
	file, err := protoregistry.GlobalFiles.FindFileByPath(path)
	if err != nil {
		return protocompile.SearchResult{}, err
	}
	return protocompile.SearchResult{Proto: protoutil.ProtoFromFileDescriptor(file)}, nil
}

// said puts a message on one line; the compiler's lines are those of the file, a part of a page.
func said(err error, name string) string {
	own := regexp.MustCompile(`(^|\s)` + regexp.QuoteMeta(name) + `:(\d+):\d+`)
	message := own.ReplaceAllString(err.Error(), "${1}line $2 of the block")
	if _, ok := errors.AsType[linker.ErrorUnusedImport](err); ok {
		message += "; use it or take it out"
	}
	return strings.TrimSuffix(strings.Join(strings.Fields(message), " "), ".")
}

// place counts columns in characters; the compiler counts tabs as up to eight.
func place(text string, at ast.SourcePos) (int, int) {
	offset := min(at.Offset, len(text))
	begin := strings.LastIndexByte(text[:offset], '\n') + 1
	return max(at.Line, 1), utf8.RuneCountInString(text[begin:offset]) + 1
}

func ordered(found []fault) []fault {
	slices.SortStableFunc(found, func(a, b fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return slices.CompactFunc(found, func(a, b fault) bool {
		return a.Line == b.Line && a.Column == b.Column
	})
}
