// Package leakcheck counts goroutines that can never run again.
package leakcheck

import (
	"bytes"
	"fmt"
	"runtime/pprof"
)

// --8<-- [start:count]

// Count returns how many goroutines are leaked for certain. It is false where the runtime
// has no such profile: before Go 1.27 it was an experiment.
func Count() (int, bool, error) {
	profile := pprof.Lookup("goroutineleak")
	if profile == nil {
		return 0, false, nil
	}
	var text bytes.Buffer
	if err := profile.WriteTo(&text, 1); err != nil {
		return 0, true, err
	}
	var total int
	if _, err := fmt.Fscanf(&text, "goroutineleak profile: total %d\n", &total); err != nil {
		return 0, true, fmt.Errorf("unknown form of profile: %w", err)
	}
	return total, true, nil
}

// --8<-- [end:count]
