package kqueue

import (
	"math/bits"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// FdSetWords is the number of words that Select wants for nfds descriptors.
func FdSetWords(nfds int) int { return (nfds + 63) / 64 }

// Select is select(2). r, w and e are the first FdSetWords(nfds) words of the
// fd_sets, or nil; they are changed to what is ready, and left alone on an
// error. It returns the number of bits set. pselect's mask is the caller's
// business, and so is the bound of nfds (EINVAL below 0).
//
// Errors: EBADF (a bit names no descriptor), EINTR.
func Select(ctx *sys.Context, tbl FdLookup, nfds int, r, w, e []uint64, deadline sched.Deadline) (int, abi.Errno) {
	var p poller
	defer p.finish(ctx)
	sets := [...]struct {
		bits, out []uint64
		filter    int16
	}{
		{bits: r, filter: sys.EVFILT_READ},
		{bits: w, filter: sys.EVFILT_WRITE},
		{bits: e, filter: sys.EVFILT_EXCEPT},
	}
	n := 0
	for s := range sets {
		set := &sets[s]
		if set.bits == nil {
			continue
		}
		set.out = make([]uint64, len(set.bits))
		for i, word := range set.bits {
			for ; word != 0; word &= word - 1 {
				fd := i*64 + bits.TrailingZeros64(word)
				if fd >= nfds {
					break
				}
				f, err := tbl.Lookup(int32(fd))
				if err != 0 {
					return 0, err
				}
				p.file(f)
				if set.filter == sys.EVFILT_EXCEPT && f.Ops.Type() == sys.DTypeSocket {
					continue // out-of-band data alone, of which there is none: no error, no end
				}
				if !p.watch(f.Ops.Filter(set.filter), set.filter, fd, int32(fd), 0, 0) &&
					f.Ops.Type() == sys.DTypeVnode && set.filter != sys.EVFILT_EXCEPT {
					// A device without a select routine never blocks.
					set.out[i] |= 1 << (fd % 64)
					n++
				}
			}
		}
	}
	if n > 0 {
		deadline = Immediate
	}
	err := p.wait(ctx, deadline, func(it *pollItem, _ sys.Readiness) bool {
		for s := range sets {
			if sets[s].filter == it.Filter {
				sets[s].out[it.index/64] |= 1 << (it.index % 64)
				n++
			}
		}
		return true
	})
	if err != 0 {
		return 0, err
	}
	for s := range sets {
		copy(sets[s].bits, sets[s].out)
	}
	return n, 0
}
