package main

import (
	"maps"
	"testing"
)

func TestCount(t *testing.T) {
	got := count([]string{"red", "blue", "red"})
	if want := map[string]int{"blue": 1, "red": 2}; !maps.Equal(got, want) {
		t.Errorf("count: %v, want %v", got, want)
	}
	if got := count(nil); len(got) != 0 {
		t.Errorf("count of nothing: %v", got)
	}
}
