package main

import (
	"fmt"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
)

// gone has APIs whose types have left the source. The versions are those of Kubernetes' own
// deprecation guide (kubernetes.io/docs/reference/using-api/deprecation-guide, read 2026-11-27).
var gone = map[string]string{
	"autoscaling/v2beta1 HorizontalPodAutoscaler":     "removed in 1.25; use autoscaling/v2",
	"autoscaling/v2beta2 HorizontalPodAutoscaler":     "removed in 1.26; use autoscaling/v2",
	"batch/v1beta1 CronJob":                           "removed in 1.25; use batch/v1",
	"discovery.k8s.io/v1beta1 EndpointSlice":          "removed in 1.25; use discovery.k8s.io/v1",
	"events.k8s.io/v1beta1 Event":                     "removed in 1.25; use events.k8s.io/v1",
	"extensions/v1beta1 DaemonSet":                    "removed in 1.16; use apps/v1",
	"extensions/v1beta1 Deployment":                   "removed in 1.16; use apps/v1",
	"extensions/v1beta1 Ingress":                      "removed in 1.22; use networking.k8s.io/v1",
	"extensions/v1beta1 NetworkPolicy":                "removed in 1.16; use networking.k8s.io/v1",
	"extensions/v1beta1 PodSecurityPolicy":            podSecurity,
	"extensions/v1beta1 ReplicaSet":                   "removed in 1.16; use apps/v1",
	"node.k8s.io/v1beta1 RuntimeClass":                "removed in 1.25; use node.k8s.io/v1",
	"policy/v1beta1 PodDisruptionBudget":              "removed in 1.25; use policy/v1",
	"policy/v1beta1 PodSecurityPolicy":                podSecurity,
	"storage.k8s.io/v1beta1 CSIStorageCapacity":       "removed in 1.27; use storage.k8s.io/v1",
	"flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema": "removed in 1.29; use flowcontrol.apiserver.k8s.io/v1",
	"flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema": "removed in 1.32; use flowcontrol.apiserver.k8s.io/v1",
}

const podSecurity = "removed in 1.25; use Pod Security Admission, namespace labels such as " +
	"pod-security.kubernetes.io/enforce: restricted"

// lifecycle is what the generated types of k8s.io/api say of themselves.
type lifecycle interface {
	APILifecycleRemoved() (major, minor int)
}

type replaced interface {
	APILifecycleReplacement() schema.GroupVersionKind
}

// unserved says why the server has no such API; "" where it has.
func unserved(gvk schema.GroupVersionKind) string {
	name := gvk.GroupVersion().String() + " " + gvk.Kind
	if object, err := scheme.Scheme.New(gvk); err == nil {
		if why := removed(object); why != "" {
			return fmt.Sprintf("%s was %s", name, why)
		}
	}
	if why, known := gone[name]; known {
		return fmt.Sprintf("%s was %s", name, why)
	}
	if legacyscheme.Scheme.Recognizes(gvk) && kinds[gvk.GroupKind()].strategy != nil {
		return ""
	}
	message := fmt.Sprintf("Kubernetes %s has no API %s", Version, name)
	if others := versions(gvk.Kind); len(others) > 0 {
		message += fmt.Sprintf("; %s is in %s", gvk.Kind, strings.Join(others, ", "))
	}
	return message
}

func removed(object runtime.Object) string {
	life, ok := object.(lifecycle)
	if !ok {
		return ""
	}
	_, when := life.APILifecycleRemoved()
	if when == 0 || when > minor {
		return ""
	}
	why := fmt.Sprintf("removed in 1.%d", when)
	if next, ok := object.(replaced); ok {
		if gvk := next.APILifecycleReplacement(); gvk.Version != "" {
			why += fmt.Sprintf("; use %s %s", gvk.GroupVersion(), gvk.Kind)
		}
	}
	return why
}

// versions lists where else a kind is served.
func versions(kind string) []string {
	var found []string
	for gvk := range legacyscheme.Scheme.AllKnownTypes() {
		if gvk.Kind != kind || gvk.Version == runtime.APIVersionInternal {
			continue
		}
		if object, err := scheme.Scheme.New(gvk); err == nil && removed(object) == "" {
			found = append(found, gvk.GroupVersion().String())
		}
	}
	sort.Strings(found)
	return found
}
