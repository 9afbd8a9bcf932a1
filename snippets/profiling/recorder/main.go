// Command recorder keeps the last moments of execution in memory and writes them when a
// request was slow.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime/trace"
	"time"
)

// --8<-- [start:recorder]

// watcher keeps a trace of the recent past and saves it once, when something was slow.
type watcher struct {
	recorder *trace.FlightRecorder
	limit    time.Duration
	saved    bool
}

func newWatcher(limit time.Duration) (*watcher, error) {
	r := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: 10 * time.Second, MaxBytes: 4 << 20})
	if err := r.Start(); err != nil {
		return nil, err
	}
	return &watcher{recorder: r, limit: limit}, nil
}

// handle runs one request; the first slow one is written to name.
func (w *watcher) handle(ctx context.Context, request, name string, work func()) error {
	start := time.Now()
	trace.WithRegion(ctx, request, work)
	if time.Since(start) < w.limit || w.saved {
		return nil
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if _, err := w.recorder.WriteTo(f); err != nil {
		f.Close()
		return err
	}
	w.saved = true
	fmt.Println("slow:", request, "saved to", name)
	return f.Close()
}

// --8<-- [end:recorder]

func main() {
	name := flag.String("o", "slow.trace", "file for the trace")
	flag.Parse()
	ctx := context.Background()
	w, err := newWatcher(500 * time.Millisecond)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer w.recorder.Stop()
	for i := range 10 {
		pause := time.Millisecond
		if i == 7 {
			pause = time.Second
		}
		err := w.handle(ctx, fmt.Sprintf("request-%d", i), *name, func() { time.Sleep(pause) })
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
