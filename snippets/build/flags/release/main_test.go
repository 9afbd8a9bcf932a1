package main

import (
	"debug/buildinfo"
	"os"
	"slices"
	"strings"
	"testing"
)

// A test binary says about itself whether -trimpath was used; check must agree.
func TestCheckAgreesWithBuildInfo(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	trimmed := false
	for _, s := range info.Settings {
		trimmed = trimmed || s.Key == "-trimpath" && s.Value == "true"
	}
	wrong, err := check(self)
	if err != nil {
		t.Fatal(err)
	}
	complains := slices.ContainsFunc(wrong, func(w string) bool { return strings.Contains(w, "-trimpath") })
	if complains == trimmed {
		t.Errorf("trimpath=%t, but check says %q", trimmed, wrong)
	}
}

func TestCheckRefusesOtherFiles(t *testing.T) {
	if _, err := check("main.go"); err == nil {
		t.Error("a source file passed as a binary")
	}
}
