package pauses

import (
	"runtime"
	"testing"
)

func TestForcedCollectionsAreCounted(t *testing.T) {
	before := Read()
	for range 3 {
		runtime.GC()
	}
	after := Read()
	if got := after.Forced - before.Forced; got != 3 {
		t.Errorf("%d forced collections, want 3", got)
	}
	if after.Pauses <= before.Pauses || after.Longest <= 0 {
		t.Errorf("no pause recorded: %+v", after)
	}
	if after.Typical <= 0 || after.Typical > after.Longest {
		t.Errorf("typical pause %v, longest %v", after.Typical, after.Longest)
	}
}
