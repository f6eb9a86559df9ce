package kern

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
)

const (
	coreChunk = 256 << 10
	// coreMost and coreTime bound what of memory is written, and how long it is looked for: a file
	// of terabytes may be mapped. What is found later is not in the core file.
	coreMost = 16 << 30
	coreTime = time.Minute
	// Threads that don't come to rest are shown with zeros; each costs time.
	coreStuck = 4
)

// coreStates are what a core file has of each thread, as XNU chooses.
var coreStates = [...]int32{abi.X86_THREAD_STATE, abi.X86_FLOAT_STATE, abi.X86_EXCEPTION_STATE}

var zeroPage [machine.PageSize]byte

// coreWriter is a core file being written: a Mach-O file of type MH_CORE with a segment for each
// region of memory and an LC_THREAD for each thread. Pages of zeros, and what was never touched, are
// holes in it, or beyond a segment's size in the file. A segment that can't be written is empty, as
// XNU's.
type coreWriter struct {
	p     *Proc
	ctx   *sys.Context
	of    *sys.OpenFile
	buf   []byte
	bytes uint64    // written of memory
	until time.Time // for memory
}

// coreSegment is an LC_SEGMENT_64.
type coreSegment struct {
	vm.RegionInfo
	off, size uint64 // in the file
	most      uint64 // that was ever written of it
}

// Mach-O's numbers (<mach-o/loader.h>).
const (
	mhMagic64     = 0xfeedfacf
	mhCore        = 4
	cpuX8664      = 0x01000007
	cpuX8664All   = 3
	lcSegment64   = 0x19
	lcThread      = 4
	machHeaderLen = 32
	segmentLen    = 72
)

func (w *coreWriter) write(ut *Uthread, m *vm.Map) bool {
	segs := coreRegions(m)
	threads := w.p.Task.Threads()
	slices.SortFunc(threads, func(a, b *task.Thread) int { return int(int64(a.ID) - int64(b.ID)) })
	threadLen := 8
	for _, f := range coreStates {
		threadLen += 8 + 4*task.StateCount(f)
	}
	cmds := segmentLen*len(segs) + threadLen*len(threads)
	off := uint64(machine.Addr(machHeaderLen + cmds).Round())
	w.buf = make([]byte, coreChunk)
	// The small ones first: a huge one that meets the bounds takes nothing from them.
	order := make([]*coreSegment, len(segs))
	for i := range segs {
		order[i] = &segs[i]
	}
	slices.SortStableFunc(order, func(a, b *coreSegment) int { return cmp.Compare(a.Size, b.Size) })
	for _, s := range order {
		s.off = off
		if s.Max&abi.VM_PROT_READ != 0 && s.Tag != abi.VM_MEMORY_IOKIT && !w.memory(m, s) {
			return false
		}
		off += s.most
	}
	le := binary.LittleEndian
	b := make([]byte, 0, machHeaderLen+cmds)
	for _, v := range []int{mhMagic64, cpuX8664, cpuX8664All, mhCore, len(segs) + len(threads), cmds, 0, 0} {
		b = le.AppendUint32(b, uint32(v))
	}
	for _, s := range segs {
		b = le.AppendUint32(le.AppendUint32(b, lcSegment64), segmentLen)
		b = append(b, make([]byte, 16)...) // no name
		for _, v := range []uint64{uint64(s.Start), s.Size, s.off, s.size} {
			b = le.AppendUint64(b, v)
		}
		b = le.AppendUint32(le.AppendUint32(b, uint32(s.Max)), uint32(s.Prot))
		b = le.AppendUint64(b, 0) // no sections, no flags
	}
	stuck := 0
	for _, th := range threads {
		if w.killed() {
			return false
		}
		b = le.AppendUint32(le.AppendUint32(b, lcThread), uint32(threadLen))
		for _, f := range coreStates {
			n := task.StateCount(f)
			var state []uint32
			if stuck < coreStuck {
				var kr abi.KernReturn
				if state, kr = th.State(&ut.Thread.Thread, f, n); kr == abi.KERN_FAILURE {
					stuck++
				}
			}
			b = le.AppendUint32(le.AppendUint32(b, uint32(f)), uint32(n))
			for i := range n {
				v := uint32(0)
				if i < len(state) {
					v = state[i]
				}
				b = le.AppendUint32(b, v)
			}
		}
	}
	return w.put(b, 0)
}

// coreRegions are the regions that could be looked at.
func coreRegions(m *vm.Map) (l []coreSegment) {
	for at := m.Min(); ; {
		r, kr := m.RegionRecurse(at, 1)
		if kr != abi.KERN_SUCCESS {
			return l
		}
		if r.Prot|r.Max != 0 {
			l = append(l, coreSegment{RegionInfo: r})
		}
		at = r.Start + machine.Addr(r.Size)
	}
}

// memory writes a region as far as there is something in it, and within the bounds. What can't be
// read (a file that has become shorter) is zeros. It is false if nobody wants the file any more.
func (w *coreWriter) memory(m *vm.Map, s *coreSegment) bool {
	for at, end := s.Start, s.Start+machine.Addr(s.Size); ; {
		lo, hi, ok := m.Contents(at, end)
		if !ok {
			return true
		}
		for lo < hi {
			if w.killed() {
				return false
			}
			if w.bytes >= coreMost || time.Now().After(w.until) {
				return true
			}
			b := w.buf[:min(uint64(hi-lo), coreChunk)]
			if !readPages(m, b, lo) {
				break // the rest of the run is beyond a file's end: it may be terabytes
			}
			if !w.pages(b, s, uint64(lo-s.Start)) {
				s.size = 0
				return true
			}
			lo += machine.Addr(len(b))
		}
		at = hi
	}
}

// readPages reads pages, zeros for those that can't be read; false if none can.
func readPages(m *vm.Map, b []byte, at machine.Addr) bool {
	if m.CopyInForce(b, at) == abi.KERN_SUCCESS {
		return true
	}
	some := false
	for i := 0; i < len(b); i += machine.PageSize {
		if p := b[i : i+machine.PageSize]; m.CopyInForce(p, at+machine.Addr(i)) == abi.KERN_SUCCESS {
			some = true
		} else {
			clear(p)
		}
	}
	return some
}

// pages writes what is not zeros of b, which are pages, at d of the segment.
func (w *coreWriter) pages(b []byte, s *coreSegment, d uint64) bool {
	isZero := func(i int) bool { return bytes.Equal(b[i:i+machine.PageSize], zeroPage[:]) }
	for i := 0; i < len(b); {
		if isZero(i) {
			i += machine.PageSize
			continue
		}
		j := i + machine.PageSize
		for j < len(b) && !isZero(j) {
			j += machine.PageSize
		}
		s.size = d + uint64(j)
		s.most = s.size
		if w.bytes += uint64(j - i); !w.put(b[i:j], s.off+d+uint64(i)) {
			return false
		}
		i = j
	}
	return true
}

func (w *coreWriter) put(b []byte, off uint64) bool {
	u := sys.NewUio(b)
	u.Offset = int64(off)
	return w.of.Ops.Write(w.ctx, u, abi.FWRITE) == 0 && u.Resid == 0
}

// killed says whether somebody does not want to wait for the end.
func (w *coreWriter) killed() bool {
	p := w.p
	if p.Sys.isDown() {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.siglist.Has(abi.SIGKILL) {
		return true
	}
	for _, ut := range p.threads {
		if ut.siglist.Has(abi.SIGKILL) {
			return true
		}
	}
	return false
}
