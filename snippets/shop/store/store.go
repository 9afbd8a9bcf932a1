// Package store keeps stock and orders, in memory or in PostgreSQL.
package store

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/assay/shop/shoppb"
)

func tooLittle(product string) error {
	return status.Errorf(codes.FailedPrecondition, "%s: too little in stock", product)
}

func unknown(id string) error { return status.Errorf(codes.NotFound, "no order %q", id) }

// Store is used by inventory (Add) and order (Save, Load). An error without a gRPC status means
// that the database can't be reached.
type Store interface {
	// Add adds n, which may be negative, and returns what is left.
	// It fails with FAILED_PRECONDITION where that would be below zero.
	Add(ctx context.Context, product string, n int32) (left int32, err error)
	Save(ctx context.Context, order *shoppb.Order) error
	// Load fails with NOT_FOUND for an order that isn't there.
	Load(ctx context.Context, id string) (*shoppb.Order, error)
}

// Open returns the Store at a PostgreSQL URL, one in memory if the URL is empty.
// It puts in the stock that isn't there yet.
func Open(ctx context.Context, url string, stock map[string]int32) (Store, error) {
	if url == "" {
		return &memory{stock: stock, orders: map[string]*shoppb.Order{}}, nil
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	_, err = pool.Exec(ctx, `
		CREATE TABLE IF NOT EXISTS stock (product text PRIMARY KEY, n int NOT NULL CHECK (n >= 0));
		CREATE TABLE IF NOT EXISTS orders (id text PRIMARY KEY, customer text NOT NULL,
			product text NOT NULL, quantity int NOT NULL, total_cents bigint NOT NULL)`)
	for product, n := range stock {
		if err == nil {
			_, err = pool.Exec(ctx, `INSERT INTO stock VALUES ($1, $2) ON CONFLICT DO NOTHING`, product, n)
		}
	}
	return postgres{pool}, err
}

// memory is for tests and for trying out.
type memory struct {
	mu     sync.Mutex
	stock  map[string]int32
	orders map[string]*shoppb.Order
}

func (m *memory) Add(_ context.Context, product string, n int32) (int32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stock[product]+n < 0 {
		return 0, tooLittle(product)
	}
	m.stock[product] += n
	return m.stock[product], nil
}

func (m *memory) Save(_ context.Context, order *shoppb.Order) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.orders[order.Id] = order
	return nil
}

func (m *memory) Load(_ context.Context, id string) (*shoppb.Order, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if order := m.orders[id]; order != nil {
		return order, nil
	}
	return nil, unknown(id)
}

// postgres is what several copies of a service share.
type postgres struct{ pool *pgxpool.Pool }

// Add is one statement: two orders at once can't both take the last one.
func (p postgres) Add(ctx context.Context, product string, n int32) (left int32, err error) {
	err = p.pool.QueryRow(ctx,
		`UPDATE stock SET n = n + $2 WHERE product = $1 AND n + $2 >= 0 RETURNING n`, product, n,
	).Scan(&left)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, tooLittle(product)
	}
	return left, err
}

func (p postgres) Save(ctx context.Context, o *shoppb.Order) error {
	_, err := p.pool.Exec(ctx, `INSERT INTO orders VALUES ($1, $2, $3, $4, $5)`,
		o.Id, o.Customer, o.Product, o.Quantity, o.TotalCents)
	return err
}

func (p postgres) Load(ctx context.Context, id string) (*shoppb.Order, error) {
	o := &shoppb.Order{Id: id}
	err := p.pool.QueryRow(ctx,
		`SELECT customer, product, quantity, total_cents FROM orders WHERE id = $1`, id,
	).Scan(&o.Customer, &o.Product, &o.Quantity, &o.TotalCents)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, unknown(id)
	}
	return o, err
}
