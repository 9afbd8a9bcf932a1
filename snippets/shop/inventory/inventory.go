// Package inventory takes from the stock and puts back.
package inventory

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/assay/shop/shoppb"
	"example.com/assay/shop/store"
)

// Server is the Inventory service.
type Server struct {
	shoppb.UnimplementedInventoryServer
	Store store.Store
}

// Reserve takes all that is asked for, or nothing.
func (s Server) Reserve(ctx context.Context, req *shoppb.ReserveRequest) (*shoppb.Stock, error) {
	return s.add(ctx, req, -1)
}

// Release puts back.
func (s Server) Release(ctx context.Context, req *shoppb.ReserveRequest) (*shoppb.Stock, error) {
	return s.add(ctx, req, 1)
}

func (s Server) add(ctx context.Context, req *shoppb.ReserveRequest, sign int32) (*shoppb.Stock, error) {
	if req.Quantity <= 0 {
		return nil, status.Error(codes.InvalidArgument, "quantity must be positive")
	}
	left, err := s.Store.Add(ctx, req.Product, sign*req.Quantity)
	if err != nil {
		return nil, err
	}
	return &shoppb.Stock{Product: req.Product, Left: left}, nil
}
