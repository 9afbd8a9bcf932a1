package escape

import "testing"

var (
	keepPoint *Point
	keepBytes []byte
	keepPage  *Page
)

// --8<-- [start:allocs]

func TestAllocations(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func()
		want float64
	}{
		{"New", func() { keepPoint = New(1, 2) }, 1},
		{"Make", func() { _ = Make(1, 2) }, 0},
		{"Buffer", func() { keepBytes = Buffer() }, 1},
		{"Checksum", func() { Checksum("price list") }, 0},
		{"NewPage", func() { keepPage = NewPage() }, 1},
		{"Large", func() { Large(3) }, 1},
	} {
		if got := testing.AllocsPerRun(100, c.run); got != c.want {
			t.Errorf("%s: %g allocations, want %g", c.name, got, c.want)
		}
	}
}

// --8<-- [end:allocs]

// --8<-- [start:bench]

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		keepPoint = New(1, 2)
	}
}

func BenchmarkMake(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Make(1, 2)
	}
}

func BenchmarkBuffer(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		keepBytes = Buffer()
	}
}

func BenchmarkChecksum(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Checksum("price list")
	}
}

// --8<-- [end:bench]
