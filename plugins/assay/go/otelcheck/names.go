package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/otelcol"
)

// allowed lists the keys that the collector has where a path leads, from the types of its configuration.
func (d *document) allowed(path []any) string {
	kind := reflect.TypeFor[otelcol.Config]()
	if len(path) > 1 && slices.Contains(sections, fmt.Sprint(path[0])) {
		kind = d.component(fmt.Sprint(path[0]), fmt.Sprint(path[1]))
		path = path[2:]
	} else if len(path) > 1 && path[1] == "telemetry" {
		kind = reflect.TypeOf(d.known.Telemetry.CreateDefaultConfig())
		path = path[2:]
	}
	for _, one := range path {
		kind = into(kind, one)
	}
	names := slices.Sorted(maps.Keys(keys(kind)))
	if len(names) == 0 {
		return ""
	}
	return `; allowed are "` + strings.Join(names, `", "`) + `"`
}

// component is the type of a component's configuration.
func (d *document) component(section, name string) reflect.Type {
	var id component.ID
	if id.UnmarshalText([]byte(name)) != nil {
		return nil
	}
	var made component.Factory
	switch section {
	case "receivers":
		made = d.known.Receivers[id.Type()]
	case "processors":
		made = d.known.Processors[id.Type()]
	case "exporters":
		made = d.known.Exporters[id.Type()]
	case "connectors":
		made = d.known.Connectors[id.Type()]
	case "extensions":
		made = d.known.Extensions[id.Type()]
	}
	if made == nil || reflect.ValueOf(made).IsZero() {
		return nil
	}
	return reflect.TypeOf(made.CreateDefaultConfig())
}

// into is the type of what a type holds under a name or an index.
func into(kind reflect.Type, step any) reflect.Type {
	kind = bare(kind)
	if kind == nil {
		return nil
	}
	switch kind.Kind() {
	case reflect.Struct:
		return keys(kind)[fmt.Sprint(step)]
	case reflect.Map, reflect.Slice:
		return kind.Elem()
	}
	return nil
}

// bare looks through pointers, and through the collector's type for what may be left out.
func bare(kind reflect.Type) reflect.Type {
	for kind != nil {
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
			continue
		}
		if kind.Kind() == reflect.Struct && strings.HasPrefix(kind.Name(), "Optional[") {
			if held, found := kind.FieldByName("value"); found {
				kind = held.Type
				continue
			}
		}
		return kind
	}
	return nil
}

// keys has the names of a struct's fields, with those that stand in it without a name of their own.
func keys(kind reflect.Type) map[string]reflect.Type {
	found := map[string]reflect.Type{}
	kind = bare(kind)
	if kind == nil || kind.Kind() != reflect.Struct {
		return found
	}
	for n := range kind.NumField() {
		field := kind.Field(n)
		name, options, tagged := strings.Cut(field.Tag.Get("mapstructure"), ",")
		if tagged && strings.Contains(options, "squash") {
			maps.Copy(found, keys(field.Type))
		} else if name != "" && name != "-" {
			found[name] = field.Type
		}
	}
	return found
}
