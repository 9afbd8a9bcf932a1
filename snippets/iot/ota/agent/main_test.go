package main

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTelemetry(t *testing.T) {
	for body, want := range map[string]int{
		`{"device":"d1","temperature":21.5}`:              202,
		`{"device":`:                                      400,
		`{"device":"` + strings.Repeat("x", 8<<10) + `"}`: 400,
	} {
		w := httptest.NewRecorder()
		telemetry(w, httptest.NewRequest("POST", "/telemetry", strings.NewReader(body)))
		if w.Code != want {
			t.Errorf("%.20s: got %d, want %d", body, w.Code, want)
		}
	}
}
