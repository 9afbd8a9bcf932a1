package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const nested = "decoding failed due to the following error(s):"

var (
	reference = regexp.MustCompile(`^(service::\S+): references (receiver|processor|exporter|extension) "([^"]+)" which is not configured`)
	oneEnded  = regexp.MustCompile(`^connector "([^"]+)"`)
	line      = regexp.MustCompile(`^'([^']*)' (.*)$`)
	unknown   = regexp.MustCompile(`^unknown type: "[^"]*" for id: "([^"]*)" \(valid values: \[(.*)\]\)$`)
	badID     = regexp.MustCompile(`^in "([^"]*)" id: (.*)$`)
	reading   = regexp.MustCompile(`^error reading configuration for "([^"]*)": (.*)$`)
	placed    = regexp.MustCompile(`^([a-z_]+(?:::[^\s:]+)*): (.*)$`)
)

// unread takes apart what the collector says when it can't decode: one line for each fault, below
// the lines that say within what.
func (d *document) unread(err error) []Fault {
	var found []Fault
	var within []any
	for _, text := range strings.Split(err.Error(), "\n") {
		match := line.FindStringSubmatch(text)
		if match == nil {
			continue
		}
		path, message := d.near(within, dotted(match[1])), match[2]
		if one := reading.FindStringSubmatch(message); one != nil {
			path, message = below(path, one[1]), one[2]
		}
		if message == nested {
			within = path
			continue
		}
		found = append(found, d.fault(path, message)...)
	}
	if len(found) == 0 {
		return []Fault{at(nil, err.Error())}
	}
	return found
}

func (d *document) fault(path []any, message string) []Fault {
	if names, found := strings.CutPrefix(message, "has invalid keys: "); found {
		var list []Fault
		for _, name := range strings.Split(names, ", ") {
			message := fmt.Sprintf("unknown key %q in %s%s", name, where(path), d.allowed(path))
			list = append(list, Fault{Path: below(path, name), Key: true, Message: message})
		}
		return list
	}
	if match := unknown.FindStringSubmatch(message); match != nil {
		kind := strings.TrimSuffix(fmt.Sprint(path[0]), "s")
		there := strings.Fields(match[2])
		slices.Sort(there)
		return []Fault{{Path: below(path, match[1]), Key: true, Message: fmt.Sprintf(
			`the collector here has no %s %q; it has %s; for one of another distribution write kind="yaml"`,
			kind, match[1], strings.Join(there, ", "))}}
	}
	if match := badID.FindStringSubmatch(message); match != nil {
		return []Fault{{Path: below(path, match[1]), Key: true, Message: match[2]}}
	}
	_, deep := value(d.raw, path).(map[string]any)
	if strings.HasPrefix(message, "time: ") {
		message = fmt.Sprintf(`%q is no duration; write one like "200ms" or "5s"`, fmt.Sprint(value(d.raw, path)))
	}
	message = strings.Replace(message, "map[string]interface {}", "map", 1)
	return []Fault{{Path: path, Key: deep, Message: message}}
}

// validated takes apart what the collector says about a configuration that it could decode; whether
// it says nothing.
func (d *document) validated(err error) bool {
	if err == nil {
		return true
	}
	for _, text := range strings.Split(err.Error(), "\n") {
		match := placed.FindStringSubmatch(text)
		if match == nil {
			d.found = append(d.found, at(nil, text))
			continue
		}
		path := d.near(nil, steps(match[1]))
		// what is said about a component may follow from what stands for a variable, or from a file
		// that only the place has where the collector runs
		elsewhere := strings.Contains(match[2], "no such file or directory") ||
			len(path) > 1 && strings.Contains(fmt.Sprint(value(d.raw, path[:2])), "${")
		if !elsewhere {
			_, deep := value(d.raw, path).(map[string]any)
			key := deep || value(d.raw, path) == nil
			d.found = append(d.found, Fault{Path: path, Key: key, Message: inOrder(match[2])})
		}
	}
	return false
}

var list = regexp.MustCompile(`\(\["[^\]]*\]\)`)

// inOrder sorts what a message lists as it came out of a map: it has to be the same on every run.
func inOrder(message string) string {
	return list.ReplaceAllStringFunc(message, func(text string) string {
		items := strings.Fields(text[2 : len(text)-2])
		slices.Sort(items)
		return "([" + strings.Join(items, " ") + "])"
	})
}

// near joins a path to the one that it is said to be within, as far as the document has it: where the
// collector names a type of its own instead, the part as a whole is meant.
func (d *document) near(within, path []any) []any {
	joined := below(within, path...)
	if value(d.raw, joined) != nil || len(within) == 0 {
		for len(joined) > 0 && !present(d.raw, joined) {
			joined = joined[:len(joined)-1]
		}
		return joined
	}
	for len(joined) > len(within) && !present(d.raw, joined) {
		joined = joined[:len(joined)-1]
	}
	return joined
}

func where(path []any) string {
	if len(path) == 0 {
		return "the top level"
	}
	return fmt.Sprint(path[len(path)-1])
}
