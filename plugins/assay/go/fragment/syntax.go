package main

import (
	"go/ast"
	"go/token"
	"slices"
)

// errorName is what Go programs call an error.
const errorName = "err"

// declare notes the names that a file declares at package level.
func declare(tree *ast.File, names map[string]bool) {
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				for _, name := range specNames(spec) {
					names[name.Name] = true
				}
			}
		}
	}
}

func specNames(spec ast.Spec) []*ast.Ident {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		return []*ast.Ident{spec.Name}
	case *ast.ValueSpec:
		return spec.Names
	}
	return nil
}

func declaresMain(tree *ast.File) bool {
	for _, d := range tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "main" {
			return true
		}
	}
	return false
}

// onlyImports tells whether a file has imports and nothing that could use them.
func onlyImports(tree *ast.File) bool {
	for _, d := range tree.Decls {
		if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.IMPORT {
			return false
		}
	}
	return len(tree.Imports) > 0
}

// variables lists what the statements declare in their own block, not in one inside it.
func variables(list []ast.Stmt) []string {
	var found []string
	add := func(names ...ast.Expr) {
		for _, name := range names {
			if id, ok := name.(*ast.Ident); ok && id.Name != "_" {
				found = append(found, id.Name)
			}
		}
	}
	for _, statement := range list {
		for {
			labeled, ok := statement.(*ast.LabeledStmt)
			if !ok {
				break
			}
			statement = labeled.Stmt
		}
		switch s := statement.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				add(s.Lhs...)
			}
		case *ast.DeclStmt:
			if g, ok := s.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, spec := range g.Specs {
					for _, name := range specNames(spec) {
						add(name)
					}
				}
			}
		}
	}
	return found
}

// references lists names that only a package can have, with what is taken from each: the base of a
// selector that nothing in the file declares.
func references(tree *ast.File) map[string]map[string]bool {
	found := map[string]map[string]bool{}
	ast.Inspect(tree, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := s.X.(*ast.Ident); ok && id.Obj == nil {
				if found[id.Name] == nil {
					found[id.Name] = map[string]bool{}
				}
				found[id.Name][s.Sel.Name] = true
			}
		}
		return true
	})
	return found
}

// open returns the variables of a block that a later line may still use. An error isn't one of them
// once the block has gone on without it: whoever looks at an error does so before the next step.
func open(list []ast.Stmt) []string {
	names := variables(list)
	if len(list) == 0 || mentions(list[len(list)-1], errorName) {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == errorName })
}

// mentions reports whether an identifier of that name stands anywhere in the statement.
func mentions(statement ast.Stmt, name string) bool {
	found := false
	ast.Inspect(statement, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return !found
	})
	return found
}
