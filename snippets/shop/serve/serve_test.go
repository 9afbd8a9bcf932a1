package serve

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A request that runs when the stop comes gets its answer, unless it takes longer than allowed.
func TestStopLetsRequestsEnd(t *testing.T) {
	for grace, want := range map[time.Duration]string{time.Minute: "done", 20 * time.Millisecond: ""} {
		l, err := net.Listen("tcp", "localhost:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() {
			served <- HTTP(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				stop()
				time.Sleep(200 * time.Millisecond)
				_, _ = w.Write([]byte("done"))
			}), grace)
		}()
		var body []byte
		if resp, err := http.Get("http://" + l.Addr().String()); err == nil {
			body, _ = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if err := <-served; string(body) != want || (err == nil) != (want != "") {
			t.Errorf("%v: %q, %v", grace, body, err)
		}
	}
}

func TestEveryErrorHasAStatus(t *testing.T) {
	for want, fail := range map[codes.Code]func() error{
		codes.OK:          func() error { return nil },
		codes.NotFound:    func() error { return status.Error(codes.NotFound, "no order") },
		codes.Unavailable: func() error { return errors.New("dial tcp: refused") },
		codes.Internal:    func() error { panic("boom") },
	} {
		info := &grpc.UnaryServerInfo{}
		_, err := NewMetrics().Unary(t.Context(), nil, info, func(ctx context.Context, req any) (any, error) {
			return Recover(ctx, req, info, func(context.Context, any) (any, error) { return nil, fail() })
		})
		if status.Code(err) != want {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

// A span says which service it comes from and, where the baggage names one, which load test.
func TestSpansNameServiceAndRun(t *testing.T) {
	for header, want := range map[string]string{"": "", "password=secret,test.run_id=8": "8"} {
		exporter := tracetest.NewInMemoryExporter()
		provider := newProvider("order", exporter)
		ctx := propagation.Baggage{}.Extract(t.Context(), propagation.MapCarrier{"baggage": header})
		_, span := provider.Tracer("test").Start(ctx, "work")
		span.End()
		if err := provider.ForceFlush(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := exporter.GetSpans()[0]
		attributes := attribute.NewSet(got.Attributes...)
		run, _ := attributes.Value(RunKey)
		if run.AsString() != want || attributes.HasValue("password") {
			t.Errorf("%q: attributes %v, want run %q and nothing else", header, got.Attributes, want)
		}
		if name, _ := got.Resource.Set().Value("service.name"); name.AsString() != "order" {
			t.Errorf("service.name is %q", name.AsString())
		}
	}
}
