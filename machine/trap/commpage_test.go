package trap

import (
	"encoding/binary"
	"math/bits"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestGuestClock computes the time as a guest does and holds it against the
// host's: never backwards, never more than 20 us off once calibrated.
func TestGuestClock(t *testing.T) {
	m := newMachine(t)
	p, le := m.CommPage(), binary.LittleEndian
	read := func() uint64 {
		for {
			g := le.Uint32(p[cpNTGen:])
			hi, lo := bits.Mul64(rdtsc()-le.Uint64(p[cpTSCBase:]), uint64(le.Uint32(p[cpScale:])))
			ns := le.Uint64(p[cpNSBase:]) + hi<<32 + lo>>32
			if g != 0 && g == le.Uint32(p[cpNTGen:]) {
				return ns
			}
		}
	}
	last, worst := uint64(0), int64(0)
	for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); {
		var a, b unix.Timespec
		unix.ClockGettime(unix.CLOCK_MONOTONIC, &a)
		ns := read()
		unix.ClockGettime(unix.CLOCK_MONOTONIC, &b)
		if ns < last {
			t.Fatalf("went back %d ns", last-ns)
		}
		last = ns
		worst = max(worst, int64(ns)-b.Nano(), a.Nano()-int64(ns))
	}
	t.Logf("worst error %d ns", worst)
	if worst > 20000 {
		t.Errorf("off by %d ns", worst)
	}
}
