package inventory

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/assay/shop/shoppb"
	"example.com/assay/shop/store"
)

func TestReserveAndRelease(t *testing.T) {
	s := Server{Store: &store.Memory{Left: map[string]int32{"tea": 10}}}
	for _, test := range []struct {
		quantity int32
		want     codes.Code
	}{{10, codes.OK}, {1, codes.FailedPrecondition}, {-5, codes.InvalidArgument}} {
		_, err := s.Reserve(t.Context(), &shoppb.ReserveRequest{Product: "tea", Quantity: test.quantity})
		if status.Code(err) != test.want {
			t.Errorf("%d: %v, want %v", test.quantity, err, test.want)
		}
	}
	if left, err := s.Release(t.Context(), &shoppb.ReserveRequest{Product: "tea", Quantity: 3}); err != nil || left.Left != 3 {
		t.Errorf("after Release: %v, %v", left, err)
	}
}
