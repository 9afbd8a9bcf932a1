// Command release gives memory back and prints how much of it the system still counts.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
)

// resident returns this process's resident memory in kilobytes.
func resident() (kb int, err error) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			_, err = fmt.Sscanf(rest, "%d kB", &kb)
			return kb, err
		}
	}
	return 0, fmt.Errorf("no VmRSS in /proc/self/status: %w", lines.Err())
}

func fill(mb int) byte {
	buf := make([]byte, mb<<20)
	for i := range buf {
		buf[i] = byte(i)
	}
	return buf[len(buf)/2]
}

func main() {
	fill(64)
	full, err := resident()
	if err == nil {
		debug.FreeOSMemory()
		var after int
		if after, err = resident(); err == nil {
			fmt.Printf("still resident: %d%%\n", 100*after/full)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
