package ota

import "index/suffixarray"

const (
	seed     = 16 // bytes that must agree to start a region
	better   = 8  // how many more bytes must agree before the offset changes
	patience = 64 // how far behind its best length a growing region may fall
)

// longest finds the longest part of old that b starts with; -1 if it is shorter than a seed.
func longest(old *suffixarray.Index, b []byte) (place, length int) {
	place = -1
	lo, hi := 0, seed // b[:lo] is in old, b[:hi] is the next question
	for hi <= len(b) {
		found := old.Lookup(b[:hi], 1)
		if len(found) == 0 {
			break
		}
		place = found[0]
		lo = hi + same(b[hi:], old.Bytes()[place+hi:])
		hi = lo + 1
	}
	return place, lo
}

func same(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// grow extends a region while agreeing bytes outweigh the others.
func grow(n int, agrees func(i int) bool) int {
	best, score, length := 0, 0, 0
	for i := range n {
		if agrees(i) {
			score++
		} else {
			score--
		}
		if score > best {
			best, length = score, i+1
		}
		if score < best-patience {
			break
		}
	}
	return length
}

// steps covers the image with regions of old and with literal bytes between them.
func steps(old, image []byte) []step {
	places := suffixarray.New(old)
	var out []step
	// The current region: image[start:start+length] resembles old[from:from+length].
	start, from := 0, 0
	length := grow(min(len(old), len(image)), func(i int) bool { return old[i] == image[i] })
	for {
		scan, match := next(places, image, start+length, from-start)
		if match < 0 {
			return append(out, step{from, length, len(image) - start - length})
		}
		back := grow(min(scan-start-length, match), func(i int) bool {
			return image[scan-1-i] == old[match-1-i]
		})
		out = append(out, step{from, length, scan - back - start - length})
		start, from = scan-back, match-back
		length = back + grow(min(len(image)-scan, len(old)-match), func(i int) bool {
			return image[scan+i] == old[match+i]
		})
	}
}

// next finds the first place from scan on where the current offset agrees again, or where
// another one agrees clearly better.
func next(places *suffixarray.Index, image []byte, scan, offset int) (place, match int) {
	old := places.Bytes()
	for ; scan+seed <= len(image); scan++ {
		j, n := longest(places, image[scan:])
		if j < 0 {
			continue
		}
		kept := 0
		for i := range n {
			if k := scan + i + offset; k >= 0 && k < len(old) && old[k] == image[scan+i] {
				kept++
			}
		}
		switch {
		case kept == n: // the same offset goes on after bytes that differ
			return scan, scan + offset
		case n > kept+better:
			return scan, j
		}
	}
	return len(image), -1
}
