// Package store keeps stock and orders, in memory or in PostgreSQL.
package store

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/assay/shop/shoppb"
)

// What a caller has to tell from a store that can't be reached.
var (
	ErrTooLittle = errors.New("too little in stock")
	ErrUnknown   = errors.New("no such order")
)

// Store is used by inventory (Add) and order (Save, Load).
type Store interface {
	// Add adds n, which may be negative, and returns what is left; never below zero.
	Add(ctx context.Context, product string, n int32) (left int32, err error)
	Save(ctx context.Context, order *shoppb.Order) error
	Load(ctx context.Context, id string) (*shoppb.Order, error)
}

// Memory is a Store for tests and for trying out; Left is what is there at first.
type Memory struct {
	Left   map[string]int32
	mu     sync.Mutex
	orders sync.Map
}

// Add is Store's.
func (m *Memory) Add(_ context.Context, product string, n int32) (int32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Left[product]+n < 0 {
		return 0, ErrTooLittle
	}
	m.Left[product] += n
	return m.Left[product], nil
}

// Save is Store's.
func (m *Memory) Save(_ context.Context, order *shoppb.Order) error {
	m.orders.Store(order.Id, order)
	return nil
}

// Load is Store's.
func (m *Memory) Load(_ context.Context, id string) (*shoppb.Order, error) {
	if order, ok := m.orders.Load(id); ok {
		return order.(*shoppb.Order), nil
	}
	return nil, ErrUnknown
}

// Postgres is the Store that several copies of a service share.
type Postgres struct{ Pool *pgxpool.Pool }

// Prepare makes the tables and puts in the stock that isn't there yet.
func (p Postgres) Prepare(ctx context.Context, left map[string]int32) error {
	_, err := p.Pool.Exec(ctx, `
		CREATE TABLE IF NOT EXISTS stock (product text PRIMARY KEY, n int NOT NULL CHECK (n >= 0));
		CREATE TABLE IF NOT EXISTS orders (id text PRIMARY KEY, customer text NOT NULL,
			product text NOT NULL, quantity int NOT NULL, total_cents bigint NOT NULL)`)
	for product, n := range left {
		if err == nil {
			_, err = p.Pool.Exec(ctx, `INSERT INTO stock VALUES ($1, $2) ON CONFLICT DO NOTHING`, product, n)
		}
	}
	return err
}

// Add is one statement: two orders at once can't both take the last one.
func (p Postgres) Add(ctx context.Context, product string, n int32) (left int32, err error) {
	err = p.Pool.QueryRow(ctx,
		`UPDATE stock SET n = n + $2 WHERE product = $1 AND n + $2 >= 0 RETURNING n`, product, n,
	).Scan(&left)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, ErrTooLittle
	}
	return left, err
}

// Save is Store's.
func (p Postgres) Save(ctx context.Context, o *shoppb.Order) error {
	_, err := p.Pool.Exec(ctx, `INSERT INTO orders VALUES ($1, $2, $3, $4, $5)`,
		o.Id, o.Customer, o.Product, o.Quantity, o.TotalCents)
	return err
}

// Load is Store's.
func (p Postgres) Load(ctx context.Context, id string) (*shoppb.Order, error) {
	o := &shoppb.Order{Id: id}
	err := p.Pool.QueryRow(ctx,
		`SELECT customer, product, quantity, total_cents FROM orders WHERE id = $1`, id,
	).Scan(&o.Customer, &o.Product, &o.Quantity, &o.TotalCents)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrUnknown
	}
	return o, err
}
