package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
)

// fragment is a block without a package clause, with the blocks that are in scope for it.
type fragment struct {
	File    string    `json:"file"` // where the closed text will stand: folder and name
	Text    string    `json:"text"`
	Wrap    *wrap     `json:"wrap"`
	Strict  bool      `json:"strict"` // its results count as unused
	Context []context `json:"context"`
}

type context struct {
	Name string `json:"name"`
	File string `json:"file"`
	Text string `json:"text"`
	Wrap *wrap  `json:"wrap"`
}

// wrap is the function that statements stand in.
type wrap struct {
	Name       string   `json:"name"`
	Parameters string   `json:"parameters"`
	Results    string   `json:"results"`
	Returns    string   `json:"returns"`
	Imports    []string `json:"imports"`
}

// closed is what the toolchain can judge. Line directives in the files map every line back: to the
// file's own name and the text's own lines, or to generated.go for what was added.
type closed struct {
	Kind    kind              `json:"kind"`
	Files   map[string]string `json:"files"`
	Imports []string          `json:"imports"` // the ones that were found
	Syntax  []fault           `json:"syntax"`
	Faults  []fault           `json:"faults"`
	Notes   map[string]note   `json:"notes"` // names that no package was found for
}

const (
	generated = "generated.go"
	function  = "fragmentBody"
)

// closeFragment makes the fragment and its context one package.
func closeFragment(f fragment, known *library) closed {
	out := closed{
		Files: map[string]string{}, Imports: []string{}, Syntax: []fault{}, Faults: []fault{},
		Notes: map[string]note{},
	}
	var pieces []*piece
	for _, c := range f.Context {
		pieces = append(pieces, &piece{file: c.File, text: lines(c.Text), wrap: c.Wrap})
	}
	own := &piece{file: f.File, text: lines(f.Text), wrap: f.Wrap}
	pieces = append(pieces, own)
	for number, p := range pieces {
		if fault := p.read(); fault != nil {
			fault.Piece = number
			out.Syntax = append(out.Syntax, *fault)
		} else if fault := p.directive(); fault != nil {
			fault.Piece = number
			out.Faults = append(out.Faults, *fault)
		}
	}
	out.Kind = own.kind
	if len(out.Syntax) > 0 || len(out.Faults) > 0 {
		return out
	}
	if message := misfit(f, pieces); message != "" {
		out.Faults = append(out.Faults, fault{Piece: len(pieces) - 1, Message: message})
		return out
	}
	c := closer{pieces: pieces, own: own, strict: f.Strict, known: known, out: &out}
	c.close()
	return out
}

