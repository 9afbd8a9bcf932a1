package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/assay/shop/gateway/gatewaytest"
	"example.com/assay/shop/product"
	"example.com/assay/shop/serve"
	"example.com/assay/shop/shoppb"
)

func build(orders shoppb.OrdersClient) http.Handler {
	return Gateway{Orders: orders, Timeout: time.Minute, Metrics: serve.NewMetrics()}.Handler()
}

func post(t *testing.T, orders shoppb.OrdersClient, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	gatewaytest.Post(t.Context(), build(orders), w, body)
	return w
}

func TestFaults(t *testing.T) {
	for _, fault := range gatewaytest.Faults(build) {
		t.Error(fault)
	}
}

func TestTable(t *testing.T) {
	for code := codes.OK; code <= codes.Unauthenticated+1; code++ {
		if got := Status(code); got < 200 || got > 599 || (got < 300) != (code == codes.OK) {
			t.Errorf("%v -> %d", code, got)
		}
	}
}

func TestBodies(t *testing.T) {
	orders := gatewaytest.Orders{PlaceFunc: func(_ context.Context, req *shoppb.PlaceRequest) (*shoppb.Order, error) {
		return &shoppb.Order{Id: "1", Product: req.Product, Quantity: req.Quantity}, nil
	}}
	for body, want := range map[string]int{
		`{"product": "tea", "quantity": 2}`:    201,
		`{"product": "tea", "quantity": 2} {}`: 400,
		`{"product": "tea", "price": 1}`:       400,
		`{"product": 7}`:                       400,
		``:                                     400,
		`{"product": "` + strings.Repeat("x", MaxBody) + `"}`: 413,
	} {
		if got := post(t, orders, body); got.Code != want {
			t.Errorf("%.40s -> %d %s, want %d", body, got.Code, got.Body, want)
		}
	}
}

func TestPanicAndSecretStayInside(t *testing.T) {
	for _, place := range []func(context.Context, *shoppb.PlaceRequest) (*shoppb.Order, error){
		func(context.Context, *shoppb.PlaceRequest) (*shoppb.Order, error) { panic("secret") },
		func(context.Context, *shoppb.PlaceRequest) (*shoppb.Order, error) {
			return nil, status.Error(codes.Unavailable, "dial tcp secret:9004")
		},
		func(context.Context, *shoppb.PlaceRequest) (*shoppb.Order, error) { return nil, errors.New("secret") },
	} {
		got := post(t, gatewaytest.Orders{PlaceFunc: place}, `{"product": "tea"}`)
		if got.Code < 500 || strings.Contains(got.Body.String(), "secret") {
			t.Errorf("%d %s", got.Code, got.Body)
		}
	}
}

// A real gRPC connection, in memory: the status and the deadline cross it.
func TestThroughGRPC(t *testing.T) {
	conn, stop := serve.InMemory(func(g *grpc.Server) {
		shoppb.RegisterProductsServer(g, product.Server{Prices: map[string]int64{"tea": 350}})
	})
	defer stop()
	for _, test := range []struct {
		path    string
		timeout time.Duration
		want    int
	}{
		{"/products/tea", time.Minute, 200}, {"/products/gold", time.Minute, 404},
		{"/nothing", time.Minute, 404}, {"/products/tea", 0, 504},
	} {
		w := httptest.NewRecorder()
		Gateway{Products: shoppb.NewProductsClient(conn), Timeout: test.timeout, Metrics: serve.NewMetrics()}.
			Handler().ServeHTTP(w, httptest.NewRequest("GET", test.path, nil))
		if w.Code != test.want {
			t.Errorf("%s in %v -> %d %s, want %d", test.path, test.timeout, w.Code, w.Body, test.want)
		}
	}
}
