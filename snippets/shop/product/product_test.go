package product

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/assay/shop/shoppb"
)

func TestGet(t *testing.T) {
	s := Server{Prices: map[string]int64{"tea": 350}}
	if p, err := s.Get(t.Context(), &shoppb.GetProductRequest{Id: "tea"}); err != nil || p.PriceCents != 350 {
		t.Errorf("tea: %v, %v", p, err)
	}
	if _, err := s.Get(t.Context(), &shoppb.GetProductRequest{Id: "gold"}); status.Code(err) != codes.NotFound {
		t.Errorf("gold: %v", err)
	}
}
