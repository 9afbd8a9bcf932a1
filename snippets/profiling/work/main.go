// Command work spends its time in a way that you choose, and records what it did.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"sync"
	"time"
)

// --8<-- [start:hot]

type order struct {
	id    int
	label string
}

var kept *order

// hotAlloc spends CPU time, most of it on small allocations.
func hotAlloc(until time.Time) {
	for i := 0; time.Now().Before(until); i++ {
		for j := range 1000 {
			kept = &order{id: i, label: strconv.Itoa(j + 1000)}
		}
	}
}

// --8<-- [end:hot]

// --8<-- [start:wait]

// waitForNetwork asks a server that takes its time; this program does nothing meanwhile.
func waitForNetwork(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// blockedOnMutex waits for a lock that another goroutine holds for 20 ms at a time.
func blockedOnMutex(rounds int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range rounds {
		mu.Lock()
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
		})
		time.Sleep(20 * time.Millisecond)
		mu.Unlock()
		wg.Wait()
	}
}

// --8<-- [end:wait]

func do(ctx context.Context, mode string, length time.Duration) error {
	switch mode {
	case "alloc":
		hotAlloc(time.Now().Add(length))
		return nil
	case "network":
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(length)
			fmt.Fprintln(w, "late")
		}))
		defer srv.Close()
		ctx, cancel := context.WithTimeout(ctx, length+5*time.Second)
		defer cancel()
		return waitForNetwork(ctx, srv.Client(), srv.URL)
	case "lock":
		blockedOnMutex(int(length / (20 * time.Millisecond)))
		return nil
	}
	return fmt.Errorf("unknown mode %q; allowed are alloc, lock, network", mode)
}

// --8<-- [start:record]

// record runs work while a CPU profile and an execution trace are written.
func record(cpuFile, traceFile string, work func() error) (err error) {
	cpu, err := os.Create(cpuFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cpu.Close()) }()
	events, err := os.Create(traceFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, events.Close()) }()

	if err := pprof.StartCPUProfile(cpu); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	if err := trace.Start(events); err != nil {
		return err
	}
	defer trace.Stop()
	return work()
}

// --8<-- [end:record]

func main() {
	mode := flag.String("mode", "alloc", "alloc, lock or network")
	length := flag.Duration("for", time.Second, "how long")
	flag.Parse()
	err := record(*mode+".cpu", *mode+".trace", func() error {
		return do(context.Background(), *mode, *length)
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
