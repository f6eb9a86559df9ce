package vfs

import (
	"strings"

	"puggle/abi"
	"puggle/bsd/sys"
)

// coverBase is where the positions of covered names begin in a directory: above
// what hosts use (ext4's hash positions leave the last 2^32 to the end mark).
const coverBase = 0x7fff_ffff_0000_0000

// Readdir lists the directory behind position off, covers included: a covered
// name shows what covers it, a whiteout nothing.
func (v *Vnode) Readdir(ctx *sys.Context, off int64, emit func(*abi.Dirent) bool) abi.Errno {
	if v.under() == nil {
		return v.readdir(ctx, off, emit)
	}
	stopped := false
	if off < unionBase || off >= coverBase {
		e := v.readdir(ctx, off, func(d *abi.Dirent) bool {
			stopped = !emit(d)
			return !stopped
		})
		if e != 0 || stopped {
			return e
		}
		off = unionBase
	}
	return v.readUnder(ctx, off, emit)
}

func (v *Vnode) readdir(ctx *sys.Context, off int64, emit func(*abi.Dirent) bool) abi.Errno {
	covers := v.covers.Load()
	if covers == nil {
		return v.Ops.Readdir(ctx, off, emit)
	}
	if off < coverBase || off == 1<<63-1 {
		stopped := false
		e := v.Ops.Readdir(ctx, off, func(d *abi.Dirent) bool {
			if _, hidden := (*covers)[d.Name]; hidden {
				return true
			}
			if !emit(d) {
				stopped = true
			}
			return !stopped
		})
		if e != 0 || stopped {
			return e
		}
		if off == 1<<63-1 {
			off = coverBase
		}
	}
	names := sortedNames(*covers)
	for i := int(max(off-coverBase, 0)); i < len(names); i++ {
		c := (*covers)[names[i]]
		if c == nil {
			continue
		}
		var st abi.Stat
		if e := c.Ops.GetAttr(ctx, &st); e != 0 {
			continue
		}
		d := abi.Dirent{Ino: st.Ino, Off: coverBase + int64(i) + 1, Type: uint8(c.Type.Mode() >> 12), Name: names[i]}
		if !emit(&d) {
			break
		}
	}
	return 0
}

func sortedNames(m map[string]*Vnode) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		i := 0
		for i < len(names) && strings.Compare(names[i], n) < 0 {
			i++
		}
		names = append(names[:i], append([]string{n}, names[i:]...)...)
	}
	return names
}

// Getdirentries is getdirentries64 (and, with legacy, getdirentries): it returns
// up to size bytes of entries from the open file's position, which moves, the
// position before (*basep), and whether the end was reached. EINVAL if it is no
// directory or if the next entry does not fit.
func Getdirentries(ctx *sys.Context, of *sys.OpenFile, size int, legacy bool) (buf []byte, base int64, eof bool, e abi.Errno) {
	f, ok := of.Ops.(*File)
	if !ok || f.v.Type != VDIR {
		return nil, 0, false, abi.EINVAL
	}
	if of.Flags()&abi.FREAD == 0 {
		return nil, 0, false, abi.EBADF
	}
	const most = 1 << 20 // what one call may give
	size = min(size, most)
	f.dir.Lock()
	defer f.dir.Unlock()
	of.OffMu.Lock()
	base = of.Offset
	of.OffMu.Unlock()
	var last *abi.Dirent
	full, lastAt := false, 0
	recSize, marshal := abi.DirentSize, (*abi.Dirent).Marshal
	if legacy {
		recSize, marshal = abi.DirentLegacySize, (*abi.Dirent).MarshalLegacy
	}
	e = f.v.Readdir(ctx, base, func(d *abi.Dirent) bool {
		if len(buf)+recSize(len(d.Name)) > size {
			full = true
			return false
		}
		if buf == nil {
			buf = make([]byte, 0, min(size, 8192))
		}
		last, lastAt = d, len(buf)
		buf = marshal(d, buf)
		return true
	})
	if e != 0 {
		return nil, 0, false, e
	}
	next := base
	if last != nil {
		next = last.Off
		if !legacy { // how far it goes may be known only after what follows did not fit
			abi.SetDirentOff(buf[lastAt:], next)
		}
	}
	if full && len(buf) == 0 {
		return nil, 0, false, abi.EINVAL
	}
	of.OffMu.Lock()
	if of.Offset == base {
		of.Offset = next
	}
	of.OffMu.Unlock()
	return buf, base, !full, 0
}
