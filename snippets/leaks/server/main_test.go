package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// --8<-- [start:synctest]

func TestPriceEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := price(ctx, func() int { time.Sleep(time.Hour); return 350 })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v, want a deadline error", err)
		}
		time.Sleep(2 * time.Hour) // virtual time: the late answer arrives now
	})
}

// --8<-- [end:synctest]

func TestSlowLookupIsGatewayTimeout(t *testing.T) {
	rec := httptest.NewRecorder()
	newPublic().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/price", nil))
	if rec.Code != http.StatusGatewayTimeout {
		t.Errorf("got %d, want 504", rec.Code)
	}
}
