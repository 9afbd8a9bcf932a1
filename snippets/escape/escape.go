// Package escape has pairs of functions: one allocates, its neighbour doesn't.
// It imports nothing, so that the compiler's own listing stays short.
package escape

// --8<-- [start:point]

// Point is two words, passed by value or by pointer.
type Point struct{ X, Y int }

// New returns a pointer, so the point must outlive the call: it goes to the heap.
//
//go:noinline
func New(x, y int) *Point {
	return &Point{x, y}
}

// Make returns the same point by value: the caller has room for it.
//
//go:noinline
func Make(x, y int) Point {
	return Point{x, y}
}

// --8<-- [end:point]

// --8<-- [start:buffer]

// Buffer allocates 4 KB up front and returns it. Being pre-allocated saves nothing here.
//
//go:noinline
func Buffer() []byte {
	return make([]byte, 0, 4096)
}

// Checksum uses 4 KB that never leave the function.
//
//go:noinline
func Checksum(text string) (sum byte) {
	buf := make([]byte, 4096)
	n := copy(buf, text)
	for _, b := range buf[:n] {
		sum += b
	}
	return sum
}

// --8<-- [end:buffer]

// --8<-- [start:large]

// Large doesn't leave the function either, but one byte more than 64 KiB is too much
// for the stack.
//
//go:noinline
func Large(i int) byte {
	buf := make([]byte, 64<<10+1)
	buf[i]++
	return buf[i]
}

// --8<-- [end:large]

// --8<-- [start:page]

// Page is larger than what the specialised allocators of Go 1.27 serve.
type Page struct{ data [4096]byte }

// NewPage returns a pointer to 4 KB.
//
//go:noinline
func NewPage() *Page {
	return &Page{}
}

// --8<-- [end:page]
