// Package conns is a bounded pool for things that must be closed, such as connections.
package conns

import (
	"context"
	"errors"
	"io"
	"sync"
)

// ErrClosed is returned by Get after Close.
var ErrClosed = errors.New("pool is closed")

// --8<-- [start:pool]

// Pool hands out at most cap(free) values at a time and closes every one of them.
type Pool[C io.Closer] struct {
	free chan C        // ready to use
	room chan struct{} // one token per value that may still be opened
	open func(context.Context) (C, error)

	mu     sync.Mutex
	closed bool
}

// New makes a pool that opens up to size values.
func New[C io.Closer](size int, open func(context.Context) (C, error)) *Pool[C] {
	p := &Pool[C]{free: make(chan C, size), room: make(chan struct{}, size), open: open}
	for range size {
		p.room <- struct{}{}
	}
	return p
}

// Get returns a free value, opens one if there is room, or waits until ctx is done.
func (p *Pool[C]) Get(ctx context.Context) (C, error) {
	var none C
	select {
	case c, ok := <-p.free:
		if !ok {
			return none, ErrClosed
		}
		return c, nil
	default:
	}
	select {
	case c, ok := <-p.free:
		if !ok {
			return none, ErrClosed
		}
		return c, nil
	case <-p.room:
		c, err := p.open(ctx)
		if err != nil {
			p.room <- struct{}{}
		}
		return c, err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// Put gives the value back; after Close it is closed instead of kept.
func (p *Pool[C]) Put(c C) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return c.Close()
	}
	p.free <- c
	return nil
}

// Close closes the free values now and the others when they come back.
func (p *Pool[C]) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	close(p.free)
	var errs []error
	for c := range p.free {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// --8<-- [end:pool]
