package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestOnlyTheRootIsServed(t *testing.T) {
	for path, want := range map[string]int{"/": http.StatusOK, "/other": http.StatusNotFound} {
		rec := httptest.NewRecorder()
		newHandler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		if rec.Code != want {
			t.Errorf("%s: got %d, want %d", path, rec.Code, want)
		}
	}
}
