package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestRecordWritesBothFiles(t *testing.T) {
	dir := t.TempDir()
	cpu, events := filepath.Join(dir, "cpu"), filepath.Join(dir, "trace")
	err := record(cpu, events, func() error {
		return do(t.Context(), "lock", 20*time.Millisecond)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{cpu, events} {
		if info, err := os.Stat(name); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v, %v", filepath.Base(name), info, err)
		}
	}
}

func TestRecordKeepsTheError(t *testing.T) {
	dir := t.TempDir()
	failed := errors.New("failed")
	err := record(filepath.Join(dir, "cpu"), filepath.Join(dir, "trace"), func() error { return failed })
	if !errors.Is(err, failed) {
		t.Errorf("got %v, want %v", err, failed)
	}
}
