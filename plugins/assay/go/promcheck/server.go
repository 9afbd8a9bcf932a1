package main

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/config"
	_ "github.com/prometheus/prometheus/plugins" // service discovery, as build tags leave it in
	"go.yaml.in/yaml/v3"
)

// rounds bounds how many faults of one configuration are looked for.
const rounds = 25

// server judges a server's configuration. The library stops at its first fault and doesn't always say
// where it is: then the smallest part is looked for without which that fault is gone. It is taken out,
// and the rest read again.
func server(text string) []Fault {
	left, err := newTree(text)
	if err != nil {
		return []Fault{at(nil, err.Error())}
	}
	var found []Fault
	for range rounds {
		message := load(left.text())
		if message == "" {
			break
		}
		more := left.lined(message)
		if len(more) == 0 {
			node, path := left.blamed(message)
			if !above(path, found) {
				more = []Fault{at(path, lower(message))}
			}
			if node == nil {
				return append(found, more...)
			}
			left.remove(node)
		}
		found = append(found, more...)
	}
	return found
}

// load reads a configuration as the server does, and gives what it says against it.
func load(text string) string {
	_, err := config.Load(text, promslog.NewNopLogger())
	if err == nil {
		return ""
	}
	return err.Error()
}

// above reports whether a fault was found within the path: what is said about the whole then may only
// follow from what was taken out.
func above(path []any, found []Fault) bool {
	for _, one := range found {
		if len(one.Path) > len(path) && reflect.DeepEqual(one.Path[:len(path)], append([]any{}, path...)) {
			return true
		}
	}
	return false
}

var numbered = regexp.MustCompile(`^line (\d+): (.*)$`)

// lined takes the faults out that a message names with their lines.
func (t *tree) lined(message string) []Fault {
	if !strings.Contains(message, "unmarshal errors:") {
		return nil
	}
	copied, err := newTree(t.text())
	if err != nil {
		return nil
	}
	var found []Fault
	var gone []*yaml.Node
	seen := map[string]bool{}
	for _, part := range strings.Split(message, "\n") {
		match := numbered.FindStringSubmatch(strings.TrimSpace(part))
		if match == nil || seen[part] {
			continue
		}
		seen[part] = true
		line, _ := strconv.Atoi(match[1])
		node, key := t.onLine(copied, line, match[2])
		if node == nil {
			continue
		}
		fault := at(t.paths[node], match[2])
		fault.Key = key
		if name := unknown.FindStringSubmatch(match[2]); name != nil {
			fault.Message = misnamed(t.paths[node], name[1])
		}
		found = append(found, fault)
		gone = append(gone, node)
	}
	for _, node := range gone {
		t.remove(node)
	}
	return found
}

// onLine finds the value that a message about a line of the written text means, in this tree. A field
// that is unknown is meant by its name.
func (t *tree) onLine(written *tree, line int, message string) (*yaml.Node, bool) {
	name := unknown.FindStringSubmatch(message)
	var best *yaml.Node
	for n, held := range written.order {
		key := written.keys[held]
		if name != nil {
			if key != nil && key.Line == line && key.Value == name[1] {
				return t.order[n], true
			}
			continue
		}
		if held.Line == line && (best == nil || meant(message, held)) {
			best = t.order[n]
		}
	}
	return best, false
}

var shortened = regexp.MustCompile("cannot unmarshal !!str `(.*?)(?:\\.\\.\\.)?` into")

// meant reports whether a message that shows the beginning of a value shows this one's.
func meant(message string, node *yaml.Node) bool {
	match := shortened.FindStringSubmatch(message)
	return match != nil && node.Kind == yaml.ScalarNode && strings.HasPrefix(node.Value, match[1])
}
