//go:build v2

package main

import "net/http"

// Version 2 has one endpoint more; everything else is the same source.
func init() {
	routes["GET /health"] = func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]bool{"ok": received.Load() >= 0})
	}
}
