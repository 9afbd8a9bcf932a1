// Command flags is a small HTTP service; the page builds it with different flags.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

// --8<-- [start:version]

// version can be set at link time: -ldflags "-X main.version=1.2.3".
var version = "dev"

// settings returns what the build recorded about itself.
func settings() map[string]string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	found := make(map[string]string, len(info.Settings))
	for _, s := range info.Settings {
		found[s.Key] = s.Value
	}
	return found
}

// --8<-- [end:version]

func newHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, version)
	})
	return mux
}

// --8<-- [start:crash]

func price(cents map[string]int, item string) int {
	if _, ok := cents[item]; !ok {
		panic("no price for " + item)
	}
	return cents[item]
}

// --8<-- [end:crash]

func serve(ctx context.Context, addr string) error {
	srv := &http.Server{Addr: addr, Handler: newHandler(), ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		stopped <- srv.Shutdown(grace)
	}()
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	show := flag.Bool("version", false, "print the version and stop")
	crash := flag.Bool("crash", false, "panic and stop")
	flag.Parse()

	switch {
	case *show:
		fmt.Println(version, "trimpath="+settings()["-trimpath"])
		return
	case *crash:
		fmt.Println(price(map[string]int{"tea": 350}, "coffee"))
		return
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *addr); err != nil {
		slog.Error("server stopped", "error", err)
		os.Exit(1)
	}
}
