package main

import (
	"encoding/json"
	"fmt"
	"strings"

	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"
)

// constraints is the group whose kinds Gatekeeper makes from its templates.
const constraints = "constraints.gatekeeper.sh"

// matches is the group under which Gatekeeper keeps what every constraint's spec.match may hold.
const matches = "match.gatekeeper.sh"

// template is the part of a ConstraintTemplate that says what its kind looks like.
type template struct {
	Kind string `json:"kind"`
	Spec struct {
		CRD struct {
			Spec struct {
				Names struct {
					Kind string `json:"kind"`
				} `json:"names"`
				Validation struct {
					LegacySchema    *bool               `json:"legacySchema"`
					OpenAPIV3Schema *v1.JSONSchemaProps `json:"openAPIV3Schema"`
				} `json:"validation"`
			} `json:"spec"`
		} `json:"crd"`
	} `json:"spec"`
}

// constraintOf makes the definition that Gatekeeper would make from the template of the kind.
func constraintOf(gvk schema.GroupVersionKind, templates []string) (*definition, *Fault) {
	var kinds []string
	for _, text := range templates {
		var one template
		if yaml.Unmarshal([]byte(text), &one) != nil || one.Kind != "ConstraintTemplate" {
			continue
		}
		kinds = append(kinds, one.Spec.CRD.Spec.Names.Kind)
		if kinds[len(kinds)-1] == gvk.Kind {
			return served(constraint(one), gvk)
		}
	}
	message := fmt.Sprintf("no ConstraintTemplate before this on the page defines the kind %q; show it before", gvk.Kind)
	if len(kinds) > 0 {
		message += ", or use " + strings.Join(kinds, ", ")
	}
	why := fault(message, "kind")
	return nil, &why
}

func constraint(one template) *v1.CustomResourceDefinition {
	yes := true
	anything := v1.JSONSchemaProps{Type: "object", XPreserveUnknownFields: &yes}
	text := v1.JSONSchemaProps{Type: "string"}
	parameters := anything
	given := one.Spec.CRD.Spec.Validation
	if given.OpenAPIV3Schema != nil && (given.LegacySchema == nil || !*given.LegacySchema) {
		parameters = *given.OpenAPIV3Schema
	}
	spec := v1.JSONSchemaProps{Type: "object", Properties: map[string]v1.JSONSchemaProps{
		"enforcementAction": text,
		"scopedEnforcementActions": {
			Type: "array", Items: &v1.JSONSchemaPropsOrArray{Schema: &anything},
		},
		"match":      matching(),
		"parameters": parameters,
	}}
	root := &v1.JSONSchemaProps{Type: "object", Properties: map[string]v1.JSONSchemaProps{
		"metadata": {Type: "object", Properties: map[string]v1.JSONSchemaProps{
			"name": {Type: "string", MaxLength: new(int64(63))},
		}},
		"spec": spec, "status": anything,
	}}
	crd := &v1.CustomResourceDefinition{}
	crd.Spec.Scope = v1.ClusterScoped
	crd.Spec.Names.Plural = strings.ToLower(one.Spec.CRD.Spec.Names.Kind)
	for _, name := range []string{"v1beta1", "v1alpha1"} {
		crd.Spec.Versions = append(crd.Spec.Versions, v1.CustomResourceDefinitionVersion{
			Name: name, Served: true, Schema: &v1.CustomResourceValidation{OpenAPIV3Schema: root},
		})
	}
	return crd
}

// selectors asks what Gatekeeper asks of a constraint's selectors: their schema takes any operator.
func selectors(tree map[string]any, gvk schema.GroupVersionKind) []Fault {
	if gvk.Group != constraints {
		return nil
	}
	var found []Fault
	for _, name := range []string{"labelSelector", "namespaceSelector"} {
		raw, known, _ := unstructured.NestedMap(tree, "spec", "match", name)
		if !known {
			continue
		}
		var selector metav1.LabelSelector
		must(runtime.DefaultUnstructuredConverter.FromUnstructured(raw, &selector))
		path := field.NewPath("spec", "match", name)
		options := validation.LabelSelectorValidationOptions{}
		found = append(found, told(validation.ValidateLabelSelector(&selector, options, path), tree, nil)...)
	}
	return found
}

// matching is the schema of spec.match, which Gatekeeper keeps in a definition of its own.
func matching() v1.JSONSchemaProps {
	crd, why := load(schema.GroupVersionKind{Group: matches, Version: "v1alpha1", Kind: "DummyCRD"})
	if why != nil {
		panic(why.Message)
	}
	raw, err := json.Marshal(crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["embeddedMatch"])
	must(err)
	var found v1.JSONSchemaProps
	must(json.Unmarshal(raw, &found))
	return found
}
