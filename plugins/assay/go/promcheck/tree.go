package main

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// tree is a YAML document from which parts are taken out; what is left keeps its first path.
type tree struct {
	root  *yaml.Node
	paths map[*yaml.Node][]any
	keys  map[*yaml.Node]*yaml.Node
	above map[*yaml.Node]*yaml.Node
	// Every value, those above before those below, as they stand in the text.
	order []*yaml.Node
}

func newTree(text string) (*tree, error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return nil, err
	}
	made := &tree{root: scalar("")}
	if len(document.Content) > 0 {
		made.root = whole(document.Content[0])
	}
	made.paths = map[*yaml.Node][]any{}
	made.keys = map[*yaml.Node]*yaml.Node{}
	made.above = map[*yaml.Node]*yaml.Node{}
	made.learn(made.root, nil)
	return made, nil
}

func (t *tree) learn(node *yaml.Node, path []any) {
	t.paths[node] = path
	t.order = append(t.order, node)
	node.Style &^= yaml.FlowStyle // a value on a line of its own
	switch node.Kind {
	case yaml.MappingNode:
		for n := 0; n+1 < len(node.Content); n += 2 {
			t.keys[node.Content[n+1]] = node.Content[n]
			t.above[node.Content[n+1]] = node
			t.learn(node.Content[n+1], below(path, node.Content[n].Value))
		}
	case yaml.SequenceNode:
		for n, item := range node.Content {
			t.above[item] = node
			t.learn(item, below(path, n))
		}
	}
}

func (t *tree) text() string {
	text, err := yaml.Marshal(t.root)
	if err != nil {
		return ""
	}
	return string(text)
}

// remove takes a value out, with its key.
func (t *tree) remove(node *yaml.Node) {
	above := t.above[node]
	if above == nil || !slices.Contains(above.Content, node) {
		return
	}
	first, last := slices.Index(above.Content, node), slices.Index(above.Content, node)+1
	if above.Kind == yaml.MappingNode {
		first--
	}
	above.Content = slices.Delete(slices.Clone(above.Content), first, last)
	t.order = t.order[:0]
	t.list(t.root)
}

func (t *tree) list(node *yaml.Node) {
	t.order = append(t.order, node)
	for n, one := range node.Content {
		if node.Kind != yaml.MappingNode || n%2 == 1 {
			t.list(one)
		}
	}
}

// without reads the document as if a value weren't there.
func (t *tree) without(node *yaml.Node) string {
	above := t.above[node]
	kept := above.Content
	t.remove(node)
	said := unnumbered(load(t.text()))
	above.Content = kept
	t.order = t.order[:0]
	t.list(t.root)
	return said
}

// only reads the document as if a value's siblings weren't there, but for plain ones: a name may be
// among them that it can't do without.
func (t *tree) only(node *yaml.Node) string {
	above := t.above[node]
	kept := above.Content
	above.Content = nil
	for n, one := range kept {
		key := above.Kind == yaml.MappingNode && n%2 == 0
		if key && (kept[n+1] == node || kept[n+1].Kind == yaml.ScalarNode) {
			above.Content = append(above.Content, one, kept[n+1])
		} else if above.Kind == yaml.SequenceNode && one == node {
			above.Content = append(above.Content, one)
		}
	}
	said := unnumbered(load(t.text()))
	above.Content = kept
	return said
}

// blamed finds the smallest part that a message is about: without it the message is gone, and either
// nothing else is said, or the part alone brings the message, or the message quotes it.
func (t *tree) blamed(message string) (*yaml.Node, []any) {
	message = unnumbered(message)
	var found *yaml.Node
	for node := t.root; node != nil; {
		var next *yaml.Node
		for _, one := range t.held(node) {
			said := t.without(one)
			if said == "" || said != message && (t.only(one) == message || t.quotes(message, one)) {
				next = one
			}
		}
		if next != nil {
			found = next
		}
		node = next
	}
	if found == nil {
		return nil, nil
	}
	return found, t.paths[found]
}

// quotes reports whether a message quotes a value of a part, other than the name of the part.
func (t *tree) quotes(message string, node *yaml.Node) bool {
	if key := t.keys[node]; key != nil && key.Value == "job_name" {
		return false
	}
	if node.Kind == yaml.ScalarNode {
		return strings.Contains(message, `"`+node.Value+`"`)
	}
	return slices.ContainsFunc(t.held(node), func(one *yaml.Node) bool { return t.quotes(message, one) })
}

func (t *tree) held(node *yaml.Node) []*yaml.Node {
	var list []*yaml.Node
	for n, one := range node.Content {
		if node.Kind != yaml.MappingNode || n%2 == 1 {
			list = append(list, one)
		}
	}
	return list
}

var inLines = regexp.MustCompile(`line \d+: `)

// unnumbered takes line numbers off: they change when something is taken out.
func unnumbered(message string) string {
	return inLines.ReplaceAllString(message, "")
}
