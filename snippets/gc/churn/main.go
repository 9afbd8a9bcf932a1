// Command churn allocates and drops 256 MiB while 8 MiB stay alive.
package main

import (
	"fmt"
	"runtime"

	"example.com/assay/snippets/gc/pauses"
)

const block = 4 << 10

var sink []byte

// spend uses the block, so that allocating isn't all the program does.
func spend(buf []byte) (sum byte) {
	for range 4 {
		for i := range buf {
			buf[i] += byte(i)
			sum += buf[i]
		}
	}
	return sum
}

func main() {
	live := make([][]byte, 8<<20/block)
	for i := range live {
		live[i] = make([]byte, block)
	}
	for i := range 256 << 20 / block {
		sink = make([]byte, block)
		live[i%len(live)][0] = spend(sink)
	}
	s := pauses.Read()
	runtime.KeepAlive(live)
	fmt.Println("collections:", s.Cycles)
}
