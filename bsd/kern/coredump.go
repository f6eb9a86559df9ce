package kern

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
)

// Core says what is done about core files: kern.corefile, kern.coredump and kern.sugid_coredump;
// nil pointers are the values that a machine boots with.
type Core struct {
	// File is the name: %P is the process's number, %N its program, %U its user, %t the time in
	// seconds, %T the time since the boot in nanoseconds, %% a percent sign.
	File        *atomic.Pointer[string]
	Dump, Sugid *atomic.Int32
}

// CoreFile is kern.corefile unless somebody sets it.
const CoreFile = "/cores/core.%P"

const (
	coreChunk = 256 << 10
	coreMode  = 0o400 // S_IRUSR
	// Threads that don't come to rest are shown with zeros; each costs time.
	coreStuck = 4
)

// coreStates are what a core file has of each thread, as XNU chooses.
var coreStates = [...]int32{abi.X86_THREAD_STATE, abi.X86_FLOAT_STATE, abi.X86_EXCEPTION_STATE}

// coredump writes the process's memory and threads to a file, if that is what the signal does and
// RLIMIT_CORE is greater than all that is mapped; the answer is WCOREFLAG then, to be added to the
// wait status, and else 0. The process does not run meanwhile. SIGKILL ends it early.
func (p *Proc) coredump(ut *Uthread, sig abi.Signal) uint32 {
	m := p.Map()
	if sigprops[sig]&propCore == 0 || m == nil || m.VirtualSize() >= p.limit(abi.RLIMIT_CORE).Cur {
		return 0
	}
	c, cr := &p.Sys.Core, p.Cred()
	if c.Dump != nil && c.Dump.Load() == 0 ||
		(c.Sugid == nil || c.Sugid.Load() == 0) && (cr.SVUID != cr.RUID || cr.SVGID != cr.RGID) {
		return 0
	}
	if !p.singleThread(ut) {
		return 0
	}
	p.Task.Suspend() // exit1 ends the threads that are stopped by this
	ctx := *ut.Context()
	of, e := vfs.Open(&ctx, p.NS, nil, p.coreName(), abi.O_CREAT|abi.O_WRONLY|abi.O_NOFOLLOW|abi.O_NONBLOCK, coreMode)
	if e != 0 {
		return 0
	}
	defer of.Unref(&ctx)
	v := vfs.VnodeOf(of)
	var st abi.Stat
	if v == nil || v.Type != vfs.VREG || of.Ops.Stat(&ctx, &st) != 0 || st.Nlink != 1 ||
		vfs.Apply(&ctx, v, &vfs.SetAttr{Valid: vfs.AttrSize}) != 0 {
		return 0
	}
	w := coreWriter{p: p, ctx: &ctx, of: of}
	if !w.write(ut, m) {
		return 0
	}
	return abi.WCOREFLAG
}

// coreName is proc_core_name: a format that ends within a % sign gives the name that there was
// before there were formats, as does one that is too long.
func (p *Proc) coreName() string {
	format, pid := CoreFile, strconv.Itoa(int(p.PID))
	if f := p.Sys.Core.File; f != nil && f.Load() != nil {
		format = *f.Load()
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		if i++; i == len(format) {
			return "/cores/core." + pid
		}
		switch format[i] {
		case '%':
			b.WriteByte('%')
		case 'N':
			b.WriteString(p.Comm())
		case 'P':
			b.WriteString(pid)
		case 'U':
			b.WriteString(strconv.FormatUint(uint64(p.Cred().UID), 10))
		case 't':
			b.WriteString(strconv.FormatInt(time.Now().Unix(), 10))
		case 'T':
			b.WriteString(strconv.FormatInt(int64(time.Since(p.Sys.BootTime)), 10))
		}
	}
	if b.Len() >= abi.MAXPATHLEN {
		return "/cores/core." + pid
	}
	return b.String()
}

// coreWriter is a core file being written: a Mach-O file of type MH_CORE with a segment for each
// region of memory and an LC_THREAD for each thread. What was never touched is not in the file.
type coreWriter struct {
	p   *Proc
	ctx *sys.Context
	of  *sys.OpenFile
	buf []byte
}

// coreSegment is an LC_SEGMENT_64.
type coreSegment struct {
	vm.RegionInfo
	off, size uint64 // in the file
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
	for i := range segs {
		s := &segs[i]
		s.off = off
		if s.Max&abi.VM_PROT_READ != 0 && s.Tag != abi.VM_MEMORY_IOKIT && !w.memory(m, s) {
			return false
		}
		off += s.size
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

// memory writes a region as far as there is something in it: the rest is left out of the file, or a
// hole in it. What can't be read (a file that has become shorter) is a hole, too.
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
			n := min(uint64(hi-lo), coreChunk)
			if m.CopyInForce(w.buf[:n], lo) == abi.KERN_SUCCESS {
				d := uint64(lo - s.Start)
				if !w.put(w.buf[:n], s.off+d) {
					return false
				}
				s.size = d + n
			}
			lo += machine.Addr(n)
		}
		at = hi
	}
}

func (w *coreWriter) put(b []byte, off uint64) bool {
	u := sys.NewUio(b)
	u.Offset = int64(off)
	return w.of.Ops.Write(w.ctx, u, abi.FWRITE) == 0 && u.Resid == 0
}

// killed says whether somebody does not want to wait for the end.
func (w *coreWriter) killed() bool {
	p := w.p
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
