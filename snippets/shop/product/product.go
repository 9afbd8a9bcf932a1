// Package product answers what a product costs.
package product

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/assay/shop/shoppb"
)

// Server is the Products service; Prices are in cents.
type Server struct {
	shoppb.UnimplementedProductsServer
	Prices map[string]int64
}

// Get returns one product.
func (s Server) Get(_ context.Context, req *shoppb.GetProductRequest) (*shoppb.Product, error) {
	price, ok := s.Prices[req.Id]
	if !ok {
		return nil, status.Errorf(codes.NotFound, "no product %q", req.Id)
	}
	return &shoppb.Product{Id: req.Id, PriceCents: price}, nil
}
