package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bufbuild/protocompile/ast"
	"github.com/bufbuild/protocompile/linker"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

var variable = regexp.MustCompile(`\{([\w.]+)(=[^{}]*)?\}`)

// mapped judges google.api.http: a gateway refuses a path or body whose field its request lacks.
func mapped(file linker.File, tree *ast.FileNode, text string) []fault {
	s := &styler{tree: tree, text: text}
	calls := map[string]*ast.RPCNode{}
	_ = ast.Walk(tree, &ast.SimpleVisitor{DoVisitRPCNode: func(n *ast.RPCNode) error {
		calls[n.Name.Val] = n
		return nil
	}})
	services := file.Services()
	for i := range services.Len() {
		methods := services.Get(i).Methods()
		for j := range methods.Len() {
			method := methods.Get(j)
			node, rule := calls[string(method.Name())], httpRule(method)
			if node == nil || rule == nil {
				continue
			}
			for _, one := range append([]*annotations.HttpRule{rule}, rule.AdditionalBindings...) {
				s.rules(one, method, node)
			}
		}
	}
	return s.found
}

// httpRule reads the option with the generated type, whatever type the compiler read it with.
func httpRule(method protoreflect.MethodDescriptor) *annotations.HttpRule {
	raw, err := proto.Marshal(method.Options())
	if err != nil {
		return nil
	}
	options := &descriptorpb.MethodOptions{}
	if proto.Unmarshal(raw, options) != nil || !proto.HasExtension(options, annotations.E_Http) {
		return nil
	}
	rule, _ := proto.GetExtension(options, annotations.E_Http).(*annotations.HttpRule)
	return rule
}

func (s *styler) rules(
	rule *annotations.HttpRule, method protoreflect.MethodDescriptor, node *ast.RPCNode,
) {
	path := rule.GetGet() + rule.GetPut() + rule.GetPost() + rule.GetDelete() + rule.GetPatch() +
		rule.GetCustom().GetPath()
	if path != "" && !strings.HasPrefix(path, "/") {
		s.within(node, path, 0, fmt.Sprintf("the path '%s' doesn't begin with '/'", path))
	}
	if rest := variable.ReplaceAllString(path, ""); strings.ContainsAny(rest, "{}") {
		s.within(node, path, 0, fmt.Sprintf("the path '%s' has a brace that isn't one of a pair", path))
	}
	for _, at := range variable.FindAllStringSubmatchIndex(path, -1) {
		if name := path[at[2]:at[3]]; !has(method.Input(), name) {
			s.within(node, path, at[2], lacking("path", name, method))
		}
	}
	if body := rule.GetBody(); body != "" && body != "*" && !has(method.Input(), body) {
		s.within(node, body, 0, lacking("body", body, method))
	}
}

func lacking(what, name string, method protoreflect.MethodDescriptor) string {
	var names []string
	fields := method.Input().Fields()
	for i := range fields.Len() {
		names = append(names, fmt.Sprintf("'%s'", fields.Get(i).Name()))
	}
	return fmt.Sprintf("the %s names the field '%s', which %s doesn't have; it has %s",
		what, name, method.Input().Name(), strings.Join(names, ", "))
}

func has(message protoreflect.MessageDescriptor, path string) bool {
	for part := range strings.SplitSeq(path, ".") {
		if message == nil {
			return false
		}
		field := message.Fields().ByName(protoreflect.Name(part))
		if field == nil {
			return false
		}
		message = field.Message()
	}
	return true
}

// within puts a fault into the string of the method that holds `value`.
func (s *styler) within(node *ast.RPCNode, value string, offset int, message string) {
	var at ast.Node = node.Name
	shift := 0
	_ = ast.Walk(node, &ast.SimpleVisitor{DoVisitStringLiteralNode: func(n *ast.StringLiteralNode) error {
		if n.Val == value && at == node.Name {
			at, shift = n, 1+offset
		}
		return nil
	}})
	line, column := place(s.text, s.tree.NodeInfo(at).Start())
	s.found = append(s.found, fault{line, column + shift, message})
}
