package serve

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

func listen(t *testing.T) net.Listener {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A request that runs when the stop comes gets its answer, unless it takes longer than allowed.
func TestHTTPLetsRequestsEnd(t *testing.T) {
	for _, test := range []struct {
		name  string
		grace time.Duration
		want  string
	}{{"in time", time.Minute, "done"}, {"too slow", 20 * time.Millisecond, ""}} {
		ctx, stop := context.WithCancel(t.Context())
		l, served, arrived := listen(t), make(chan error, 1), make(chan struct{})
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(arrived)
			time.Sleep(200 * time.Millisecond)
			_, _ = w.Write([]byte("done"))
		})
		go func() { served <- HTTP(ctx, l, handler, test.grace) }()
		go func() { <-arrived; stop() }()
		body := make([]byte, 4)
		if resp, err := http.Get("http://" + l.Addr().String()); err == nil {
			_, _ = resp.Body.Read(body)
			resp.Body.Close()
		}
		err := <-served
		if got := strings.Trim(string(body), "\x00"); got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: %q, %v", test.name, got, err)
		}
	}
}

func TestGRPCHasHealthAndStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	l, served := listen(t), make(chan error, 1)
	go func() { served <- GRPC(ctx, l, NewMetrics(), time.Minute, func(*grpc.Server) {}) }()
	conn := Dial(l.Addr().String())
	defer conn.Close()
	resp, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil || resp.Status != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("health: %v, %v", resp, err)
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestRecoverMakesInternal(t *testing.T) {
	_, err := Recover(t.Context(), nil, &grpc.UnaryServerInfo{}, func(context.Context, any) (any, error) {
		panic("boom")
	})
	if status.Code(err) != codes.Internal || strings.Contains(err.Error(), "boom") {
		t.Errorf("got %v", err)
	}
}

func TestAdmin(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	m := NewMetrics()
	m.Observe("GET", "/orders/:id", 404, time.Millisecond)
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		Admin(ctx, m).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w
	}
	want := `http_requests_total{code="404",method="GET",route="/orders/:id"} 1`
	if body := get("/metrics").Body.String(); !strings.Contains(body, want) {
		t.Errorf("no %s in %s", want, body)
	}
	before := get("/readyz").Code
	stop()
	if after := get("/readyz").Code; before != 200 || after != 503 || get("/healthz").Code != 200 {
		t.Errorf("ready: %d, stopping: %d", before, after)
	}
}
