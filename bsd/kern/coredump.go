package kern

import (
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"puggle/abi"
	"puggle/bsd/vfs"
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

const coreMode = 0o400 // S_IRUSR

// coredump writes the process's memory and threads to a file, if that is what the signal does and
// RLIMIT_CORE is greater than all that is mapped; the answer is WCOREFLAG then, to be added to the
// wait status, and else 0. The process does not run meanwhile. SIGKILL and the machine's end end it
// early: the file is empty then.
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
	p.Sys.dumping.begin()
	defer p.Sys.dumping.end()
	w := coreWriter{p: p, ctx: &ctx, of: of, until: time.Now().Add(coreTime)}
	if !w.write(ut, m) {
		vfs.Apply(&ctx, v, &vfs.SetAttr{Valid: vfs.AttrSize})
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
