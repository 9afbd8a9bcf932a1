package ota

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

// images gives an old image and one with inserted, removed, moved and changed bytes.
func images() (old, image []byte) {
	r := rand.New(rand.NewPCG(1, 2))
	old = make([]byte, 200_000)
	for i := range old {
		old[i] = byte(r.Uint32())
	}
	image = bytes.Clone(old)
	for i := 0; i < len(image); i += 500 { // an address here and there
		image[i]++
	}
	image = append(image[:50_000:50_000], append([]byte("a new function"), image[50_000:]...)...)
	image = append(image[100_000:], image[:90_000]...)
	return old, image
}

// --8<-- [start:roundtrip]

func TestRoundTrip(t *testing.T) {
	old, image := images()
	for _, tt := range []struct {
		name       string
		old, image []byte
	}{
		{"changed", old, image},
		{"same", old, old},
		{"empty old", nil, image},
		{"empty new", old, nil},
		{"short", []byte("abc"), []byte("abd")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			delta, err := Diff(tt.old, tt.image)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Apply(tt.old, delta, uint64(len(tt.image)))
			if err != nil || !bytes.Equal(got, tt.image) {
				t.Fatalf("%d bytes back, want %d: %v", len(got), len(tt.image), err)
			}
			patch, err := PatchFrom(tt.old, tt.image)
			if err != nil {
				t.Fatal(err)
			}
			got, err = Unpack(patch, tt.old, uint64(len(tt.image))+1)
			if err != nil || !bytes.Equal(got, tt.image) {
				t.Fatalf("zstd: %d bytes back, want %d: %v", len(got), len(tt.image), err)
			}
		})
	}
}

// --8<-- [end:roundtrip]

func TestDeltaIsSmall(t *testing.T) {
	old, image := images()
	delta, err := Diff(old, image)
	if err != nil {
		t.Fatal(err)
	}
	if len(delta) > len(image)/50 {
		t.Errorf("delta of %d bytes for an image of %d", len(delta), len(image))
	}
}

// TestDamagedDelta feeds every kind of rubbish: an error or other bytes, never a panic.
func TestDamagedDelta(t *testing.T) {
	old, image := images()
	limit := uint64(len(image))
	delta, err := Diff(old, image)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		bad := bytes.Clone(delta)
		bad[i*len(bad)/200] ^= 0x55
		if got, err := Apply(old, bad, limit); err == nil && bytes.Equal(got, image) {
			t.Fatalf("byte %d changed and nobody noticed", i)
		}
		if _, err := Apply(old, delta[:i*len(delta)/200], limit); !errors.Is(err, ErrCorrupt) && i > 0 {
			t.Fatalf("cut at %d/200: %v", i, err)
		}
	}
	raw := func(b []byte) []byte {
		packed, err := Compress(b)
		if err != nil {
			t.Fatal(err)
		}
		return packed
	}
	for name, b := range map[string][]byte{
		"no sections":       {},
		"cut section":       {200, 1},
		"outside old":       {3, 0xff, 0x7f, 1, 1, 1, 0, 0},
		"too many literals": {3, 0, 0, 9, 0, 0},
	} {
		if _, err := Apply(old, raw(b), limit); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Apply(old, delta, 1000); !errors.Is(err, ErrCorrupt) {
		t.Errorf("larger than allowed: %v", err)
	}
}
