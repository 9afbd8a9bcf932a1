package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
)

// folder has the definitions that condense made: GROUP/KIND.json.
const folder = "/crds"

// definition is a served version of a kind, with what the server makes of it.
type definition struct {
	resource string
	schema   *structuralschema.Structural
	strategy rest.RESTCreateStrategy
}

var defined = map[schema.GroupVersionKind]*definition{}

// definitionOf finds the kind's definition, or says what is known instead.
func definitionOf(gvk schema.GroupVersionKind, templates []string) (*definition, *Fault) {
	if gvk.Group == constraints {
		return constraintOf(gvk, templates)
	}
	if one, known := defined[gvk]; known {
		return one, nil
	}
	crd, why := load(gvk)
	if why != nil {
		return nil, why
	}
	one, why := served(crd, gvk)
	if why == nil {
		defined[gvk] = one
	}
	return one, why
}

func load(gvk schema.GroupVersionKind) (*v1.CustomResourceDefinition, *Fault) {
	groups := names(folder)
	if !slices.Contains(groups, gvk.Group) {
		groups = slices.DeleteFunc(groups, func(name string) bool { return name == matches })
		why := fault(fmt.Sprintf("no definition of the group %q is known; known are %s", gvk.Group, strings.Join(groups, ", ")), "apiVersion")
		return nil, &why
	}
	kinds := names(filepath.Join(folder, gvk.Group))
	if !slices.Contains(kinds, gvk.Kind) {
		why := fault(fmt.Sprintf("%s has no kind %q; known are %s", gvk.Group, gvk.Kind, strings.Join(kinds, ", ")), "kind")
		return nil, &why
	}
	raw, err := os.ReadFile(filepath.Join(folder, gvk.Group, gvk.Kind+".json"))
	if err != nil {
		panic(err)
	}
	crd := &v1.CustomResourceDefinition{}
	if err := json.Unmarshal(raw, crd); err != nil {
		panic(err)
	}
	return crd, nil
}

// names lists what a folder has, without .json, sorted.
func names(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		panic(err)
	}
	var found []string
	for _, entry := range entries {
		found = append(found, strings.TrimSuffix(entry.Name(), ".json"))
	}
	return found
}

// served makes of a version what the server makes of it when the definition is created.
func served(crd *v1.CustomResourceDefinition, gvk schema.GroupVersionKind) (*definition, *Fault) {
	var versions []string
	for _, version := range crd.Spec.Versions {
		if version.Served && version.Name == gvk.Version {
			return made(crd, version, gvk), nil
		}
		if version.Served {
			versions = append(versions, gvk.Group+"/"+version.Name)
		}
	}
	why := fault(fmt.Sprintf("%s isn't served in %s; it is in %s", gvk.Kind, gvk.GroupVersion(), strings.Join(versions, ", ")), "apiVersion")
	return nil, &why
}

// made panics where a definition is broken: they are pinned, so that is a fault of assay's.
func made(crd *v1.CustomResourceDefinition, version v1.CustomResourceDefinitionVersion, gvk schema.GroupVersionKind) *definition {
	internal := &apiextensions.CustomResourceValidation{}
	must(v1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(version.Schema, internal, nil))
	structural, err := structuralschema.NewStructural(internal.OpenAPIV3Schema)
	must(err)
	must(defaulting.PruneDefaults(structural))
	validator, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
	must(err)
	strategy := customresource.NewStrategy(
		legacyscheme.Scheme, crd.Spec.Scope == v1.NamespaceScoped, gvk, validator, nil, structural,
		nil, nil, version.SelectableFields,
	)
	return &definition{resource: crd.Spec.Names.Plural, schema: structural, strategy: strategy}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
