// Package gatewaytest has what any handler between HTTP and gRPC should keep.
package gatewaytest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/assay/shop/shoppb"
)

// Orders is a client whose Place does what the test says.
type Orders struct {
	shoppb.OrdersClient
	PlaceFunc func(context.Context, *shoppb.PlaceRequest) (*shoppb.Order, error)
}

// Place is OrdersClient's.
func (o Orders) Place(ctx context.Context, req *shoppb.PlaceRequest, _ ...grpc.CallOption) (*shoppb.Order, error) {
	return o.PlaceFunc(ctx, req)
}

// Post sends an order to a handler.
func Post(ctx context.Context, h http.Handler, w http.ResponseWriter, body string) {
	req := httptest.NewRequestWithContext(ctx, "POST", "/orders", strings.NewReader(body))
	req.Header.Set("X-Customer", "lin")
	h.ServeHTTP(w, req)
}

// --8<-- [start:faults]

// Faults says where an error isn't answered as one, and whether a client that left is noticed.
func Faults(build func(shoppb.OrdersClient) http.Handler) (faults []string) {
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		got, fault := try(context.Background(), build, func(context.Context) error { return status.Error(code, "as asked") })
		switch ok := got.Code < 300; {
		case fault != nil:
			faults = append(faults, fmt.Sprintf("%v: panic: %v", code, fault))
		case ok != (code == codes.OK) || got.Body.Len() == 0:
			faults = append(faults, fmt.Sprintf("%v: answered with %d and %d bytes", code, got.Code, got.Body.Len()))
		}
	}
	ctx, leave := context.WithCancel(context.Background())
	noticed := false
	_, _ = try(ctx, build, func(ctx context.Context) error {
		leave()
		select {
		case <-ctx.Done():
			noticed = true
		case <-time.After(time.Second):
		}
		return status.FromContextError(context.Canceled).Err()
	})
	if !noticed {
		faults = append(faults, "the client left, the call went on")
	}
	return faults
}

// --8<-- [end:faults]

func try(
	ctx context.Context, build func(shoppb.OrdersClient) http.Handler, place func(context.Context) error,
) (got *httptest.ResponseRecorder, fault any) {
	got = httptest.NewRecorder()
	defer func() { fault = recover() }()
	Post(ctx, build(Orders{PlaceFunc: func(ctx context.Context, _ *shoppb.PlaceRequest) (*shoppb.Order, error) {
		if err := place(ctx); err != nil {
			return nil, err // as generated clients do: no order beside an error
		}
		return &shoppb.Order{Id: "1"}, nil
	}}), got, `{"product": "tea", "quantity": 2}`)
	return got, nil
}
