package main

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// note says why no package was chosen for a name: several have all that is used, or the ones of
// that name lack something.
type note struct {
	Choices []string            `json:"choices"`
	Lacking map[string][]string `json:"lacking"`
}

// library is what can be imported: the standard library, the folder's own module, and the modules
// that its go.mod names.
type library struct {
	goroot, folder, modules string
	context                 build.Context
	tagged                  bool
	std                     []string // import paths
	own                     []place
	required                []place // module paths and folders
}

// place is a package, or a module, with its folder.
type place struct {
	path, dir, name string
}

var (
	version   = regexp.MustCompile(`^v[0-9]+$`)
	judged    = regexp.MustCompile(`^block[0-9]+$`) // the packages of the page's other blocks
	requireRE = regexp.MustCompile(`(?m)^(?:require)?\s*([^\s()/]+\.[^\s()]+)\s+(v[^\s]+)[ \t]*$`)
	moduleRE  = regexp.MustCompile(`(?m)^module\s+(\S+)`)
)

func newLibrary(goroot, folder, modules string) *library {
	context := build.Default
	context.GOROOT, context.CgoEnabled, context.ToolTags = goroot, false, nil
	return &library{goroot: goroot, folder: folder, modules: modules, context: context}
}

// find returns the one package that a name can mean, as goimports would find it, or why there is
// none. A versioned path is the last resort, as `rand` is math/rand before math/rand/v2.
func (l *library) find(name string, selectors map[string]bool) (string, note) {
	var wanted []string
	for s := range selectors {
		if !ast.IsExported(s) {
			return "", note{} // a variable's field or method
		}
		wanted = append(wanted, s)
	}
	slices.Sort(wanted)
	why := note{Lacking: map[string][]string{}}
	plain, versioned := l.candidates(name)
	fit := l.fitting(plain, wanted, why.Lacking)
	if len(fit) != 1 {
		fit = append(fit, l.fitting(versioned, wanted, why.Lacking)...)
	}
	if len(fit) == 0 {
		fit = l.fitting(l.dependencies(name), wanted, why.Lacking)
	}
	if len(fit) == 1 {
		return fit[0], note{}
	}
	slices.Sort(fit)
	return "", note{Choices: fit, Lacking: why.Lacking}
}

func (l *library) fitting(from []place, wanted []string, lacking map[string][]string) []string {
	var fit []string
	for _, p := range from {
		switch missing, exists := l.missing(p.dir, wanted); {
		case !exists:
		case len(missing) == 0:
			fit = append(fit, p.path)
		default:
			lacking[p.path] = missing
		}
	}
	return fit
}

// candidates lists the packages of that name in the standard library and the folder's module.
func (l *library) candidates(name string) (plain, versioned []place) {
	for _, p := range l.standard() {
		dir := filepath.Join(l.goroot, "src", filepath.FromSlash(p))
		switch base := path.Base(p); {
		case base == name:
			plain = append(plain, place{path: p, dir: dir})
		case version.MatchString(base) && path.Base(path.Dir(p)) == name:
			versioned = append(versioned, place{path: p, dir: dir})
		}
	}
	for _, p := range l.module() {
		if p.name == name {
			plain = append(plain, p)
		}
	}
	return plain, versioned
}

func (l *library) standard() []string {
	if l.std == nil {
		root := filepath.Join(l.goroot, "src")
		l.walk(root, func(dir string) bool {
			base := filepath.Base(dir)
			return base == "internal" || base == "cmd" && filepath.Dir(dir) == root
		}, func(dir string) {
			rel, _ := filepath.Rel(root, dir)
			l.std = append(l.std, filepath.ToSlash(rel))
		})
	}
	return l.std
}

// module lists the packages of the page's folder that can be imported.
func (l *library) module() []place {
	if l.own == nil {
		l.own = []place{}
		text, _ := os.ReadFile(filepath.Join(l.folder, "go.mod"))
		match := moduleRE.FindSubmatch(text)
		if match == nil {
			return l.own
		}
		l.walk(l.folder, func(dir string) bool {
			return filepath.Dir(dir) == l.folder && judged.MatchString(filepath.Base(dir))
		}, func(dir string) {
			rel, _ := filepath.Rel(l.folder, dir)
			if name := l.packageName(dir); name != "" && name != "main" {
				l.own = append(l.own, place{path.Join(string(match[1]), filepath.ToSlash(rel)), dir, name})
			}
		})
	}
	return l.own
}

