package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

var next = regexp.MustCompile(`(?m)^---\s*$`)

// condense writes the definitions of the files in one folder as GROUP/KIND.json to another.
func condense(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(from, entry.Name()))
		if err != nil {
			return err
		}
		for _, one := range next.Split(string(text), -1) {
			if err := keep([]byte(one), to); err != nil {
				return fmt.Errorf("%s: %w", entry.Name(), err)
			}
		}
	}
	return nil
}

func keep(text []byte, to string) error {
	crd := v1.CustomResourceDefinition{}
	if err := yaml.Unmarshal(text, &crd); err != nil || crd.Kind != "CustomResourceDefinition" {
		return err
	}
	if crd.APIVersion != "apiextensions.k8s.io/v1" {
		return fmt.Errorf("%s is of %s", crd.Name, crd.APIVersion)
	}
	for _, version := range crd.Spec.Versions {
		strip(version.Schema.OpenAPIV3Schema)
	}
	kept := v1.CustomResourceDefinition{TypeMeta: crd.TypeMeta, Spec: crd.Spec}
	kept.Name = crd.Name
	raw, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(to, crd.Spec.Group), 0o755); err != nil {
		return err
	}
	name := filepath.Join(to, crd.Spec.Group, crd.Spec.Names.Kind+".json")
	if _, err := os.Stat(name); err == nil {
		return fmt.Errorf("%s is there twice", crd.Name)
	}
	return os.WriteFile(name, raw, 0o644)
}

// strip takes out the descriptions, which are most of a definition and judge nothing.
func strip(schema *v1.JSONSchemaProps) {
	if schema == nil {
		return
	}
	schema.Description = ""
	for name, below := range schema.Properties {
		strip(&below)
		schema.Properties[name] = below
	}
	if schema.Items != nil {
		strip(schema.Items.Schema)
	}
	if schema.AdditionalProperties != nil {
		strip(schema.AdditionalProperties.Schema)
	}
	for _, list := range [][]v1.JSONSchemaProps{schema.AllOf, schema.AnyOf, schema.OneOf} {
		for number := range list {
			strip(&list[number])
		}
	}
	strip(schema.Not)
}