func lines(text string) string {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

// misfit says why these pieces can't be one package, "" if they can.
func misfit(f fragment, pieces []*piece) string {
	own := pieces[len(pieces)-1]
	if own.kind == declarations {
		if own.wrap != nil {
			return fmt.Sprintf("wrap=%q closes statements, and these are declarations; delete wrap=", own.wrap.Name)
		}
		for number, c := range f.Context {
			if kind := pieces[number].kind; kind == statements || kind == expression {
				return fmt.Sprintf("context %q holds statements, which declarations can't see; "+
					"make it declarations, or write statements here", c.Name)
			}
		}
		return ""
	}
	wrapped := own.wrap
	for number, c := range f.Context {
		p := pieces[number]
		if p.kind == whole || p.kind == declarations || p.wrap == nil {
			continue
		}
		if wrapped != nil && wrapped.Name != p.wrap.Name {
			return fmt.Sprintf("wrap=%q and the wrap=%q of context %q can't both be the function "+
				"around this; name one wrapper", wrapped.Name, p.wrap.Name, c.Name)
		}
		wrapped = p.wrap
	}
	own.wrap = wrapped
	return ""
}

// closer writes the files of one fragment.
type closer struct {
	pieces   []*piece
	own      *piece
	strict   bool
	known    *library
	out      *closed
	declared map[string]bool   // names at package level
	siblings map[string]string // imports that a block in scope has chosen, by local name
}

func (c *closer) close() {
	c.declared, c.siblings = map[string]bool{}, map[string]string{}
	for _, p := range c.pieces {
		if p.kind == whole || p.kind == declarations {
			declare(p.tree, c.declared)
			for name, path := range c.known.imports(p.tree) {
				c.siblings[name] = path
			}
		}
	}
	name := "fragment"
	if c.own.kind == declarations && declaresMain(c.own.tree) {
		name = "main" // so that the compiler judges its signature
	}
	var inside []*piece
	for _, p := range c.pieces {
		switch {
		case p.kind == whole:
			c.out.Files[p.file] = renamed(p, name)
		case p.kind != declarations:
			inside = append(inside, p)
		case onlyImports(p.tree):
			c.out.Files[p.file] = c.added() + "package " + name + "\n" + c.at(p) + c.blanked(p)
		default:
			c.out.Files[p.file] = c.head(name, p.tree, nil) + c.at(p) + p.text
		}
	}
	if c.own.kind == statements || c.own.kind == expression {
		c.out.Files[c.own.file] = c.body(name, inside)
	}
	slices.Sort(c.out.Imports)
	c.out.Imports = slices.Compact(c.out.Imports)
}

// body puts the statements into one function, and uses what they declare: the scope is still open
// at the end of a fragment, so its next line may be the one that uses it.
func (c *closer) body(pkg string, inside []*piece) string {
	around := c.own.wrap
	if around == nil {
		around = &wrap{}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "func %s(%s) %s {\n", function, around.Parameters, around.Results)
	var results []string
	for _, p := range inside {
		if p.kind == expression {
			text.WriteString(c.added() + "_ =\n")
		}
		text.WriteString(c.at(p) + p.text)
		if p != c.own {
			results = append(results, variables(p.body().List)...)
		} else if !c.strict {
			results = append(results, open(p.body().List)...)
		}
	}
	text.WriteString(c.added())
	slices.Sort(results)
	for _, name := range slices.Compact(results) {
		fmt.Fprintf(&text, "_ = &%s\n", name)
	}
	if around.Returns != "" {
		fmt.Fprintf(&text, "return %s\n", around.Returns)
	}
	text.WriteString("}\n")
	tree, err := parser.ParseFile(token.NewFileSet(), "", declarationLead+text.String(), 0)
	if err != nil { // each piece was read alone: only the wrapper's own text can be wrong
		c.out.Faults = append(c.out.Faults, fault{Piece: len(c.pieces) - 1, Message: err.Error()})
		return ""
	}
	return c.head(pkg, tree, around.Imports) + text.String()
}

// head writes the package clause and the imports that a file needs.
func (c *closer) head(pkg string, tree *ast.File, fixed []string) string {
	have := c.known.imports(tree)
	chosen := map[string]string{} // path by local name
	for _, p := range fixed {
		chosen[path.Base(p)] = p
	}
	for name, selectors := range references(tree) {
		if have[name] != "" || chosen[name] != "" || c.declared[name] {
			continue
		}
		if p := c.siblings[name]; p != "" {
			chosen[name] = p
		} else if p, why := c.known.find(name, selectors); p != "" {
			chosen[name] = p
			c.out.Imports = append(c.out.Imports, p)
		} else {
			c.out.Notes[name] = why
		}
	}
	var text strings.Builder
	text.WriteString(c.added() + "package " + pkg + "\n")
	for _, name := range slices.Sorted(maps.Keys(chosen)) {
		fmt.Fprintf(&text, "import %s %q\n", name, chosen[name])
	}
	return text.String()
}

// at says that what follows is a piece's own text. The path is absolute: compilers before Go 1.27
// took a relative one as it is, later ones put the file's folder before it.
func (c *closer) at(p *piece) string {
	return fmt.Sprintf("//line %s:1:1\n", path.Join(c.known.folder, p.file))
}

// added says that what follows is nobody's text.
func (c *closer) added() string {
	return fmt.Sprintf("//line %s:1:1\n", path.Join(c.known.folder, path.Dir(c.own.file), generated))
}

// renamed gives a complete file the package name that all files here share.
func renamed(p *piece, name string) string {
	at := p.fset.PositionFor(p.tree.Name.Pos(), false).Offset
	return p.text[:at] + name + p.text[at+len(p.tree.Name.Name):]
}

// blanked makes imports that nothing uses legal: what a block of only imports shows is that the
// packages exist, and which ones the blocks after it mean.
func (c *closer) blanked(p *piece) string {
	text, done := "", 0
	for _, spec := range p.tree.Imports {
		at := p.fset.PositionFor(spec.Pos(), false)
		start := at.Offset - len(declarationLead)
		text += p.text[done:start]
		text += fmt.Sprintf("/*line %s:%d:%d*/_ ", path.Join(c.known.folder, p.file), at.Line-1, at.Column)
		done = p.fset.PositionFor(spec.Path.Pos(), false).Offset - len(declarationLead)
	}
	return text + p.text[done:]
}
