// Package serve is what the shop's services share: listening, health, a stop that lets running
// calls end, metrics and traces.
package serve

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"
)

// Grace is how long running calls may take to end after a stop was asked for.
const Grace = 5 * time.Second

// --8<-- [start:stop]

// HTTP serves until ctx ends. Then it takes no new connection and waits for the running requests.
func HTTP(ctx context.Context, l net.Listener, handler http.Handler, grace time.Duration) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	return until(ctx, func() error { return server.Serve(l) }, func() error {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		if err := server.Shutdown(ending); err != nil {
			_ = server.Close()
			return fmt.Errorf("requests were cut off: %w", err)
		}
		return nil
	})
}

// GRPC serves until ctx ends, with the health service beside what the server has.
func GRPC(ctx context.Context, l net.Listener, server *grpc.Server, grace time.Duration) error {
	state := health.NewServer()
	healthpb.RegisterHealthServer(server, state)
	return until(ctx, func() error { return server.Serve(l) }, func() error {
		state.Shutdown() // clients that watch the health go elsewhere
		cut := time.AfterFunc(grace, server.Stop)
		server.GracefulStop()
		if !cut.Stop() {
			return fmt.Errorf("calls were cut off after %v", grace)
		}
		return nil
	})
}

func until(ctx context.Context, serve, stop func() error) error {
	failed := make(chan error, 1)
	go func() { failed <- serve() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return stop()
	}
}

// --8<-- [end:stop]

// NewGRPC returns a server that counts, logs and traces each call, and outlives a panic.
func NewGRPC(m *Metrics) *grpc.Server {
	return grpc.NewServer(
		grpc.StatsHandler(otelgrpc.NewServerHandler()), grpc.ChainUnaryInterceptor(m.Unary, Recover))
}

// --8<-- [start:dial]

// Dial makes a client that connects on first use and, after a failure, tries again within a second.
// It panics where the address can't be read.
func Dial(address string, opts ...grpc.DialOption) *grpc.ClientConn {
	again := backoff.DefaultConfig
	again.BaseDelay, again.MaxDelay = 100*time.Millisecond, time.Second
	conn, err := grpc.NewClient(address, append(opts,
		grpc.WithTransportCredentials(insecure.NewCredentials()), // inside the cluster's own network
		grpc.WithStatsHandler(otelgrpc.NewClientHandler()),
		grpc.WithDisableServiceConfig(), // settings come from here, not from DNS
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: again, MinConnectTimeout: time.Second}),
	)...)
	if err != nil {
		panic(err)
	}
	return conn
}

// --8<-- [end:dial]

// InMemory connects a client with services in the same process: real gRPC without a network.
func InMemory(register func(*grpc.Server), opts ...grpc.ServerOption) (conn *grpc.ClientConn, stop func()) {
	l, server := bufconn.Listen(1<<16), grpc.NewServer(opts...)
	register(server)
	go func() { _ = server.Serve(l) }()
	conn = Dial("passthrough:///shop", grpc.WithContextDialer(
		func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }))
	return conn, func() {
		_ = conn.Close()
		server.Stop()
	}
}

// Client traces its requests and keeps as many idle connections to one host as a loaded service
// uses; the default is two.
func Client() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = t.MaxIdleConns
	return &http.Client{Transport: otelhttp.NewTransport(t)}
}

// Admin answers health and metrics; it belongs on an address of its own.
func Admin(ctx context.Context, m *Metrics) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if ctx.Err() != nil {
			http.Error(w, "stopping", http.StatusServiceUnavailable)
		}
	})
	return mux
}
