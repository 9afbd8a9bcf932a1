package pools

import "testing"

var text = []byte("id=17 price=350\n")

func useSlices(p *Slices) {
	b := p.Get()
	b = append(b, text...)
	p.Put(b)
}

func useBuffers(p *Buffers) {
	b := p.Get()
	b.Write(text)
	p.Put(b)
}

// --8<-- [start:tests]

func TestAllocationsPerUse(t *testing.T) {
	var slices Slices
	var buffers Buffers
	for name, c := range map[string]struct {
		use  func()
		want float64
	}{
		"[]byte":        {func() { useSlices(&slices) }, 1},
		"*bytes.Buffer": {func() { useBuffers(&buffers) }, 0},
	} {
		if got := testing.AllocsPerRun(1000, c.use); got != c.want {
			t.Errorf("%s: %g allocations, want %g", name, got, c.want)
		}
	}
}

func TestLargeBuffersAreNotKept(t *testing.T) {
	var p Buffers
	b := p.Get()
	b.Grow(1 << 20)
	p.Put(b)
	if got := p.Get(); got.Cap() > 64<<10 {
		t.Errorf("a buffer of %d bytes came back", got.Cap())
	}
}

func TestBuffersComeBackEmpty(t *testing.T) {
	var p Buffers
	for range 3 {
		b := p.Get()
		if b.Len() != 0 {
			t.Fatalf("got %q from the pool", b)
		}
		b.Write(text)
		p.Put(b)
	}
}

// --8<-- [end:tests]

func BenchmarkSlices(b *testing.B) {
	var p Slices
	b.ReportAllocs()
	for b.Loop() {
		useSlices(&p)
	}
}

func BenchmarkBuffers(b *testing.B) {
	var p Buffers
	b.ReportAllocs()
	for b.Loop() {
		useBuffers(&p)
	}
}
