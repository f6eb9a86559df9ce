package trap

import (
	"encoding/binary"
	"math/bits"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"puggle/machine"
)

// The commpage's clock data, from which guests compute mach_absolute_time and
// the time of day without a crossing. Offsets are those of XNU's
// osfmk/i386/cpu_capabilities.h.
const (
	cpSignature = 0x00
	cpCaps64    = 0x10
	cpVersion   = 0x1e
	cpCaps      = 0x20
	cpNCPUs     = 0x22
	cpCacheLine = 0x26
	cpActive    = 0x34
	cpPhysical  = 0x35
	cpLogical   = 0x36
	cpMemSize   = 0x38
	cpKernShift = 0x4d
	cpUserShift = 0x4e
	cpTSCBase   = 0x50
	cpScale     = 0x58
	cpShift     = 0x5c
	cpNSBase    = 0x60
	cpNTGen     = 0x68
	cpGTODGen   = 0x6c
	cpGTODNS    = 0x70
	cpGTODSec   = 0x78
)

// clock keeps the guests' clock on the host's CLOCK_MONOTONIC: ns =
// nsBase + (tsc-tscBase)*scale/2^32. It is re-based at growing intervals, each time
// continuing from what guests read at that moment and with a scale that meets
// the host's clock one interval later, so it never runs backwards or jumps.
type clock struct {
	page          []byte
	tsc0, ns0     uint64 // the first sample
	tscBase, base uint64
	scale         uint64 // as published
	gen           uint32
}

// sample reads both clocks as close together as a few tries get them.
func sample() (tsc, ns uint64) {
	best := ^uint64(0)
	for range 5 {
		var ts unix.Timespec
		a := rdtsc()
		unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
		b := rdtsc()
		if b-a < best {
			best, tsc, ns = b-a, a+(b-a)/2, uint64(ts.Nano())
		}
	}
	return
}

func (c *clock) read(tsc uint64) uint64 {
	hi, lo := bits.Mul64(tsc-c.tscBase, c.scale)
	return c.base + hi<<32 + lo>>32
}

func newClock(page []byte) *clock {
	c := &clock{page: page}
	c.tsc0, c.ns0 = sample()
	return c
}

// start publishes the first calibration, at least 2 ms after newClock, and
// keeps it up until stop is closed.
func (c *clock) start(stop <-chan struct{}) {
	for {
		if _, ns := sample(); ns-c.ns0 >= 2e6 {
			break
		}
		time.Sleep(200 * time.Microsecond)
	}
	c.rebase(50 * time.Millisecond)
	go func() {
		next := 50 * time.Millisecond
		for {
			select {
			case <-stop:
				return
			case <-time.After(next):
			}
			if next < time.Second {
				next *= 2
			}
			c.rebase(next)
		}
	}()
}

// rebase continues the clock from now so that it is right after next.
func (c *clock) rebase(next time.Duration) {
	tsc, ns := sample()
	trueScale := div64(ns-c.ns0, tsc-c.tsc0)
	now, scale := ns, trueScale
	if c.gen != 0 {
		now = c.read(tsc)
		err := int64(now - ns) // ahead of the host
		if limit := int64(next) / 2; err > limit {
			err = limit
		} else if err < -1e6 {
			// Far behind (the host was suspended): jumping forwards is allowed.
			now, err = ns, 0
		}
		scale = uint64(float64(trueScale) * (1 - float64(err)/float64(next)))
	}
	c.tscBase, c.base, c.scale = tsc, now, scale
	c.gen++
	if c.gen == 0 {
		c.gen = 1
	}
	var rt unix.Timespec
	unix.ClockGettime(unix.CLOCK_REALTIME, &rt)
	// A little time has passed since the sample; take it off again.
	tsc2 := rdtsc()
	realAtBase := uint64(rt.Nano()) - (c.read(tsc2) - now)

	le, p := binary.LittleEndian, c.page
	put32(p[cpNTGen:], 0)
	put32(p[cpGTODGen:], 0)
	le.PutUint64(p[cpTSCBase:], tsc)
	le.PutUint32(p[cpScale:], uint32(scale))
	le.PutUint32(p[cpShift:], 0)
	le.PutUint64(p[cpNSBase:], now)
	le.PutUint64(p[cpGTODSec:], realAtBase/1e9)
	le.PutUint64(p[cpGTODNS:], now-realAtBase%1e9)
	put32(p[cpNTGen:], c.gen)
	put32(p[cpGTODGen:], c.gen)
}

// div64 is a/b in 32.32 fixed point.
func div64(a, b uint64) uint64 {
	q, _ := bits.Div64(a>>32, a<<32, b)
	return q
}

// initCommPage fills what does not change.
func (m *Machine) initCommPage() {
	p, le := m.CommPage(), binary.LittleEndian
	copy(p[cpSignature:], "commpage 64-bit\x00")
	caps := uint64(m.hostCaps()) | uint64(m.Processors())<<16
	le.PutUint64(p[cpCaps64:], caps)
	le.PutUint16(p[cpVersion:], 14)
	le.PutUint32(p[cpCaps:], uint32(caps))
	p[cpNCPUs] = byte(m.Processors())
	le.PutUint16(p[cpCacheLine:], 64)
	p[cpActive], p[cpPhysical], p[cpLogical] = byte(m.Processors()), byte(m.Processors()), byte(m.Processors())
	le.PutUint64(p[cpMemSize:], m.mem.limit)
	p[cpKernShift], p[cpUserShift] = machine.PageShift, machine.PageShift
}

func put32(b []byte, v uint32) { atomic.StoreUint32(word32(b), v) }
