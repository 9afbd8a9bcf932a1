package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/otelcol"
)

func at(path []any, message string) Fault {
	return Fault{Path: append([]any{}, path...), Message: message}
}

// below is the path of what a part holds: it never shares memory with its siblings' paths.
func below(path []any, steps ...any) []any {
	return append(append([]any{}, path...), steps...)
}

// steps reads service::pipelines::traces::0 as names and indexes.
func steps(text string) []any {
	var path []any
	for _, one := range strings.Split(text, "::") {
		path = append(path, step(one))
	}
	return path
}

var part = regexp.MustCompile(`\[([^\]]*)\]|([^.\[]+)`)

// dotted reads service.pipelines[traces].exporters[0] as names and indexes.
func dotted(text string) []any {
	var path []any
	for _, match := range part.FindAllStringSubmatch(text, -1) {
		path = append(path, step(match[1]+match[2]))
	}
	return path
}

func step(text string) any {
	if number, err := strconv.Atoi(text); err == nil {
		return number
	}
	return text
}

// find gives the value at a path, and whether it is there.
func find(held any, path []any) (any, bool) {
	for _, one := range path {
		switch name := one.(type) {
		case string:
			below, _ := held.(map[string]any)
			next, there := below[name]
			if !there {
				return nil, false
			}
			held = next
		case int:
			items, _ := held.([]any)
			if name < 0 || name >= len(items) {
				return nil, false
			}
			held = items[name]
		}
	}
	return held, true
}

func value(held any, path []any) any {
	found, _ := find(held, path)
	return found
}

func present(held any, path []any) bool {
	_, there := find(held, path)
	return there
}

// remove takes a value out, or the nearest above it that has a name; whether something was there.
func remove(held map[string]any, path []any) bool {
	for n := len(path); n > 0; n-- {
		name, named := path[n-1].(string)
		above, ok := value(held, path[:n-1]).(map[string]any)
		if !named || !ok {
			continue
		}
		if _, there := above[name]; there {
			delete(above, name)
			return true
		}
	}
	return false
}

// drop takes a reference out of a list of the service.
func drop(config *otelcol.Config, path []any, name string) {
	other := func(id component.ID) bool { return id.String() == name }
	if path[1] == "extensions" {
		config.Service.Extensions = slices.DeleteFunc(config.Service.Extensions, other)
		return
	}
	for id, one := range config.Service.Pipelines {
		if id.String() != path[2] {
			continue
		}
		one.Receivers = slices.DeleteFunc(one.Receivers, other)
		one.Processors = slices.DeleteFunc(one.Processors, other)
		one.Exporters = slices.DeleteFunc(one.Exporters, other)
	}
}
