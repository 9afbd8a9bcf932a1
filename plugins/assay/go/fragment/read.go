package main

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// A kind is a way in which Go's own syntax reads a piece of text.
type kind string

const (
	whole        kind = "file"
	declarations kind = "declarations"
	statements   kind = "statements"
	expression   kind = "expression"
)

// fault is something wrong with a piece: a line and a byte column of its text, from 1.
type fault struct {
	Piece   int    `json:"piece"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// piece is one block as it was read.
type piece struct {
	file string // where it stands in the folder, or would
	text string
	kind kind
	tree *ast.File // declarations and files: the text itself; else a file made of it
	fset *token.FileSet
	wrap *wrap
}

const (
	declarationLead = "package p\n"
	statementLead   = "package p\nfunc _() {\n"
)

// read finds out what a text is, as gofmt does: declarations first, then statements. Where it is
// neither, the fault of the attempt that came further is the author's.
func (p *piece) read() *fault {
	if startsWith(p.text, token.PACKAGE) {
		p.kind = whole
		return p.parse("")
	}
	p.kind = declarations
	first := p.parse(declarationLead)
	if first == nil {
		return nil
	}
	mixed := strings.HasPrefix(first.Message, "expected declaration")
	if !mixed && !startsWith(p.text, token.FUNC) {
		return first
	}
	p.kind = statements
	second := p.parse(statementLead)
	if second == nil {
		if p.isExpression() {
			p.kind = expression
		}
		return nil
	}
	if first.Line > second.Line || (first.Line == second.Line && first.Column > second.Column) {
		if mixed {
			first.Message += "; a fragment is declarations or statements, not both"
		}
		return first
	}
	return second
}

// parse reads the text behind a lead of whole lines and returns the first syntax error.
func (p *piece) parse(lead string) *fault {
	source := lead + p.text
	if lead == statementLead {
		source += "}\n"
	}
	p.fset = token.NewFileSet()
	tree, err := parser.ParseFile(p.fset, "", source, parser.ParseComments)
	p.tree = tree
	skipped, lines := strings.Count(lead, "\n"), strings.Count(p.text, "\n")
	if lead == statementLead {
		if body := p.body(); body != nil && body.Rbrace.IsValid() {
			if at := p.fset.PositionFor(body.Rbrace, false); at.Line <= skipped+lines {
				return &fault{Line: at.Line - skipped, Column: at.Column, Message: "unexpected '}'; it closes nothing"}
			}
		}
	}
	list, ok := err.(scanner.ErrorList)
	if !ok || len(list) == 0 {
		return nil
	}
	at := list[0].Pos
	found := &fault{Line: at.Line - skipped, Column: at.Column, Message: list[0].Msg}
	if found.Line > lines { // the end of the text, wherever the generated end is
		found.Line = max(lines, 1)
		found.Column = len(strings.Split(p.text, "\n")[found.Line-1]) + 1
	}
	return found
}

// body is the function that the statements were put into.
func (p *piece) body() *ast.BlockStmt {
	if p.tree == nil || len(p.tree.Decls) == 0 {
		return nil
	}
	if f, ok := p.tree.Decls[0].(*ast.FuncDecl); ok {
		return f.Body
	}
	return nil
}

// isExpression tells whether the text is one value that can't stand as a statement.
func (p *piece) isExpression() bool {
	list := p.body().List
	if len(list) != 1 {
		return false
	}
	statement, ok := list[0].(*ast.ExprStmt)
	if !ok {
		return false
	}
	switch x := ast.Unparen(statement.X).(type) {
	case *ast.CallExpr:
		return isValue(x.Fun)
	case *ast.UnaryExpr:
		return x.Op != token.ARROW
	}
	return true
}

// isValue tells whether a call of this is only there for its value: a conversion, or a built-in
// function that the language does not allow as a statement.
func isValue(callee ast.Expr) bool {
	switch x := ast.Unparen(callee).(type) {
	case *ast.ArrayType, *ast.MapType, *ast.ChanType, *ast.FuncType, *ast.InterfaceType, *ast.StructType:
		return true
	case *ast.Ident:
		switch x.Name {
		case "append", "cap", "complex", "imag", "len", "make", "max", "min", "new", "real",
			"bool", "byte", "complex64", "complex128", "error", "float32", "float64", "int", "int8",
			"int16", "int32", "int64", "rune", "string", "uint", "uint8", "uint16", "uint32", "uint64",
			"uintptr", "any":
			return true
		}
	}
	return false
}

// directive finds a line directive: with one, a text could say that its faults are elsewhere.
func (p *piece) directive() *fault {
	skipped := 0
	switch p.kind {
	case declarations:
		skipped = 1
	case statements, expression:
		skipped = 2
	}
	for _, group := range p.tree.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//line ") || strings.HasPrefix(c.Text, "/*line ") {
				at := p.fset.PositionFor(c.Pos(), false)
				return &fault{
					Line: at.Line - skipped, Column: at.Column,
					Message: "a line directive would hide where this code stands; delete it",
				}
			}
		}
	}
	return nil
}

// startsWith tells whether this is the first token of the text.
func startsWith(text string, want token.Token) bool {
	fset := token.NewFileSet()
	var s scanner.Scanner
	s.Init(fset.AddFile("", fset.Base(), len(text)), []byte(text), nil, 0)
	_, got, _ := s.Scan()
	return got == want
}
