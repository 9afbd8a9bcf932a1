package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const spec = `{"spec": {
	"scaleTargetRef": {"name": "gateway"}, "minReplicas": 2, "maxReplicas": 20,
	"metrics": [
		{"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 65}}},
		{"type": "Pods", "pods": {"metric": {"name": "rps"}, "target": {"averageValue": "1200"}}}],
	"behavior": {
		"scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [
			{"type": "Pods", "value": 4, "periodSeconds": 3}, {"type": "Percent", "value": 100, "periodSeconds": 3}]},
		"scaleDown": {"stabilizationWindowSeconds": 6, "selectPolicy": "Max", "policies": [
			{"type": "Percent", "value": 50, "periodSeconds": 3}]}}}}`

func TestSimulate(t *testing.T) {
	var s scaler
	if err := json.Unmarshal([]byte(spec), &s); err != nil {
		t.Fatal(err)
	}
	for mean, want := range map[bool]string{
		false: "[[4 6] [6 12 14] [14 20] [20 10 5 2]]",
		true:  "[[4] [4 8] [8 16 20] [20 10 5 2]]",
	} {
		got, err := simulate(s, 4, phases, mean)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("mean %t: got %v, want %s", mean, got, want)
		}
	}
}

func TestRefreshReportsNewPods(t *testing.T) {
	var patched []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			patched = append(patched, r.URL.Path)
			return
		}
		fmt.Fprint(w, `{"items": [
			{"metadata": {"name": "old"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}},
			{"metadata": {"name": "new"}}]}`)
	}))
	defer server.Close()
	c := &cluster{api: newAPI(server.URL), app: "gateway"}
	if err := c.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "[/api/v1/namespaces/default/pods/new/status]"; fmt.Sprint(patched) != want {
		t.Errorf("patched %v, want %s", patched, want)
	}
	if want := "[old new]"; fmt.Sprint(c.pods) != want {
		t.Errorf("pods %v, want %s", c.pods, want)
	}
}

func TestWatchSendsEveryState(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, size := range []int{2, 6, 10} {
			fmt.Fprintf(w, "{\"type\": \"MODIFIED\", \"object\": {\"spec\": {\"replicas\": %d}}}\n", size)
		}
	}))
	defer server.Close()
	sizes := make(chan deployment, 3)
	if err := watch(t.Context(), newAPI(server.URL), "/", sizes); !errors.Is(err, io.EOF) {
		t.Errorf("the watch ended with %v, want EOF", err)
	}
	for _, want := range []int{2, 6, 10} {
		if got := (<-sizes).Spec.Replicas; got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
}

func TestMetricsShareTheLoad(t *testing.T) {
	c := &cluster{app: "gateway"}
	c.serve(time.Now().Add(-10*time.Second), []string{"a", "b"})
	c.load = load{RPS: 2000, CPU: 120}
	for path, want := range map[string]string{
		metricsV1 + "/namespaces/default/pods":                           `"cpu":"150m"`,
		customV1 + "/namespaces/default/pods/*/http_requests_per_second": `"value":"1000000m"`,
		customV1 + "/namespaces/default/pods/*/http_requests_total":      `"value":"1000`, // 10 s
		metricsV1: `"pods"`,
	} {
		got := httptest.NewRecorder()
		c.metrics().ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/apis/"+path, nil))
		if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%s: %d, %s; want %s", path, got.Code, got.Body, want)
		}
	}
}

func TestSetRefusesNonsense(t *testing.T) {
	for form, want := range map[string]int{
		"rps=20&cpu=10": http.StatusOK,
		"rps=20":        http.StatusBadRequest,
		"rps=-1&cpu=10": http.StatusBadRequest,
	} {
		c := &cluster{}
		values, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/load", nil)
		r.Form = values
		got := httptest.NewRecorder()
		c.set(got, r)
		if got.Code != want {
			t.Errorf("%s: %d, want %d", form, got.Code, want)
		}
	}
}
