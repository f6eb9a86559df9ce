package sys

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Every knote that is on a list hears, none that has left does, in whatever order they leave.
func TestKlist(t *testing.T) {
	var l, other Klist
	heard := make([]int, 1000)
	all := make([]*Knote, len(heard))
	for i := range all {
		all[i] = &Knote{Activate: func(uint32) { heard[i]++ }}
		l.Add(all[i])
	}
	l.Notify(0)
	gone := rand.New(rand.NewPCG(1, 2)).Perm(len(all))
	for _, i := range gone {
		if i%2 == 0 {
			other.Remove(all[i]) // it was never there
			l.Remove(all[i])
			l.Remove(all[i])
			other.Add(all[i]) // what has left may go elsewhere
		}
	}
	l.Notify(0)
	for i, n := range heard {
		if n != 1+i%2 {
			t.Errorf("%d heard %d times", i, n)
		}
	}
}

// A guest can hang half a million knotes on one process: each leaves without a look at the
// others. The bound is one on hangs: a search for each would take minutes.
func TestKlistLeaving(t *testing.T) {
	var l Klist
	all := make([]Knote, 1<<20)
	for i := range all {
		l.Add(&all[i])
	}
	for end, i := time.Now().Add(time.Minute), 0; i < len(all); i++ {
		l.Remove(&all[i])
		if i%1000 == 0 && time.Now().After(end) {
			t.Fatalf("%d of %d have left after a minute", i, len(all))
		}
	}
	if !l.Empty() {
		t.Error("not empty")
	}
}
