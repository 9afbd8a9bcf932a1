// Command server answers price requests; one of its two handlers leaks a goroutine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// --8<-- [start:leaky]

// leakyPrice gives up after the deadline, but the goroutine it started can't:
// nobody receives from prices any more, and the channel has no room.
func leakyPrice(ctx context.Context, lookup func() int) (int, error) {
	prices := make(chan int)
	go func() {
		prices <- lookup()
	}()
	select {
	case p := <-prices:
		return p, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// --8<-- [end:leaky]

// --8<-- [start:fixed]

// price leaves room for the late answer, so the goroutine always ends.
func price(ctx context.Context, lookup func() int) (int, error) {
	prices := make(chan int, 1)
	go func() {
		prices <- lookup()
	}()
	select {
	case p := <-prices:
		return p, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// --8<-- [end:fixed]

type priceFunc func(context.Context, func() int) (int, error)

func handle(find priceFunc) http.HandlerFunc {
	slow := func() int { time.Sleep(300 * time.Millisecond); return 350 }
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 10*time.Millisecond)
		defer cancel()
		cents, err := find(ctx, slow)
		if err != nil {
			http.Error(w, err.Error(), http.StatusGatewayTimeout)
			return
		}
		fmt.Fprintln(w, cents)
	}
}

// --8<-- [start:routes]

func newPublic() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /leaky", handle(leakyPrice))
	mux.Handle("GET /price", handle(price))
	return mux
}

// newDebug is served on loopback only: stack traces are not for everybody.
func newDebug() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	return mux
}

// --8<-- [end:routes]

func main() {
	addr := flag.String("addr", "localhost:8080", "address for requests")
	debugAddr := flag.String("debug", "localhost:6060", "address for profiles; keep it on loopback")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	public := &http.Server{Addr: *addr, Handler: newPublic(), ReadHeaderTimeout: 5 * time.Second}
	profiles := &http.Server{Addr: *debugAddr, Handler: newDebug(), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 2)
	for _, srv := range []*http.Server{profiles, public} {
		go func() { failed <- srv.ListenAndServe() }()
	}

	select {
	case <-ctx.Done():
	case err := <-failed:
		slog.Error("server stopped", "error", err)
		os.Exit(1)
	}
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := errors.Join(public.Shutdown(grace), profiles.Shutdown(grace)); err != nil {
		slog.Error("shutdown", "error", err)
	}
}
