package main

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/chaos-mesh/chaos-mesh/api/genericwebhook"
	chaosmesh "github.com/chaos-mesh/chaos-mesh/api/v1alpha1"
	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// chaos has the types of Chaos Mesh, whose definitions take any text as a duration or a percentage.
var chaos = runtime.NewScheme()

func init() {
	must(chaosmesh.AddToScheme(chaos))
	log.SetLogger(logr.Discard()) // it would write among the answers
}

// webhook asks what Chaos Mesh's own webhook asks of a resource that fits its definition.
func webhook(tree map[string]any, gvk schema.GroupVersionKind) []Fault {
	object, err := chaos.New(gvk)
	if err != nil {
		return nil
	}
	raw, err := json.Marshal(tree)
	must(err)
	must(json.Unmarshal(raw, object)) // as it is sent; a converter would make what is embedded and isn't there
	switch one := object.(type) {
	case *chaosmesh.Schedule:
		return schedule(one, tree)
	case *chaosmesh.Workflow:
		_, err := one.ValidateCreate(context.Background(), one)
		return told(apart(err), tree, nil)
	}
	genericwebhook.Default(object)
	return told(renamed(genericwebhook.Validate(object), object), tree, nil)
}

// schedule judges what is embedded as an object of its own, and finds it where it is embedded.
func schedule(one *chaosmesh.Schedule, tree map[string]any) []Fault {
	name := string(one.Spec.Type)
	embedded := reflect.ValueOf(one.Spec).FieldByName(name)
	if embedded.IsValid() && embedded.IsNil() { // the webhook would crash
		path := jsonPath(one, "Spec."+name)
		return told(field.ErrorList{field.Required(field.NewPath(path), "the type says "+name)}, tree, nil)
	}
	list := one.Spec.Validate(&one.Spec)
	for _, err := range list {
		if rest, inside := strings.CutPrefix(err.Field, "Spec."); inside {
			err.Field = "Spec." + name + "." + rest
		}
	}
	return told(renamed(list, one), tree, nil)
}

// renamed gives the errors the paths of the document for those of Go's fields.
func renamed(list field.ErrorList, object runtime.Object) field.ErrorList {
	for _, err := range list {
		err.Field = jsonPath(object, err.Field)
	}
	return list
}

func jsonPath(object runtime.Object, text string) string {
	var path *field.Path
	kind := reflect.TypeOf(object)
	for _, step := range split(text) {
		for kind != nil && kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		switch name := step.(type) {
		case int:
			path = path.Index(name)
			if kind != nil && kind.Kind() == reflect.Slice {
				kind = kind.Elem()
			}
		case string:
			if name, kind = jsonName(kind, name); name != "" { // what is embedded has none
				path = path.Child(name)
			}
		}
	}
	return path.String()
}

// jsonName reads Go's name of a field; the webhook has the document's own beside it.
func jsonName(kind reflect.Type, name string) (string, reflect.Type) {
	if kind == nil || kind.Kind() != reflect.Struct {
		return name, nil
	}
	one, known := kind.FieldByName(name)
	if !known {
		return name, nil
	}
	name, _, _ = strings.Cut(one.Tag.Get("json"), ",")
	return name, one.Type
}

// apart takes the error of a workflow apart: the webhook has put all in one text.
func apart(err error) field.ErrorList {
	if err == nil {
		return nil
	}
	var list field.ErrorList
	for _, text := range strings.Split(strings.Trim(err.Error(), "[]"), ", spec.") {
		place, what, _ := strings.Cut(strings.TrimPrefix(text, "spec."), ": ")
		what = strings.TrimPrefix(what, "Invalid value: ")
		list = append(list, &field.Error{Type: field.ErrorTypeInvalid, Field: "spec." + place, BadValue: field.OmitValueType{}, Detail: what})
	}
	return list
}
