package order

import (
	"context"
	"errors"
	"testing"

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

func TestPlace(t *testing.T) {
	memory := &store.Memory{Left: map[string]int32{"tea": 10}}
	conn, stop := serve.InMemory(func(g *grpc.Server) {
		shoppb.RegisterProductsServer(g, product.Server{Prices: map[string]int64{"tea": 350}})
		shoppb.RegisterInventoryServer(g, inventory.Server{Store: memory})
	})
	defer stop()
	ctx, leave := context.WithCancel(t.Context())
	for _, test := range []struct {
		name, customer, product string
		quantity                int32
		verify                  func() (string, error)
		want                    codes.Code
	}{
		{"nobody", "", "tea", 2, nil, codes.InvalidArgument},
		{"unknown product", "lin", "gold", 1, nil, codes.NotFound},
		{"too many", "lin", "tea", 11, nil, codes.FailedPrecondition},
		{"refused", "lin", "tea", 2, func() (string, error) { return "too expensive", nil }, codes.PermissionDenied},
		{"no risk service", "lin", "tea", 2, func() (string, error) { return "", errors.New("refused") }, codes.Unavailable},
		{"placed", "lin", "tea", 2, func() (string, error) { return "", nil }, codes.OK},
		{"caller leaves", "lin", "tea", 2, func() (string, error) { leave(); return "", ctx.Err() }, codes.Canceled},
	} {
		s := Server{
			Products: shoppb.NewProductsClient(conn), Inventory: shoppb.NewInventoryClient(conn), Store: memory,
			Verify: func(context.Context, risk.Question) (string, error) { return test.verify() },
		}
		before, _ := memory.Add(t.Context(), "tea", 0)
		order, err := s.Place(ctx, &shoppb.PlaceRequest{Customer: test.customer, Product: test.product, Quantity: test.quantity})
		after, _ := memory.Add(t.Context(), "tea", 0)
		if status.Code(err) != test.want {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
		if err != nil && after != before {
			t.Errorf("%s: %d left, %d before", test.name, after, before)
		}
		if err == nil {
			got, err := s.Get(ctx, &shoppb.GetOrderRequest{Id: order.Id})
			if err != nil || got.TotalCents != 700 || after != before-2 {
				t.Errorf("%s: %v, %v, %d left", test.name, got, err, after)
			}
		}
	}
}
