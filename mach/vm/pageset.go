package vm

import "math/bits"

// pageSet is a sparse set of page numbers: bitmaps of 512 pages (2 MB).
type pageSet struct {
	chunk map[uint64]*[8]uint64
	n     uint64
}

func (s *pageSet) has(p uint64) bool {
	c := s.chunk[p>>9]
	return c != nil && c[p>>6&7]>>(p&63)&1 != 0
}

// set adds [p, p+n).
func (s *pageSet) set(p, n uint64) {
	s.change(p, n, true)
}

// clear removes [p, p+n).
func (s *pageSet) clear(p, n uint64) {
	if s.n != 0 {
		s.change(p, n, false)
	}
}

func (s *pageSet) change(p, n uint64, on bool) {
	for n > 0 {
		k := min(n, 512-p&511)
		c := s.chunk[p>>9]
		if c == nil && on {
			if s.chunk == nil {
				s.chunk = make(map[uint64]*[8]uint64)
			}
			c = new([8]uint64)
			s.chunk[p>>9] = c
		}
		if c != nil {
			s.changeChunk(c, p&511, k, on)
			if !on && *c == ([8]uint64{}) {
				delete(s.chunk, p>>9)
			}
		}
		p, n = p+k, n-k
	}
}

func (s *pageSet) changeChunk(c *[8]uint64, b, n uint64, on bool) {
	for n > 0 {
		k := min(n, 64-b&63)
		mask := (^uint64(0) >> (64 - k)) << (b & 63)
		w := &c[b>>6]
		before := bits.OnesCount64(*w)
		if on {
			*w |= mask
		} else {
			*w &^= mask
		}
		s.n += uint64(bits.OnesCount64(*w) - before)
		b, n = b+k, n-k
	}
}

// run says whether p is in the set, and for how many pages from p on, at most
// limit, the answer is the same.
func (s *pageSet) run(p, limit uint64) (bool, uint64) {
	in := s.has(p)
	if s.n == 0 {
		return false, limit
	}
	for q := p; q < p+limit; {
		c := s.chunk[q>>9]
		if c == nil {
			if in {
				return in, q - p
			}
			q = (q>>9 + 1) << 9
			continue
		}
		w := c[q>>6&7]
		if in {
			w = ^w
		}
		w >>= q & 63
		if w != 0 {
			return in, min(q+uint64(bits.TrailingZeros64(w))-p, limit)
		}
		q = (q>>6 + 1) << 6
	}
	return in, limit
}

// count is how many of [p, p+n) are in the set.
func (s *pageSet) count(p, n uint64) uint64 {
	if s.n == 0 {
		return 0
	}
	total := uint64(0)
	for n > 0 {
		in, k := s.run(p, n)
		if in {
			total += k
		}
		p, n = p+k, n-k
	}
	return total
}
