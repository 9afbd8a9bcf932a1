package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestVersionIsServed(t *testing.T) {
	rec := httptest.NewRecorder()
	newHandler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/version", nil))
	if rec.Code != http.StatusOK || strings.TrimSpace(rec.Body.String()) != version {
		t.Fatalf("got %d %q, want 200 %q", rec.Code, rec.Body.String(), version)
	}
}

func TestUnknownItemPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("price returned for an item without a price")
		}
	}()
	price(map[string]int{"tea": 350}, "coffee")
}
