// Package pauses reads what the garbage collector did, without stopping the program.
package pauses

import (
	"math"
	"runtime/metrics"
	"time"
)

// --8<-- [start:read]

// Stats counts since the program started.
type Stats struct {
	Cycles  uint64        // collections, forced ones included
	Forced  uint64        // collections somebody asked for with runtime.GC
	Live    uint64        // bytes that the last collection found in use
	Pauses  uint64        // times the world was stopped for a collection
	Typical time.Duration // half of them were shorter than this
	Longest time.Duration // upper bound of the longest of them
}

// Read takes one consistent sample.
func Read() Stats {
	samples := []metrics.Sample{
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/gc/cycles/forced:gc-cycles"},
		{Name: "/gc/heap/live:bytes"},
		{Name: "/sched/pauses/total/gc:seconds"},
	}
	metrics.Read(samples)
	stats := Stats{
		Cycles: samples[0].Value.Uint64(),
		Forced: samples[1].Value.Uint64(),
		Live:   samples[2].Value.Uint64(),
	}
	histogram := samples[3].Value.Float64Histogram()
	for _, n := range histogram.Counts {
		stats.Pauses += n
	}
	var seen uint64
	for i, n := range histogram.Counts {
		if n == 0 {
			continue
		}
		stats.Longest = bound(histogram.Buckets, i)
		if seen < (stats.Pauses+1)/2 {
			stats.Typical = stats.Longest
		}
		seen += n
	}
	return stats
}

// --8<-- [end:read]

// bound returns the upper edge of a bucket; the last bucket has only a lower one.
func bound(edges []float64, i int) time.Duration {
	edge := edges[i+1]
	if math.IsInf(edge, 1) {
		edge = edges[i]
	}
	return time.Duration(edge * float64(time.Second))
}
