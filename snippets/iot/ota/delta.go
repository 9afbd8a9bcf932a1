// Package ota updates a device over the air: deltas, signed manifests, two slots.
package ota

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// window holds the old and the new image together; it bounds the device's memory too.
const window = 32 << 20

// ErrCorrupt says that a delta or an archive can't be applied.
var ErrCorrupt = errors.New("corrupt update")

// --8<-- [start:zstd]

// Compress packs the whole image: what a device without an old version needs.
func Compress(image []byte) ([]byte, error) { return pack(image, nil) }

// PatchFrom packs the new image with the old one as dictionary, as zstd --patch-from does.
func PatchFrom(old, image []byte) ([]byte, error) { return pack(image, old) }

func pack(image, old []byte) ([]byte, error) {
	options := []zstd.EOption{
		zstd.WithEncoderLevel(zstd.SpeedBestCompression),
		zstd.WithWindowSize(window),
		zstd.WithEncoderConcurrency(1),
	}
	if old != nil {
		options = append(options, zstd.WithEncoderDictRaw(1, old))
	}
	enc, err := zstd.NewWriter(nil, options...)
	if err != nil {
		return nil, err
	}
	defer enc.Close()
	return enc.EncodeAll(image, nil), nil
}

// Unpack is the other direction; limit bounds the size of the result.
func Unpack(packed, old []byte, limit uint64) ([]byte, error) {
	options := []zstd.DOption{
		zstd.WithDecoderMaxMemory(max(limit, 1<<20)), // the library's own buffers count too
		zstd.WithDecoderMaxWindow(window),
		zstd.WithDecoderConcurrency(1),
	}
	if old != nil {
		options = append(options, zstd.WithDecoderDictRaw(1, old))
	}
	dec, err := zstd.NewReader(nil, options...)
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	image, err := dec.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if uint64(len(image)) > limit {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrCorrupt, len(image), limit)
	}
	return image, nil
}

// --8<-- [end:zstd]

// --8<-- [start:add]

// A delta is a list of steps, in the way of bsdiff: add Add bytes of the old image from Old
// to the stored differences, then copy Insert bytes as they are. Moved code differs from its
// old version in a few addresses only, so the differences are nearly all zero and pack well.
type step struct{ Old, Add, Insert int }

// Diff makes a delta from old to image.
func Diff(old, image []byte) ([]byte, error) {
	var control, added, inserted []byte
	for _, s := range steps(old, image) {
		for _, v := range []int{s.Old, s.Add, s.Insert} {
			control = binary.AppendUvarint(control, uint64(v))
		}
		for i := range s.Add {
			added = append(added, image[i]-old[s.Old+i])
		}
		inserted = append(inserted, image[s.Add:s.Add+s.Insert]...)
		image = image[s.Add+s.Insert:]
	}
	var raw []byte
	for _, part := range [][]byte{control, added, inserted} {
		raw = binary.AppendUvarint(raw, uint64(len(part)))
		raw = append(raw, part...)
	}
	return Compress(raw)
}

// --8<-- [end:add]

// --8<-- [start:apply]

// Apply rebuilds the new image; nothing in the delta is trusted.
func Apply(old, delta []byte, limit uint64) ([]byte, error) {
	raw, err := Unpack(delta, nil, 2*limit+1<<20)
	if err != nil {
		return nil, err
	}
	var parts [3][]byte
	for i := range parts {
		n, used := binary.Uvarint(raw)
		if used <= 0 || n > uint64(len(raw)-used) {
			return nil, fmt.Errorf("%w: section %d is cut", ErrCorrupt, i)
		}
		parts[i], raw = raw[used:used+int(n)], raw[used+int(n):]
	}
	control, added, inserted := bytes.NewReader(parts[0]), parts[1], parts[2]
	var image []byte
	for control.Len() > 0 {
		var v [3]uint64
		for i := range v {
			if v[i], err = binary.ReadUvarint(control); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
			}
		}
		from, add, insert := v[0], v[1], v[2]
		if from > uint64(len(old)) || add > uint64(len(old))-from ||
			add > uint64(len(added)) || insert > uint64(len(inserted)) ||
			uint64(len(image))+add+insert > limit {
			return nil, fmt.Errorf("%w: step outside the images", ErrCorrupt)
		}
		for i := range add {
			image = append(image, old[from+i]+added[i])
		}
		image = append(image, inserted[:insert]...)
		added, inserted = added[add:], inserted[insert:]
	}
	return image, nil
}

// --8<-- [end:apply]
