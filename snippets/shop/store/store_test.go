package store

import (
	"crypto/rand"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"example.com/assay/shop/shoppb"
)

func TestMemory(t *testing.T) { check(t, "") }

func TestPostgres(t *testing.T) {
	if os.Getenv("DATABASE_URL") == "" {
		t.Skip("DATABASE_URL names no PostgreSQL")
	}
	check(t, os.Getenv("DATABASE_URL"))
}

// check lets 50 customers want the 10 that are there, and stores an order.
func check(t *testing.T, url string) {
	product := rand.Text()
	s, err := Open(t.Context(), url, map[string]int32{product: 10})
	if err != nil {
		t.Fatal(err)
	}
	var sold atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := s.Add(t.Context(), product, -1); err == nil {
				sold.Add(1)
			} else if status.Code(err) != codes.FailedPrecondition {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if left, err := s.Add(t.Context(), product, 3); err != nil || sold.Load() != 10 || left != 3 {
		t.Errorf("sold %d, %d left, %v", sold.Load(), left, err)
	}
	want := &shoppb.Order{Id: product, Customer: "lin", Product: product, Quantity: 2, TotalCents: 700}
	if _, err := s.Load(t.Context(), want.Id); status.Code(err) != codes.NotFound {
		t.Errorf("before Save: %v", err)
	}
	if err := s.Save(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Load(t.Context(), want.Id); err != nil || !proto.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}
