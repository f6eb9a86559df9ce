package trap

import (
	"slices"

	"golang.org/x/sys/unix"
)

// mapped is what orders have mapped in a shell below its own pages, as ranges that are
// sorted and do not touch: mprotect stops at a hole, so a change of protection is cut where
// there are holes, and need not be tried, refused, and begun anew. Never is anything
// mapped that is not in it: such a page would keep its protection. What is in it and is not
// mapped costs a detour (protectMapped).
type mapped struct {
	runs []span
	lost bool // a batch failed midway: nothing is known any more
}

type span struct{ lo, hi uint64 }

// from is the first run that ends behind a.
func (m *mapped) from(a uint64) int {
	i, _ := slices.BinarySearchFunc(m.runs, a, func(r span, a uint64) int {
		if r.hi <= a {
			return -1
		}
		return 1
	})
	return i
}

// add says that [lo, hi) is mapped.
func (m *mapped) add(lo, hi uint64) {
	i := m.from(lo)
	if i > 0 && m.runs[i-1].hi == lo {
		i--
	}
	j := i
	for j < len(m.runs) && m.runs[j].lo <= hi {
		lo, hi = min(lo, m.runs[j].lo), max(hi, m.runs[j].hi)
		j++
	}
	m.runs = slices.Replace(m.runs, i, j, span{lo, hi})
}

// remove says that [lo, hi) is a hole.
func (m *mapped) remove(lo, hi uint64) {
	i := m.from(lo)
	var left [2]span
	rest, j := left[:0], i
	for j < len(m.runs) && m.runs[j].lo < hi {
		if r := m.runs[j]; r.lo < lo {
			rest = append(rest, span{r.lo, lo})
		}
		if r := m.runs[j]; r.hi > hi {
			rest = append(rest, span{hi, r.hi})
		}
		j++
	}
	m.runs = slices.Replace(m.runs, i, j, rest...)
}

// append appends o to orders, cut to what is mapped if it is a change of protection, and
// keeps account of what it maps.
func (m *mapped) append(orders []order, o order) []order {
	if m.lost {
		return append(orders, o)
	}
	lo, hi := o[1], o[1]+o[2]
	switch o[0] {
	case unix.SYS_MMAP:
		m.add(lo, hi)
	case unix.SYS_MUNMAP:
		m.remove(lo, hi)
	case unix.SYS_MPROTECT:
		for i := m.from(lo); i < len(m.runs) && m.runs[i].lo < hi; i++ {
			o[1] = max(lo, m.runs[i].lo)
			o[2] = min(hi, m.runs[i].hi) - o[1]
			orders = append(orders, o)
		}
		return orders
	}
	return append(orders, o)
}
