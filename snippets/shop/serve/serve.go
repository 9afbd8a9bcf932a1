// Package serve is what the shop's services share: listening, health, a stop that lets running
// calls end, metrics and traces.
package serve

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// Grace is how long running calls may take to end after a stop was asked for.
const Grace = 5 * time.Second

// --8<-- [start:http]

// HTTP serves until ctx ends. Then it takes no new connection and waits for the running requests.
func HTTP(ctx context.Context, l net.Listener, handler http.Handler, grace time.Duration) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		_ = server.Close()
		return fmt.Errorf("requests were cut off: %w", err)
	}
	return nil
}

// --8<-- [end:http]

// GRPC serves until ctx ends, with the health service beside what `register` adds.
func GRPC(
	ctx context.Context, l net.Listener, m *Metrics, grace time.Duration, register func(*grpc.Server),
) error {
	server := grpc.NewServer(
		grpc.StatsHandler(otelgrpc.NewServerHandler()),
		grpc.ChainUnaryInterceptor(m.Unary, Recover),
	)
	state := health.NewServer()
	healthpb.RegisterHealthServer(server, state)
	register(server)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	state.Shutdown() // clients that watch the health go elsewhere
	cut := time.AfterFunc(grace, server.Stop)
	server.GracefulStop()
	if !cut.Stop() {
		return fmt.Errorf("calls were cut off after %v", grace)
	}
	return nil
}

// --8<-- [start:dial]

// Dial makes a client that connects on first use and, after a failure, tries again within a second.
// It panics where the address can't be read.
func Dial(address string) *grpc.ClientConn {
	conn, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(insecure.NewCredentials()), // inside the cluster's own network
		grpc.WithStatsHandler(otelgrpc.NewClientHandler()),
		grpc.WithDisableServiceConfig(), // settings come from here, not from DNS
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second,
			},
			MinConnectTimeout: time.Second,
		}),
	)
	if err != nil {
		panic(err)
	}
	return conn
}

// --8<-- [end:dial]

// Transport keeps as many idle connections to one host as a loaded service uses; the default is two.
func Transport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = t.MaxIdleConns
	return t
}

// Admin answers health and metrics; it belongs on an address of its own.
func Admin(ctx context.Context, m *Metrics) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if ctx.Err() != nil {
			http.Error(w, "stopping", http.StatusServiceUnavailable)
		}
	})
	return mux
}
