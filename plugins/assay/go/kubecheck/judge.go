package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
)

func init() {
	klog.SetOutput(io.Discard)
	klog.LogToStderr(false)
}

var strict = kjson.NewSerializerWithOptions(
	kjson.DefaultMetaFactory, legacyscheme.Scheme, legacyscheme.Scheme,
	kjson.SerializerOptions{Strict: true},
)

// judge decodes a document strictly, fills in defaults, and asks the kind's own create strategy.
func judge(text string) []Fault {
	tree, faults := read(text)
	if faults != nil {
		return faults
	}
	return judgeTree(tree)
}

func judgeTree(tree map[string]any) []Fault {
	gvk, faults := identify(tree)
	if len(faults) > 0 {
		return faults
	}
	faults = prune(tree, gvk)
	object, more := decode(tree, gvk)
	faults = append(faults, more...)
	if object == nil {
		return faults
	}
	return append(faults, validate(object, gvk, tree, faults)...)
}

func identity(tree map[string]any) (schema.GroupVersionKind, []Fault) {
	api, _ := tree["apiVersion"].(string)
	kind, _ := tree["kind"].(string)
	gv, err := schema.ParseGroupVersion(api)
	switch {
	case api == "" || kind == "":
		return schema.GroupVersionKind{}, []Fault{fault("a manifest needs apiVersion and kind")}
	case err != nil:
		return schema.GroupVersionKind{}, []Fault{fault(err.Error(), "apiVersion")}
	}
	return gv.WithKind(kind), nil
}

func identify(tree map[string]any) (schema.GroupVersionKind, []Fault) {
	gvk, faults := identity(tree)
	if faults != nil {
		return gvk, faults
	}
	if gvk.GroupVersion().String() == "v1" && gvk.Kind == "List" {
		message := "a List isn't judged; write its items as documents of their own, with --- between"
		return gvk, []Fault{fault(message, "kind")}
	}
	if why := unserved(gvk); why != "" {
		return gvk, []Fault{fault(why, "apiVersion")}
	}
	return gvk, nil
}

// decode fills the versioned type; what prune left must be right, or the message has no place.
func decode(tree map[string]any, gvk schema.GroupVersionKind) (runtime.Object, []Fault) {
	raw, err := json.Marshal(tree)
	if err != nil {
		return nil, []Fault{fault(err.Error())}
	}
	object, _, err := strict.Decode(raw, &gvk, nil)
	if err != nil {
		if strictErr, ok := runtime.AsStrictDecodingError(err); ok && object != nil {
			var found []Fault
			for _, one := range strictErr.Errors() {
				found = append(found, fault(one.Error()))
			}
			return object, found
		}
		return nil, []Fault{fault(err.Error())}
	}
	return object, nil
}

// validate asks for what remains: a field that was refused before isn't asked about again.
func validate(object runtime.Object, gvk schema.GroupVersionKind, tree map[string]any, before []Fault) []Fault {
	scheme := legacyscheme.Scheme
	scheme.Default(object)
	internal, err := scheme.UnsafeConvertToVersion(object, schema.GroupVersion{
		Group: gvk.Group, Version: runtime.APIVersionInternal,
	})
	if err != nil {
		return []Fault{fault(err.Error())}
	}
	one, known := kinds[gvk.GroupKind()]
	if !known {
		return []Fault{fault(fmt.Sprintf("%s can be read, but no validation of it is built in", gvk.Kind), "kind")}
	}
	accessor, err := meta.Accessor(internal)
	if err != nil {
		return []Fault{fault(err.Error())}
	}
	rest.FillObjectMetaSystemFields(accessor)
	if accessor.GetName() == "" && accessor.GetGenerateName() != "" {
		accessor.SetName(one.strategy.GenerateName(accessor.GetGenerateName()))
	}
	namespace := accessor.GetNamespace()
	if one.strategy.NamespaceScoped() && namespace == "" {
		namespace = metav1.NamespaceDefault
		accessor.SetNamespace(namespace)
	}
	ctx := request.WithNamespace(context.Background(), namespace)
	ctx = request.WithRequestInfo(ctx, &request.RequestInfo{
		IsResourceRequest: true, Verb: "create", APIGroup: gvk.Group, APIVersion: gvk.Version,
		Resource: one.resource, Namespace: namespace, Name: accessor.GetName(),
	})
	one.strategy.PrepareForCreate(ctx, internal)
	allocate(internal)
	return told(rest.ValidateCreate(ctx, internal, one.strategy), tree, before)
}

var step = regexp.MustCompile(`\[([^\]]*)\]|([^.\[]+)`)

// told turns the server's errors into faults. Where something was taken out before, an error about
// a field beside or below it that isn't there may only follow from that, and is left out.
func told(list field.ErrorList, tree map[string]any, before []Fault) []Fault {
	var found []Fault
	for _, one := range list {
		path := split(one.Field)
		message := one.ErrorBody()
		if one.Type == field.ErrorTypeInternal {
			message = one.Error()
		}
		if !present(tree, path) && one.Field != "" {
			if follows(path, before) {
				continue
			}
			message = fmt.Sprintf("%s isn't set: %s", one.Field, message)
		}
		found = append(found, Fault{Path: path, Message: message, Key: one.Type == field.ErrorTypeForbidden})
	}
	return found
}

// follows reports whether something that was taken out before stood where the path comes by.
func follows(path []any, before []Fault) bool {
	return slices.ContainsFunc(before, func(one Fault) bool {
		parent := max(len(one.Path)-1, 0)
		return parent <= len(path) && slices.Equal(one.Path[:parent], path[:parent])
	})
}

// present reports whether the document has a value at the path.
func present(value any, path []any) bool {
	for _, step := range path {
		switch name := step.(type) {
		case string:
			below, ok := value.(map[string]any)
			if !ok {
				return false
			}
			if value, ok = below[name]; !ok {
				return false
			}
		case int:
			items, ok := value.([]any)
			if !ok || name >= len(items) {
				return false
			}
			value = items[name]
		}
	}
	return true
}

// split reads spec.metrics[0].resource as names and indexes.
func split(text string) []any {
	path := []any{}
	for _, match := range step.FindAllStringSubmatch(text, -1) {
		if number, err := strconv.Atoi(match[1]); err == nil {
			path = append(path, number)
		} else if match[1] != "" {
			path = append(path, match[1])
		} else if match[2] != "" {
			path = append(path, match[2])
		}
	}
	return path
}
