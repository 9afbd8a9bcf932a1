package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
)

// misnamed says that a field isn't known where the path leads, and which name is nearest.
func misnamed(path []any, name string) string {
	if strings.HasSuffix(name, "_sd_configs") {
		return fmt.Sprintf("unknown field %q: no such service discovery is built in here; there are %s", name, strings.Join(discovery.RegisteredConfigNames(), ", "))
	}
	where := "the top level"
	kind := reflect.TypeFor[config.Config]()
	for _, step := range path[:len(path)-1] {
		if text, ok := step.(string); ok {
			where = text
			kind = typeOf(kind, text)
		} else if kind != nil && kind.Kind() == reflect.Slice {
			kind = pointed(kind.Elem())
		}
	}
	best, near := "", 4
	for one := range named(kind) {
		if far := distance(name, one); far < near {
			best, near = one, far
		}
	}
	if best == "" {
		return fmt.Sprintf("unknown field %q in %s", name, where)
	}
	return fmt.Sprintf("unknown field %q in %s; the nearest is %q", name, where, best)
}

func pointed(kind reflect.Type) reflect.Type {
	for kind != nil && kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	return kind
}

func typeOf(kind reflect.Type, name string) reflect.Type {
	return pointed(named(kind)[name])
}

// named has the fields of a struct, and of those that stand in it without a name of their own.
func named(kind reflect.Type) map[string]reflect.Type {
	found := map[string]reflect.Type{}
	if kind == nil || kind.Kind() != reflect.Struct {
		return found
	}
	for n := range kind.NumField() {
		field := kind.Field(n)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if strings.Contains(options, "inline") {
			for one, held := range named(pointed(field.Type)) {
				found[one] = held
			}
		} else if name != "" && name != "-" {
			found[name] = field.Type
		}
	}
	return found
}

// distance counts the letters by which two names differ.
func distance(one, other string) int {
	row := make([]int, len(other)+1)
	for n := range row {
		row[n] = n
	}
	for n := range len(one) {
		last := slices.Clone(row)
		row[0] = n + 1
		for m := range len(other) {
			change := 1
			if one[n] == other[m] {
				change = 0
			}
			row[m+1] = min(row[m]+1, last[m+1]+1, last[m]+change)
		}
	}
	return row[len(other)]
}
