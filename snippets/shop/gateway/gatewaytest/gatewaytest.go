// Package gatewaytest has what any handler between HTTP and gRPC should keep.
package gatewaytest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
func Post(ctx context.Context, h http.Handler, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	req := httptest.NewRequestWithContext(ctx, "POST", "/orders", strings.NewReader(body))
	req.Header.Set("X-Customer", "lin")
	h.ServeHTTP(w, req)
	return w
}

const tea = `{"product": "tea", "quantity": 2}`

// --8<-- [start:check]

// Check fails where an error isn't answered as one, and where a client that left isn't noticed.
func Check(t *testing.T, build func(shoppb.OrdersClient) http.Handler) {
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		t.Run(code.String(), func(t *testing.T) {
			defer func() {
				if fault := recover(); fault != nil {
					t.Errorf("%v: panic: %v", code, fault)
				}
			}()
			got := Post(t.Context(), build(Orders{PlaceFunc: func(context.Context, *shoppb.PlaceRequest) (*shoppb.Order, error) {
				if code != codes.OK {
					return nil, status.Error(code, "as asked")
				}
				return &shoppb.Order{Id: "1"}, nil
			}}), tea)
			if ok := got.Code < 300; ok != (code == codes.OK) || got.Body.Len() == 0 {
				t.Errorf("%v: answered with %d and %d bytes", code, got.Code, got.Body.Len())
			}
		})
	}
	t.Run("client leaves", func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		seen := false
		Post(ctx, build(Orders{PlaceFunc: func(ctx context.Context, _ *shoppb.PlaceRequest) (*shoppb.Order, error) {
			leave()
			select {
			case <-ctx.Done():
				seen = true
			case <-time.After(time.Second):
			}
			return nil, status.Error(codes.Canceled, "left")
		}}), tea)
		if !seen {
			t.Error("the client left, the call went on")
		}
	})
}

// --8<-- [end:check]
