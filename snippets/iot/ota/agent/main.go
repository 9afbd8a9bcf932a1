// Command agent is the small service of the device: it takes telemetry and says how it is.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"time"

	"example.com/assay/snippets/iot/ota/usage"
)

// version is set by the build: -ldflags "-X main.version=2".
var version = "0"

// routes is extended by files behind build tags.
var routes = map[string]http.HandlerFunc{}

var received atomic.Int64

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	if err := run(*addr); err != nil {
		slog.Error("agent", "err", err)
		os.Exit(1)
	}
}

func run(addr string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]string{"version": version})
	})
	mux.HandleFunc("POST /telemetry", telemetry)
	mux.HandleFunc("GET /memory", memory)
	for pattern, h := range routes {
		mux.HandleFunc(pattern, h)
	}
	srv := &http.Server{
		Addr:              addr,
		Handler:           mux,
		ReadHeaderTimeout: 2 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      5 * time.Second,
		IdleTimeout:       30 * time.Second,
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- srv.ListenAndServe() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		return err
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func telemetry(w http.ResponseWriter, r *http.Request) {
	var v struct {
		Device      string  `json:"device"`
		Temperature float64 `json:"temperature"`
	}
	body := http.MaxBytesReader(w, r.Body, 4<<10)
	if err := json.NewDecoder(body).Decode(&v); err != nil {
		http.Error(w, "bad telemetry", http.StatusBadRequest)
		return
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		http.Error(w, "bad telemetry", http.StatusBadRequest)
		return
	}
	received.Add(1)
	w.WriteHeader(http.StatusAccepted)
}

func memory(w http.ResponseWriter, _ *http.Request) {
	u, err := usage.Read()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, struct {
		usage.Usage
		Received int64 `json:"received"`
	}{u, received.Load()})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		slog.Error("answer", "err", err)
	}
}
