// Command latency compares a handler with the same handler that collects garbage first.
package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"time"

	"example.com/assay/snippets/gc/pauses"
)

type node struct {
	next *node
	data [4]uint64
}

// heap keeps about mb megabytes alive, as a cache would: many small objects with pointers.
func heap(mb int) *node {
	var head *node
	for range mb << 20 / 48 {
		head = &node{next: head}
	}
	return head
}

// --8<-- [start:handlers]

func plain(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "ok")
}

// forced does what nobody should do while a client waits.
func forced(w http.ResponseWriter, r *http.Request) {
	runtime.GC()
	plain(w, r)
}

// --8<-- [end:handlers]

// median returns the median time of n requests, one after the other.
func median(client *http.Client, url string, n int) (time.Duration, error) {
	took := make([]time.Duration, n)
	for i := range took {
		start := time.Now()
		resp, err := client.Get(url)
		if err != nil {
			return 0, err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil {
			return 0, err
		}
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return took[n/2], nil
}

func run(requests, mb int) error {
	keep := heap(mb)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /plain", plain)
	mux.HandleFunc("GET /forced", forced)
	srv := httptest.NewServer(mux)
	defer srv.Close()
	client := srv.Client()
	client.Timeout = 10 * time.Second

	var medians []time.Duration
	for _, path := range []string{"/plain", "/forced"} {
		before := pauses.Read()
		m, err := median(client, srv.URL+path, requests)
		if err != nil {
			return err
		}
		after := pauses.Read()
		medians = append(medians, m)
		fmt.Printf("%s: median %d µs, forced collections %d, half of the pauses under %d µs\n",
			path, m.Microseconds(), after.Forced-before.Forced, after.Typical.Microseconds())
	}
	fmt.Printf("ratio: %.0f\n", float64(medians[1])/float64(medians[0]))
	runtime.KeepAlive(keep)
	return nil
}

func main() {
	requests := flag.Int("n", 10, "requests to each handler")
	mb := flag.Int("mb", 32, "megabytes kept alive")
	flag.Parse()
	if err := run(*requests, *mb); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
