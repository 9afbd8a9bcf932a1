// Package order places orders: price, stock, risk, then the store.
package order

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/assay/shop/risk"
	"example.com/assay/shop/shoppb"
	"example.com/assay/shop/store"
)

// Server is the Orders service.
type Server struct {
	shoppb.UnimplementedOrdersServer
	Products  shoppb.ProductsClient
	Inventory shoppb.InventoryClient
	Risk      risk.Client
	Store     store.Store
}

// --8<-- [start:place]

// Place takes from the stock first; what fails later puts back, also when the caller has left.
func (s *Server) Place(ctx context.Context, req *shoppb.PlaceRequest) (*shoppb.Order, error) {
	if req.Customer == "" || req.Quantity <= 0 {
		return nil, status.Error(codes.InvalidArgument, "customer and a positive quantity are needed")
	}
	product, err := s.Products.Get(ctx, &shoppb.GetProductRequest{Id: req.Product})
	if err != nil {
		return nil, err // already a gRPC status
	}
	reserved := &shoppb.ReserveRequest{Product: req.Product, Quantity: req.Quantity}
	if _, err := s.Inventory.Reserve(ctx, reserved); err != nil {
		return nil, err
	}
	order := &shoppb.Order{
		Id: rand.Text(), Customer: req.Customer, Product: req.Product, Quantity: req.Quantity,
		TotalCents: product.PriceCents * int64(req.Quantity),
	}
	err = s.Risk.Verify(ctx, risk.Question{Customer: order.Customer, TotalCents: order.TotalCents})
	if err == nil {
		err = s.Store.Save(ctx, order)
	}
	if err != nil {
		s.putBack(ctx, reserved)
		return nil, err
	}
	return order, nil
}

func (s *Server) putBack(ctx context.Context, reserved *shoppb.ReserveRequest) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if _, err := s.Inventory.Release(ctx, reserved); err != nil {
		slog.Error("stock is lost", "product", reserved.Product, "quantity", reserved.Quantity, "error", err)
	}
}

// --8<-- [end:place]

// Get returns one order.
func (s *Server) Get(ctx context.Context, req *shoppb.GetOrderRequest) (*shoppb.Order, error) {
	return s.Store.Load(ctx, req.Id)
}
