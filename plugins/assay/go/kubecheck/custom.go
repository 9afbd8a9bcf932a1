package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"sigs.k8s.io/yaml"
)

var objectMeta = reflect.TypeFor[metav1.ObjectMeta]()

// judgeCustom judges a custom resource by its definition, in the order of the server's handler:
// unknown fields are taken out and told, defaults are filled in, the create strategy validates.
func judgeCustom(asked document) []Fault {
	tree, faults := read(asked.Text)
	if faults != nil {
		return faults
	}
	gvk, faults := identity(tree)
	if faults != nil {
		return faults
	}
	one, why := definitionOf(gvk, asked.Defines)
	if why != nil {
		return []Fault{*why}
	}
	faults = metadata(tree)
	faults = append(faults, surplus(tree, one.schema)...)
	if err, unknown := objectmeta.CoerceWithOptions(nil, tree, one.schema, false, objectmeta.CoerceOptions{
		ReturnUnknownFieldPaths: true,
	}); err != nil {
		return append(faults, told(field.ErrorList{err}, tree, faults)...)
	} else {
		for _, path := range unknown {
			faults = append(faults, Fault{Path: split(path), Message: "unknown field of metadata", Key: true})
		}
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(tree, one.schema)
	faults = append(faults, create(tree, gvk, one, faults)...)
	if len(faults) == 0 {
		faults = append(asDeployment(tree, gvk), selectors(tree, gvk)...)
		faults = append(faults, webhook(tree, gvk)...)
	}
	return faults
}

// read turns a document into plain values, whole numbers being whole.
func read(text string) (map[string]any, []Fault) {
	raw, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil {
		return nil, []Fault{fault(strings.TrimPrefix(err.Error(), "yaml: "))}
	}
	var tree map[string]any
	if err := json.Unmarshal(raw, &tree); err != nil || tree == nil {
		return nil, []Fault{fault("a manifest is a mapping with apiVersion and kind")}
	}
	return tree, nil
}

// metadata is the same in every kind.
func metadata(tree map[string]any) []Fault {
	var found []Fault
	if !fits(tree["metadata"], objectMeta, []any{"metadata"}, &found) {
		delete(tree, "metadata")
	}
	return found
}

// surplus takes out the fields that the schema doesn't have.
func surplus(tree map[string]any, root *structuralschema.Structural) []Fault {
	before := runtime.DeepCopyJSON(tree)
	paths := pruning.PruneWithOptions(tree, root, true, structuralschema.UnknownFieldPathOptions{
		TrackUnknownFieldPaths: true,
	})
	var found []Fault
	for _, path := range paths {
		steps := along(before, path)
		name := fmt.Sprint(steps[len(steps)-1])
		found = append(found, Fault{Path: steps, Message: unknown(name, allowed(root, steps)), Key: true})
	}
	return found
}

// along reads a path in the tree that it is of: a name may have dots and brackets itself.
func along(value any, text string) []any {
	path := []any{}
	for text != "" {
		text = strings.TrimPrefix(text, ".")
		switch below := value.(type) {
		case map[string]any:
			best := ""
			for name := range below {
				rest, fits := strings.CutPrefix(text, name)
				if fits && len(name) >= len(best) && (rest == "" || rest[0] == '.' || rest[0] == '[') {
					best = name
				}
			}
			if best == "" {
				return append(path, text)
			}
			path, value, text = append(path, best), below[best], text[len(best):]
		case []any:
			var number int
			if _, err := fmt.Sscanf(text, "[%d]", &number); err != nil || number >= len(below) {
				return append(path, text)
			}
			_, text, _ = strings.Cut(text, "]")
			path, value = append(path, number), below[number]
		default:
			return append(path, text)
		}
	}
	return path
}

// allowed lists the fields that the schema has where the path ends.
func allowed(node *structuralschema.Structural, path []any) map[string]reflect.Type {
	for _, step := range path[:len(path)-1] {
		if node == nil {
			break
		}
		name, isName := step.(string)
		property, known := node.Properties[name]
		switch {
		case !isName:
			node = node.Items
		case known:
			node = &property
		case node.AdditionalProperties != nil:
			node = node.AdditionalProperties.Structural
		default:
			node = nil
		}
	}
	fields := map[string]reflect.Type{}
	if node != nil {
		for name := range node.Properties {
			fields[name] = nil
		}
	}
	return fields
}

// create asks the strategy of the kind; what isn't known because of faults before isn't asked.
func create(tree map[string]any, gvk schema.GroupVersionKind, one *definition, before []Fault) []Fault {
	shown := runtime.DeepCopyJSON(tree)
	defaulting.Default(tree, one.schema)
	object := &unstructured.Unstructured{Object: tree}
	object.SetGroupVersionKind(gvk)
	rest.FillObjectMetaSystemFields(object)
	if object.GetName() == "" && object.GetGenerateName() != "" {
		object.SetName(one.strategy.GenerateName(object.GetGenerateName()))
	}
	namespace := object.GetNamespace()
	if one.strategy.NamespaceScoped() && namespace == "" {
		namespace = metav1.NamespaceDefault
		object.SetNamespace(namespace)
	}
	ctx := request.WithNamespace(context.Background(), namespace)
	ctx = request.WithRequestInfo(ctx, &request.RequestInfo{
		IsResourceRequest: true, Verb: "create", APIGroup: gvk.Group, APIVersion: gvk.Version,
		Resource: one.resource, Namespace: namespace, Name: object.GetName(),
	})
	one.strategy.PrepareForCreate(ctx, object)
	var list field.ErrorList
	for _, err := range rest.ValidateCreate(ctx, object, one.strategy) {
		if err.Field == "<nil>" && strings.Contains(err.Detail, "rules were not checked") {
			continue // the errors that kept them from being checked are told
		}
		switch err.BadValue.(type) {
		case map[string]any, []any: // the whole value says less than its place
			err = &field.Error{Type: err.Type, Field: err.Field, BadValue: field.OmitValueType{}, Detail: err.Detail}
		}
		list = append(list, err)
	}
	return told(list, shown, before)
}
