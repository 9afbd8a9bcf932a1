package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/bufbuild/protocompile/ast"
)

// The rules are those of the official style guide (protobuf.dev/programming-guides/style) that
// need no knowledge of what a name means. Generated code mends names that break them, and so two
// of them may meet.
var (
	upperCamel = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	lowerSnake = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	upperSnake = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	packaged   = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*(\.[a-z][a-z0-9]*(_[a-z0-9]+)*)*$`)
)

type styler struct {
	tree  *ast.FileNode
	text  string
	found []fault
}

func style(tree *ast.FileNode, text string) []fault {
	s := &styler{tree: tree, text: text}
	named := false
	for _, decl := range tree.Decls {
		if p, ok := decl.(*ast.PackageNode); ok {
			named = true
			s.rule(p.Name, packaged, "package", "lower_snake.v1", nil)
		}
	}
	if !named {
		s.found = append(s.found, fault{1, 1, "no package: every name would be global, and meet " +
			"those of other files; write one, such as package shop.order.v1"})
	}
	_ = ast.Walk(tree, &ast.SimpleVisitor{
		DoVisitMessageNode: func(n *ast.MessageNode) error {
			return s.rule(n.Name, upperCamel, "message", "UpperCamelCase", camel)
		},
		DoVisitServiceNode: func(n *ast.ServiceNode) error {
			return s.rule(n.Name, upperCamel, "service", "UpperCamelCase", camel)
		},
		DoVisitRPCNode: func(n *ast.RPCNode) error {
			return s.rule(n.Name, upperCamel, "method", "UpperCamelCase", camel)
		},
		DoVisitFieldNode: func(n *ast.FieldNode) error {
			return s.rule(n.Name, lowerSnake, "field", "lower_snake_case", snake)
		},
		DoVisitMapFieldNode: func(n *ast.MapFieldNode) error {
			return s.rule(n.Name, lowerSnake, "field", "lower_snake_case", snake)
		},
		DoVisitOneofNode: func(n *ast.OneofNode) error {
			return s.rule(n.Name, lowerSnake, "oneof", "lower_snake_case", snake)
		},
		DoVisitEnumNode: func(n *ast.EnumNode) error {
			s.enum(n)
			return s.rule(n.Name, upperCamel, "enum", "UpperCamelCase", camel)
		},
		DoVisitEnumValueNode: func(n *ast.EnumValueNode) error {
			return s.rule(n.Name, upperSnake, "enum value", "UPPER_SNAKE_CASE", func(name string) string {
				return strings.ToUpper(snake(name))
			})
		},
	})
	return s.found
}

// enum wants the zero value to mean that nothing was set: readers get it for values unknown to them.
func (s *styler) enum(n *ast.EnumNode) {
	prefix := strings.ToUpper(snake(n.Name.Val)) + "_"
	for _, decl := range n.Decls {
		value, ok := decl.(*ast.EnumValueNode)
		if !ok {
			continue
		}
		name := value.Name.Val
		if number, ok := value.Number.AsInt64(); ok && number == 0 && upperSnake.MatchString(name) &&
			!strings.HasSuffix(name, "_UNSPECIFIED") && !strings.HasSuffix(name, "_UNKNOWN") {
			s.at(value.Name, "the zero value of %s is %s: it is also what an unset field reads as; "+
				"call it %sUNSPECIFIED", n.Name.Val, name, prefix)
		}
	}
}

func (s *styler) rule(
	n ast.Node, allowed *regexp.Regexp, kind, form string, mended func(string) string,
) error {
	name := s.tree.NodeInfo(n).RawText()
	if allowed.MatchString(name) {
		return nil
	}
	message := fmt.Sprintf("%s name '%s' isn't %s", kind, name, form)
	if mended != nil {
		message += fmt.Sprintf("; write '%s'", mended(name))
	}
	s.at(n, "%s", message)
	return nil
}

func (s *styler) at(n ast.Node, format string, values ...any) {
	line, column := place(s.text, s.tree.NodeInfo(n).Start())
	s.found = append(s.found, fault{line, column, fmt.Sprintf(format, values...)})
}

func camel(name string) string {
	var made strings.Builder
	up := true
	for _, r := range name {
		if r == '_' {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		up = false
		made.WriteRune(r)
	}
	return made.String()
}

// snake writes OrderID as order_id.
func snake(name string) string {
	var made strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && runes[i-1] != '_' &&
			(!unicode.IsUpper(runes[i-1]) || (i+1 < len(runes) && unicode.IsLower(runes[i+1]))) {
			made.WriteRune('_')
		}
		made.WriteRune(unicode.ToLower(r))
	}
	return made.String()
}
