package store

import (
	"crypto/rand"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"

	"example.com/assay/shop/shoppb"
)

func TestMemory(t *testing.T) { check(t, &Memory{Left: map[string]int32{"tea": 10}}, "tea") }

func TestPostgres(t *testing.T) {
	url := os.Getenv("DATABASE_URL")
	if url == "" {
		t.Skip("DATABASE_URL names no PostgreSQL")
	}
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	product := rand.Text()
	if err := (Postgres{pool}).Prepare(t.Context(), map[string]int32{product: 10}); err != nil {
		t.Fatal(err)
	}
	check(t, Postgres{pool}, product)
}

// check lets 50 customers want the 10 that are there, and stores an order.
func check(t *testing.T, s Store, product string) {
	var sold atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := s.Add(t.Context(), product, -1); err == nil {
				sold.Add(1)
			} else if !errors.Is(err, ErrTooLittle) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if left, err := s.Add(t.Context(), product, 3); err != nil || sold.Load() != 10 || left != 3 {
		t.Errorf("sold %d, %d left, %v", sold.Load(), left, err)
	}
	want := &shoppb.Order{Id: product, Customer: "lin", Product: product, Quantity: 2, TotalCents: 700}
	if _, err := s.Load(t.Context(), want.Id); !errors.Is(err, ErrUnknown) {
		t.Errorf("before Save: %v", err)
	}
	if err := s.Save(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Load(t.Context(), want.Id); err != nil || !proto.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}