// requirements lists the modules that go.mod requires directly.
func (l *library) requirements() []place {
	if l.required == nil {
		l.required = []place{}
		text, _ := os.ReadFile(filepath.Join(l.folder, "go.mod"))
		for _, m := range requireRE.FindAllSubmatch(text, -1) { // `// indirect` has more on its line
			module := string(m[1])
			dir := filepath.Join(l.modules, escaped(module)+"@"+escaped(string(m[2])))
			l.required = append(l.required, place{path: module, dir: dir})
		}
	}
	return l.required
}

// dependencies lists the packages of that name in the modules that go.mod requires directly.
func (l *library) dependencies(name string) []place {
	var found []place
	for _, m := range l.requirements() {
		l.walk(m.dir, func(dir string) bool {
			base := filepath.Base(dir)
			_, err := os.Stat(filepath.Join(dir, "go.mod"))
			return base == "internal" || dir != m.dir && err == nil
		}, func(dir string) {
			rel, _ := filepath.Rel(m.dir, dir)
			p := path.Join(m.path, filepath.ToSlash(rel))
			tail := path.Base(path.Dir(p)) + "/" + path.Base(p)
			if strings.Contains(tail, name) && l.packageName(dir) == name {
				found = append(found, place{p, dir, name})
			}
		})
	}
	return found
}

// walk visits folders that have Go files and aren't hidden, vendored or test data.
func (l *library) walk(root string, skip func(string) bool, visit func(string)) {
	_ = filepath.WalkDir(root, func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil
		}
		base := filepath.Base(dir)
		if dir != root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") ||
			base == "testdata" || base == "vendor" || skip(dir)) {
			return filepath.SkipDir
		}
		if len(sources(dir)) > 0 {
			visit(dir)
		}
		return nil
	})
}

// sources lists a folder's Go files that aren't tests.
func sources(dir string) []string {
	entries, _ := os.ReadDir(dir)
	var found []string
	for _, e := range entries {
		name := e.Name()
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			found = append(found, name)
		}
	}
	return found
}

// packageName reads the name in a folder's package clauses, "" if no file takes part in a build.
func (l *library) packageName(dir string) string {
	for _, name := range sources(dir) {
		if l.matches(dir, name) {
			tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.PackageClauseOnly)
			if err == nil {
				return tree.Name.Name
			}
		}
	}
	return ""
}

// matches tells whether a file takes part in a build. Which experiments are on is known to the
// toolchain alone, and asked only where a file depends on one.
func (l *library) matches(dir, name string) bool {
	if !l.tagged {
		head, _ := os.ReadFile(filepath.Join(dir, name))
		if bytes.Contains(head, []byte("goexperiment.")) {
			l.tagged = true
			list := exec.Command(filepath.Join(l.goroot, "bin", "go"), "list", "-f",
				`{{range context.ToolTags}}{{.}} {{end}}`, "unsafe")
			if out, err := list.Output(); err == nil {
				l.context.ToolTags = strings.Fields(string(out))
			}
		}
	}
	ok, err := l.context.MatchFile(dir, name)
	return ok && err == nil
}

// missing lists which of the names a folder's package doesn't export; exists is whether it has a
// file that takes part in a build.
func (l *library) missing(dir string, names []string) (missing []string, exists bool) {
	missing = slices.Clone(names)
	for _, file := range sources(dir) {
		if !l.matches(dir, file) {
			continue
		}
		exists = true
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || !slices.ContainsFunc(missing, func(n string) bool { return bytes.Contains(text, []byte(n)) }) {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		have := map[string]bool{}
		declare(tree, have)
		missing = slices.DeleteFunc(missing, func(n string) bool { return have[n] })
		if len(missing) == 0 {
			break
		}
	}
	return missing, exists
}

// imports lists a file's imports by the name that they have in it.
func (l *library) imports(tree *ast.File) map[string]string {
	found := map[string]string{}
	for _, spec := range tree.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		if spec.Name != nil {
			found[spec.Name.Name] = p
		} else {
			found[l.nameOf(p)] = p
		}
	}
	return found
}

// nameOf tells what the package at an import path calls itself, by reading it where it is here.
func (l *library) nameOf(p string) string {
	for _, own := range l.module() {
		if own.path == p {
			return own.name
		}
	}
	for _, m := range l.requirements() {
		if rest, ok := strings.CutPrefix(p+"/", m.path+"/"); ok {
			if name := l.packageName(filepath.Join(m.dir, filepath.FromSlash(rest))); name != "" {
				return name
			}
		}
	}
	base := path.Base(p)
	if version.MatchString(base) && strings.Contains(p, "/") {
		base = path.Base(path.Dir(p))
	}
	base, _, _ = strings.Cut(base, ".v")
	return base
}

// escaped writes a module path or version as the module cache does.
func escaped(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsUpper(r) {
			b.WriteByte('!')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
