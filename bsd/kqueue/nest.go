package kqueue

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
)

// maxNest is how many kqueues may be inside one another.
const maxNest = 16

// nestMu guards every kqueue's nesting. It is taken under ops, and nothing is
// taken under it.
var nestMu sync.Mutex

// nesting is a kqueue's place in the graph of kqueues: how many registrations
// join it to each kqueue around and inside it.
type nesting struct {
	around, inside map[*Kqueue]int
}

// enclose records that child is watched by kq. EINVAL if that made a cycle or
// went too deep.
func (kq *Kqueue) enclose(child *Kqueue) abi.Errno {
	nestMu.Lock()
	defer nestMu.Unlock()
	up := kq.depth(func(k *Kqueue) map[*Kqueue]int { return k.nest.around }, child, map[*Kqueue]int{})
	down := child.depth(func(k *Kqueue) map[*Kqueue]int { return k.nest.inside }, kq, map[*Kqueue]int{})
	if up < 0 || down < 0 || up+down > maxNest {
		return abi.EINVAL
	}
	if kq.nest.inside == nil {
		kq.nest.inside = make(map[*Kqueue]int)
	}
	if child.nest.around == nil {
		child.nest.around = make(map[*Kqueue]int)
	}
	kq.nest.inside[child]++
	child.nest.around[kq]++
	return 0
}

// depth is the length of the longest path from kq, itself counted; -1 if avoid
// is on one. Graphs are at most maxNest deep, so the recursion is too.
func (kq *Kqueue) depth(next func(*Kqueue) map[*Kqueue]int, avoid *Kqueue, known map[*Kqueue]int) int {
	if kq == avoid {
		return -1
	}
	if d, ok := known[kq]; ok {
		return d
	}
	longest := 0
	for k := range next(kq) {
		d := k.depth(next, avoid, known)
		if d < 0 {
			return -1
		}
		longest = max(longest, d)
	}
	known[kq] = longest + 1
	return longest + 1
}

// nested is the filter of a kqueue that another kqueue watches.
type nested struct {
	readable
	parent *Kqueue
}

func (n nested) Detach(kn *sys.Knote) {
	n.readable.Detach(kn)
	nestMu.Lock()
	defer nestMu.Unlock()
	decrement(n.parent.nest.inside, n.kq)
	decrement(n.kq.nest.around, n.parent)
}

func decrement(m map[*Kqueue]int, k *Kqueue) {
	if m[k]--; m[k] == 0 {
		delete(m, k)
	}
}
