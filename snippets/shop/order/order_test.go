package order

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/assay/shop/inventory"
	"example.com/assay/shop/product"
	"example.com/assay/shop/risk"
	"example.com/assay/shop/serve"
	"example.com/assay/shop/shoppb"
	"example.com/assay/shop/store"
)

// The real services around order, and a Redis in memory. A customer may place one order in a minute,
// for 1000 cents; whatever isn't placed is back in the stock.
func TestPlace(t *testing.T) {
	counts := miniredis.RunT(t)
	rules := risk.Service{Counter: risk.NewCounter(counts.Addr()), PerMinute: 1, MaxCents: 1000}.Handler()
	arrived := func() {}
	verify := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived()
		rules.ServeHTTP(w, r)
	}))
	defer verify.Close()
	data, err := store.Open(t.Context(), "", map[string]int32{"tea": 10})
	if err != nil {
		t.Fatal(err)
	}
	conn, stop := serve.InMemory(func(g *grpc.Server) {
		shoppb.RegisterProductsServer(g, product.Server{Prices: map[string]int64{"tea": 350}})
		shoppb.RegisterInventoryServer(g, inventory.Server{Store: data})
	})
	defer stop()
	s := Server{
		Products: shoppb.NewProductsClient(conn), Inventory: shoppb.NewInventoryClient(conn), Store: data,
		Risk: risk.Client{URL: verify.URL, HTTP: verify.Client()},
	}
	ctx, leave := context.WithCancel(t.Context())
	place := func(ctx context.Context, req any) (any, error) { return s.Place(ctx, req.(*shoppb.PlaceRequest)) }
	for _, step := range []struct {
		name, customer, product string
		quantity, left          int32
		before                  func()
		want                    codes.Code
	}{
		{"nobody", "", "tea", 2, 10, nil, codes.InvalidArgument},
		{"unknown product", "lin", "gold", 1, 10, nil, codes.NotFound},
		{"more than there is", "lin", "tea", 11, 10, nil, codes.FailedPrecondition},
		{"too expensive", "wang", "tea", 3, 10, nil, codes.PermissionDenied},
		{"placed", "lin", "tea", 2, 8, nil, codes.OK},
		{"too often", "lin", "tea", 2, 8, nil, codes.PermissionDenied},
		{"a minute later", "lin", "tea", 2, 6, func() { counts.FastForward(time.Minute) }, codes.OK},
		{"no Redis", "zhao", "tea", 2, 6, counts.Close, codes.Unavailable},
		{"caller leaves", "chen", "tea", 2, 6, func() { arrived = leave }, codes.Canceled},
	} {
		if step.before != nil {
			step.before()
		}
		req := &shoppb.PlaceRequest{Customer: step.customer, Product: step.product, Quantity: step.quantity}
		_, err := serve.NewMetrics().Unary(ctx, req, &grpc.UnaryServerInfo{}, place)
		left, _ := data.Add(t.Context(), "tea", 0)
		if status.Code(err) != step.want || left != step.left {
			t.Errorf("%s: %v, %d left; want %v, %d", step.name, err, left, step.want, step.left)
		}
	}
}
