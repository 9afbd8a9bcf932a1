package conns

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

type conn struct{ closed *atomic.Int64 }

func (c *conn) Close() error {
	c.closed.Add(1)
	return nil
}

func pool(size int) (p *Pool[*conn], opened, closed *atomic.Int64) {
	opened, closed = new(atomic.Int64), new(atomic.Int64)
	return New(size, func(context.Context) (*conn, error) {
		opened.Add(1)
		return &conn{closed}, nil
	}), opened, closed
}

// --8<-- [start:tests]

func TestNothingIsLost(t *testing.T) {
	p, opened, closed := pool(2)
	for range 10 {
		c, err := p.Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		if err := p.Put(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if opened.Load() != 1 || closed.Load() != 1 {
		t.Errorf("opened %d, closed %d, want 1 and 1", opened.Load(), closed.Load())
	}
}

func TestFullPoolWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, _ := pool(1)
		c, err := p.Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Get(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want a deadline error", err)
		}
		if err := p.Put(c); err != nil {
			t.Fatal(err)
		}
	})
}

// --8<-- [end:tests]

func TestValueReturnedAfterCloseIsClosed(t *testing.T) {
	p, _, closed := pool(1)
	c, err := p.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Put(c); err != nil || closed.Load() != 1 {
		t.Errorf("closed %d, error %v", closed.Load(), err)
	}
	if _, err := p.Get(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}
