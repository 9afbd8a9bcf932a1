package main

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// shared are the fields that a Rollout has from Deployment.
var shared = []string{"replicas", "selector", "template", "minReadySeconds", "revisionHistoryLimit"}

// asDeployment judges the part of an Argo Rollout that is a Deployment's, as its controller does:
// the definition takes any quantity and any port in the pods.
func asDeployment(tree map[string]any, gvk schema.GroupVersionKind) []Fault {
	spec, ok := tree["spec"].(map[string]any)
	if gvk.Group != "argoproj.io" || gvk.Kind != "Rollout" || !ok {
		return nil
	}
	like := map[string]any{}
	for _, name := range shared {
		if value, known := spec[name]; known {
			like[name] = runtime.DeepCopyJSONValue(value)
		}
	}
	if spec["workloadRef"] != nil { // the pods are those of another object
		labels := map[string]any{"app": "rollout"}
		like["selector"] = map[string]any{"matchLabels": labels}
		like["template"] = map[string]any{
			"metadata": map[string]any{"labels": labels},
			"spec": map[string]any{"containers": []any{
				map[string]any{"name": "rollout", "image": "rollout"},
			}},
		}
	}
	return judgeTree(map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": map[string]any{"name": "rollout"}, "spec": like,
	})
}
