// Command load fills 200,000 buffers of 4 KB, with or without a pool.
package main

import (
	"flag"
	"fmt"
	"sync"
	"time"

	"example.com/assay/snippets/gc/pauses"
)

var sink *[4096]byte

func main() {
	pooled := flag.Bool("pool", false, "reuse buffers")
	flag.Parse()
	const n = 200_000
	pool := sync.Pool{New: func() any { return new([4096]byte) }}
	before, start := pauses.Read(), time.Now()
	for i := range n {
		if *pooled {
			buf := pool.Get().(*[4096]byte)
			buf[i%4096] = byte(i)
			pool.Put(buf)
		} else {
			sink = new([4096]byte)
			sink[i%4096] = byte(i)
		}
	}
	took := time.Since(start)
	fmt.Printf("collections: %d, %d ns each\n", pauses.Read().Cycles-before.Cycles, took.Nanoseconds()/n)
}
