package serve

import (
	"context"
	"log/slog"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// --8<-- [start:metrics]

// Metrics are one service's numbers, in a registry of their own.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	calls    *prometheus.CounterVec
}

// NewMetrics registers what every service has.
func NewMetrics() *Metrics {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	with := promauto.With(registry)
	return &Metrics{
		registry: registry,
		requests: with.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total", Help: "HTTP requests that were answered.",
		}, []string{"method", "route", "code"}),
		seconds: with.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time from the request's head to the end of the answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"method", "route"}),
		calls: with.NewCounterVec(prometheus.CounterOpts{
			Name: "grpc_server_handled_total", Help: "gRPC calls that were answered.",
		}, []string{"grpc_method", "grpc_code"}),
	}
}

// --8<-- [end:metrics]

// Observe counts one HTTP request. The route is the pattern, never the path: paths have no end.
func (m *Metrics) Observe(method, route string, code int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(code)).Inc()
	m.seconds.WithLabelValues(method, route).Observe(took.Seconds())
}

// Unary counts and logs each call of a gRPC server.
func (m *Metrics) Unary(
	ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler,
) (any, error) {
	start := time.Now()
	resp, cause := next(ctx, req)
	err := answer(ctx, cause)
	code := status.Code(err)
	m.calls.WithLabelValues(info.FullMethod, code.String()).Inc()
	slog.Info("call", "method", info.FullMethod, "code", code, "took", time.Since(start), "error", cause)
	return resp, err
}

// answer gives an error without a gRPC status one: the caller has ended the call, or what is behind
// the service can't be reached. The text stays in the log.
func answer(ctx context.Context, err error) error {
	if _, known := status.FromError(err); known {
		return err
	}
	if ctx.Err() != nil {
		return status.FromContextError(ctx.Err()).Err()
	}
	return status.Error(codes.Unavailable, "what is behind the service can't be reached")
}

// --8<-- [start:recover]

// Recover turns a panic into INTERNAL: gRPC for Go has no recovery of its own, the process would end.
func Recover(
	ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler,
) (resp any, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			slog.Error("panic", "method", info.FullMethod, "fault", fault, "stack", string(debug.Stack()))
			err = status.Error(codes.Internal, "internal error")
		}
	}()
	return next(ctx, req)
}

// --8<-- [end:recover]
