// Package usage reads what a program needs of memory, from both sides.
package usage

import (
	"errors"
	"os"
	"runtime/metrics"
	"strconv"
	"strings"
)

// Usage is one reading.
type Usage struct {
	HeapKiB    int64 `json:"heap_kib"`
	Goroutines int64 `json:"goroutines"`
	RSSPeakKiB int64 `json:"rss_peak_kib"`
}

// --8<-- [start:read]

// Read asks the Go runtime for the heap and the kernel for the highest resident size.
func Read() (Usage, error) {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/sched/goroutines:goroutines"},
	}
	metrics.Read(samples)
	peak, err := residentPeak("/proc/self/status")
	return Usage{
		HeapKiB:    int64(samples[0].Value.Uint64() >> 10),
		Goroutines: int64(samples[1].Value.Uint64()),
		RSSPeakKiB: peak,
	}, err
}

// --8<-- [end:read]

// residentPeak reads VmHWM, the highest resident size so far, in KiB.
func residentPeak(path string) (int64, error) {
	status, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		}
	}
	return 0, errors.New("no VmHWM in " + path)
}
