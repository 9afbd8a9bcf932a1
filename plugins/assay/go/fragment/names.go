package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"strings"
)

// region is the lines of a file that a page shows.
type region struct {
	File  string `json:"file"` // in the folder
	Lines []int  `json:"lines"`
}

// name is something that a region uses and the page's folder declares elsewhere.
type name struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// outside lists the names that a region uses and doesn't show the declaration of, by first use.
func outside(r region, known *library) (found []name, err error) {
	defer func() {
		if recover() != nil { // links are an extra: a type checker's own fault is no verdict
			found, err = []name{}, nil
		}
	}()
	c := &checker{known: known, fset: token.NewFileSet(), done: map[string]*types.Package{}}
	file := filepath.Join(known.folder, filepath.FromSlash(r.File))
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	files, err := c.parse(filepath.Dir(file), file)
	if err != nil {
		return nil, err
	}
	c.check("shown", files, info, false)
	shown := map[int]bool{}
	for _, line := range r.Lines {
		shown[line] = true
	}
	found = []name{}
	seen := map[types.Object]bool{}
	ast.Inspect(files[0], func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || !shown[c.fset.Position(id.Pos()).Line] {
			return true
		}
		object := info.Uses[id]
		if f, ok := object.(*types.Func); ok {
			object = f.Origin()
		} else if v, ok := object.(*types.Var); ok {
			object = v.Origin()
		}
		if _, imported := object.(*types.PkgName); object == nil || imported || seen[object] {
			return true
		}
		at := c.fset.Position(object.Pos())
		if at.Filename == "" || at.Filename == file && shown[at.Line] {
			return true
		}
		seen[object] = true
		rel, err := filepath.Rel(known.folder, at.Filename)
		if err == nil && !strings.HasPrefix(rel, "..") {
			found = append(found, name{id.Name, filepath.ToSlash(rel), at.Line, at.Column})
		}
		return true
	})
	return found, nil
}

// checker type-checks the folder's own packages from source. Of all others it knows only the
// name: what they have is no declaration that a page could link to.
type checker struct {
	known *library
	fset  *token.FileSet
	done  map[string]*types.Package
}

// parse reads a folder's package; `first` comes first, and its tests with it if it is one.
func (c *checker) parse(dir, first string) ([]*ast.File, error) {
	var files []*ast.File
	if first != "" {
		tree, err := parser.ParseFile(c.fset, first, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, tree)
	}
	paths, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, p := range paths {
		test := strings.HasSuffix(p, "_test.go")
		if p == first || test && !strings.HasSuffix(first, "_test.go") || !c.known.matches(dir, filepath.Base(p)) {
			continue
		}
		tree, err := parser.ParseFile(c.fset, p, nil, parser.SkipObjectResolution)
		if err == nil && (first == "" || tree.Name.Name == files[0].Name.Name) {
			files = append(files, tree)
		}
	}
	return files, nil
}

// check notes what it can tell; what it can't is no fault, the compiler has judged the code.
func (c *checker) check(p string, files []*ast.File, info *types.Info, outline bool) *types.Package {
	config := types.Config{Importer: c, Error: func(error) {}, IgnoreFuncBodies: outline}
	made, _ := config.Check(p, c.fset, files, info)
	return made
}

// Import gives the folder's own packages as they are declared, and others empty.
func (c *checker) Import(p string) (*types.Package, error) {
	if made := c.done[p]; made != nil {
		return made, nil
	}
	for _, own := range c.known.module() {
		if own.path == p {
			files, err := c.parse(own.dir, "")
			if err != nil {
				return nil, err
			}
			c.done[p] = c.check(p, files, nil, true)
			return c.done[p], nil
		}
	}
	base := c.known.nameOf(p)
	made := types.NewPackage(p, path.Base(base))
	made.MarkComplete()
	c.done[p] = made
	return made, nil
}
