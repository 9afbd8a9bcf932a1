package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
)

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// prune takes out of the tree what its Go type can't hold, and says so with a place. Decoding
// alone stops at the first wrong type and names no field for a bad quantity.
func prune(tree map[string]any, gvk schema.GroupVersionKind) []Fault {
	object, err := legacyscheme.Scheme.New(gvk)
	if err != nil {
		return []Fault{fault(err.Error(), "apiVersion")}
	}
	var found []Fault
	structure(tree, reflect.TypeOf(object).Elem(), nil, &found)
	return found
}

// fits reports whether the value can stand where it is; faults below it are reported, and removed.
func fits(value any, kind reflect.Type, path []any, found *[]Fault) bool {
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if value == nil {
		return true
	}
	if reflect.PointerTo(kind).Implements(unmarshaler) {
		return parses(value, kind, path, found)
	}
	switch kind.Kind() {
	case reflect.Struct:
		return mapping(value, path, found, func(tree map[string]any) { structure(tree, kind, path, found) })
	case reflect.Map:
		return mapping(value, path, found, func(tree map[string]any) { entries(tree, kind, path, found) })
	case reflect.Slice:
		if kind.Elem().Kind() == reflect.Uint8 {
			return parses(value, kind, path, found)
		}
		return sequence(value, kind, path, found)
	default:
		return parses(value, kind, path, found)
	}
}

func mapping(value any, path []any, found *[]Fault, below func(map[string]any)) bool {
	tree, ok := value.(map[string]any)
	if !ok {
		return refuse(path, found, "a mapping is needed here, not %s", shown(value))
	}
	below(tree)
	return true
}

func sequence(value any, kind reflect.Type, path []any, found *[]Fault) bool {
	items, ok := value.([]any)
	if !ok {
		return refuse(path, found, "a list is needed here, not %s", shown(value))
	}
	good := true
	for number, item := range items {
		good = fits(item, kind.Elem(), with(path, number), found) && good
	}
	return good
}

func entries(tree map[string]any, kind reflect.Type, path []any, found *[]Fault) {
	for _, name := range sorted(tree) {
		if !fits(tree[name], kind.Elem(), with(path, name), found) {
			delete(tree, name)
		}
	}
}

func structure(tree map[string]any, kind reflect.Type, path []any, found *[]Fault) {
	fields := map[string]reflect.Type{}
	collect(kind, fields)
	for _, name := range sorted(tree) {
		field, known := fields[name]
		if !known {
			*found = append(*found, Fault{Path: with(path, name), Message: unknown(name, fields), Key: true})
			delete(tree, name)
		} else if !fits(tree[name], field, with(path, name), found) {
			delete(tree, name)
		}
	}
}

// collect lists the JSON names of a struct's fields, those of embedded structs included.
func collect(kind reflect.Type, fields map[string]reflect.Type) {
	for number := range kind.NumField() {
		field := kind.Field(number)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case field.Anonymous && name == "":
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			collect(inner, fields)
		case field.IsExported():
			fields[name] = field.Type
		}
	}
}

// parses asks the type itself, as decoding would.
func parses(value any, kind reflect.Type, path []any, found *[]Fault) bool {
	raw, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(raw, reflect.New(kind).Interface())
	}
	if err == nil {
		return true
	}
	if wrong, ok := err.(*json.UnmarshalTypeError); ok {
		return refuse(path, found, "%s is needed here, not %s", named(wrong.Type), shown(value))
	}
	return refuse(path, found, "%s: %s", shown(value), err)
}

func refuse(path []any, found *[]Fault, format string, about ...any) bool {
	*found = append(*found, fault(fmt.Sprintf(format, about...), path...))
	return false
}

func named(kind reflect.Type) string {
	switch kind.Kind() {
	case reflect.String:
		return "a string (in quotes)"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	default:
		return kind.String()
	}
}

func shown(value any) string {
	raw, _ := json.Marshal(value)
	if len(raw) > 60 {
		return string(raw[:60]) + "…"
	}
	return string(raw)
}

func with(path []any, last any) []any {
	return append(append([]any{}, path...), last)
}

func sorted(tree map[string]any) []string {
	names := make([]string, 0, len(tree))
	for name := range tree {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// unknown names the nearest field, or all of them where none is near.
func unknown(name string, fields map[string]reflect.Type) string {
	allowed := make([]string, 0, len(fields))
	for field := range fields {
		allowed = append(allowed, field)
	}
	sort.Strings(allowed)
	nearest, least := "", len(name)/3+1
	for _, field := range allowed {
		if d := distance(strings.ToLower(name), strings.ToLower(field)); d < least {
			nearest, least = field, d
		}
	}
	if nearest != "" {
		return fmt.Sprintf("unknown field %q; the nearest is %q", name, nearest)
	}
	return fmt.Sprintf("unknown field %q; allowed are %s", name, strings.Join(allowed, ", "))
}

// distance counts the letters to insert, delete or replace (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
