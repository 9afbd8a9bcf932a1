package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const stored = `{"result": {"resourceSpans": [
  {"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "order"}}]},
   "scopeSpans": [{"spans": [{"traceId": "a", "spanId": "2", "parentSpanId": "1", "name": "Place",
     "startTimeUnixNano": "2000000", "endTimeUnixNano": "5000000", "status": {"code": 2}}]}]},
  {"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "gateway"}}]},
   "scopeSpans": [{"spans": [{"traceId": "a", "spanId": "1", "parentSpanId": "outside", "name": "POST /orders",
     "startTimeUnixNano": "1000000", "endTimeUnixNano": "9000000", "status": {}}]}]}
]}}`

func TestTree(t *testing.T) {
	spans, err := decode(strings.NewReader(stored))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	tree(&got, spans, "", "")
	if want := "gateway: POST /orders 8 ms\n  order: Place 3 ms ERROR\n"; got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
	if got, want := numbers(spans), "traces: 1, services: 2, spans: 2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Jaeger doesn't know the trace at first; what never comes ends with the context.
func TestWait(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked == 1 {
			http.Error(w, `{"error": {"message": "No traces found"}}`, http.StatusNotFound)
			return
		}
		_, _ = w.Write([]byte(stored))
	}))
	defer server.Close()
	ask := func() ([]*span, error) { return fetch(t.Context(), server.URL) }
	if spans, err := wait(t.Context(), 2, ask); err != nil || len(spans) != 2 || asked != 2 {
		t.Errorf("%d spans after asking %d times, %v", len(spans), asked, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := wait(ended, 3, ask); err == nil {
		t.Error("no error for spans that never come")
	}
}
