package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/assay/snippets/iot/ota"
)

func TestWholeUpdate(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, data := range map[string]string{
		"v1": strings.Repeat("one", 1000), "v2": strings.Repeat("one", 1000) + "two",
	} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range []struct {
		args string
		want string
	}{
		{"keygen ota", "ota.key and ota.pub written"},
		{"provision dev v1", "version 1 in slot-a"},
		{"publish -version 2 v1 v2", "version 2: delta"},
		{"install dev update", "version 2 in slot-b, on trial"},
		{"boot dev", "start slot-b, version 2, trial true"},
		{"confirm dev", "version 2 confirmed"},
		{"boot dev", "start slot-b, version 2, trial false"},
	} {
		args := strings.Fields(line.args)
		var out bytes.Buffer
		if err := commands[args[0]](args[1:], &out); err != nil {
			t.Fatalf("%s: %v", line.args, err)
		}
		if !strings.HasPrefix(out.String(), line.want) {
			t.Fatalf("%s: %q, want %q", line.args, out.String(), line.want)
		}
	}
	image, err := os.ReadFile(filepath.Join("dev", "slot-b"))
	if err != nil || !bytes.HasSuffix(image, []byte("two")) {
		t.Fatalf("slot-b: %v", err)
	}
	if err := install([]string{"dev", "update"}, io.Discard); err == nil {
		t.Fatal("the same version was installed twice")
	}
	if got := ota.Digest(image); len(got) != 64 {
		t.Fatal(got)
	}
}
