package main

import (
	"context"
	"testing"
	"time"

	"example.com/assay/snippets/leaks/leakcheck"
)

// --8<-- [start:leaktest]

// ask calls find with a lookup that answers when find has given up, then waits for it.
func ask(t *testing.T, find priceFunc) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	gaveUp, answered := make(chan struct{}), make(chan struct{})
	_, err := find(ctx, func() int {
		<-gaveUp
		close(answered)
		return 350
	})
	close(gaveUp)
	if err == nil {
		t.Fatal("no deadline error")
	}
	<-answered
	time.Sleep(50 * time.Millisecond) // the goroutine reaches its send
}

func TestLeaks(t *testing.T) {
	for name, c := range map[string]struct {
		find priceFunc
		want int
	}{"leaky": {leakyPrice, 1}, "price": {price, 0}} {
		before, ok, err := leakcheck.Count()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			t.Skip("this Go version has no goroutineleak profile")
		}
		ask(t, c.find)
		after, _, err := leakcheck.Count()
		if err != nil {
			t.Fatal(err)
		}
		if after-before != c.want {
			t.Errorf("%s: %d goroutines leaked, want %d", name, after-before, c.want)
		}
	}
}

// --8<-- [end:leaktest]
