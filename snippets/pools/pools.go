// Package pools has three ways to reuse buffers with sync.Pool; one allocates on every Put,
// one keeps whatever it is given, one does neither.
package pools

import (
	"bytes"
	"sync"
)

// --8<-- [start:slices]

// Slices pools []byte values. Put boxes the slice header: one allocation each time.
type Slices struct{ pool sync.Pool }

// Get returns an empty slice with some capacity.
func (p *Slices) Get() []byte {
	if b, ok := p.pool.Get().([]byte); ok {
		return b[:0]
	}
	return make([]byte, 0, 4096)
}

// Put keeps b for later, however large it has become.
func (p *Slices) Put(b []byte) {
	p.pool.Put(b)
}

// --8<-- [end:slices]

// --8<-- [start:buffers]

// Buffers pools *bytes.Buffer. A pointer fits into an interface without allocating.
type Buffers struct {
	pool sync.Pool
	// Max is the largest capacity that is kept; 0 means 64 KiB.
	Max int
}

// Get returns an empty buffer.
func (p *Buffers) Get() *bytes.Buffer {
	if b, ok := p.pool.Get().(*bytes.Buffer); ok {
		b.Reset()
		return b
	}
	return bytes.NewBuffer(make([]byte, 0, 4096))
}

// Put keeps b unless it has grown too large. The caller must not use b, or a slice of its
// bytes, afterwards.
func (p *Buffers) Put(b *bytes.Buffer) {
	limit := p.Max
	if limit == 0 {
		limit = 64 << 10
	}
	if b.Cap() <= limit {
		p.pool.Put(b)
	}
}

// --8<-- [end:buffers]
