package main

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var unknown = regexp.MustCompile(`field (\S+) not found in type`)

// readable decodes each field of a mapping by itself, strictly, into a T. It takes out of the mapping
// what can't be read; the fields in later are only looked at for their name.
func readable[T any](node *yaml.Node, path []any, later ...string) []Fault {
	if node.Kind != yaml.MappingNode {
		return []Fault{at(path, "a mapping has to stand here")}
	}
	var found []Fault
	var kept []*yaml.Node
	for n := 0; n+1 < len(node.Content); n += 2 {
		key, held := node.Content[n], node.Content[n+1]
		if err := alone[T](key, held); err != nil && !slices.Contains(later, key.Value) {
			fault := at(below(path, key.Value), bare(err.Error()))
			if unknown.MatchString(err.Error()) {
				fault.Key = true
				fault.Message = fmt.Sprintf("unknown field %q; allowed are %s", key.Value, fields[T]())
			}
			found = append(found, fault)
			continue
		}
		kept = append(kept, key, held)
	}
	node.Content = kept
	return found
}

func alone[T any](key, held *yaml.Node) error {
	if key.Value == "<<" {
		return nil // its fields are those of another mapping, which is read where it stands
	}
	text, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{key, whole(held)}})
	if err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var into T
	return decoder.Decode(&into)
}

// fields lists what a T may have, quoted.
func fields[T any]() string {
	kind := reflect.TypeFor[T]()
	var names []string
	for n := range kind.NumField() {
		name, _, _ := strings.Cut(kind.Field(n).Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			names = append(names, fmt.Sprintf("%q", name))
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

var lines = regexp.MustCompile(`(?m)^\s*(?:yaml: )?(?:unmarshal errors:\s*)?(?:line \d+: )?`)

// bare takes off what a YAML reader says before its message.
func bare(message string) string {
	parts := strings.Split(strings.TrimPrefix(message, "yaml: unmarshal errors:\n"), "\n")
	return strings.TrimSpace(lines.ReplaceAllString(parts[0], ""))
}

// lower begins a message in lower case, unless it begins with an abbreviation.
func lower(message string) string {
	if len(message) < 2 || message[1] < 'a' || message[1] > 'z' {
		return message
	}
	return strings.ToLower(message[:1]) + message[1:]
}

func scalar(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

func resolved(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

// whole copies a node without anchors and aliases.
func whole(node *yaml.Node) *yaml.Node {
	made := *resolved(node)
	made.Anchor = ""
	made.Content = nil
	for _, one := range resolved(node).Content {
		made.Content = append(made.Content, whole(one))
	}
	return &made
}

// value is what a mapping holds under a name, or nil.
func value(node *yaml.Node, name string) *yaml.Node {
	if node.Kind != yaml.MappingNode {
		return nil
	}
	for n := 0; n+1 < len(node.Content); n += 2 {
		if node.Content[n].Value == name {
			return resolved(node.Content[n+1])
		}
	}
	return nil
}
