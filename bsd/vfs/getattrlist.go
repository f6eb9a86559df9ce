package vfs

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/bsd/sys"
)

// checkAttrs finds what is wrong with a list: EINVAL for volume attributes beside
// others, unsupported ones without ATTR_CMN_RETURNED_ATTRS, and fork attributes.
func checkAttrs(list *abi.Attrlist, options uint32) abi.Errno {
	vol := list.Vol != 0
	if vol && (list.Vol&abi.ATTR_VOL_INFO == 0 || list.Dir|list.File|list.Fork != 0) {
		return abi.EINVAL
	}
	if list.Common&abi.ATTR_CMN_RETURNED_ATTRS != 0 {
		return 0
	}
	for i, bits := range [...]uint32{list.Common, list.Vol &^ abi.ATTR_VOL_INFO, list.Dir, list.File} {
		if bits&^known(attrGroups[i]) != 0 {
			return abi.EINVAL
		}
	}
	if list.Fork != 0 {
		return abi.EINVAL
	}
	return 0
}

// record packs the attributes of s, with the length in front.
func (s *subject) record(list *abi.Attrlist, bulk bool) ([]byte, abi.Errno) {
	if e := s.v.Ops.GetAttr(s.ctx, &s.st); e != 0 {
		return nil, e
	}
	if s.v.Mount == nil {
		return nil, abi.EINVAL
	}
	if list.Vol != 0 {
		if e := s.v.Mount.Statfs(s.ctx, &s.sf); e != 0 {
			return nil, e
		}
	}
	want := [4]uint32{list.Common, list.Vol, list.Dir, list.File}
	if s.v.Type == VDIR {
		want[3] = 0
	} else {
		want[2] = 0
	}
	p := &packer{}
	p.u32(0)
	got := -1
	if list.Common&abi.ATTR_CMN_RETURNED_ATTRS != 0 {
		got = len(p.b)
		p.b = append(p.b, make([]byte, 20)...)
	}
	if bulk && list.Common&abi.ATTR_CMN_ERROR != 0 {
		p.u32(0)
	}
	for i, rows := range attrGroups {
		returned := uint32(0)
		for _, r := range rows {
			if want[i]&r.bit != 0 {
				r.pack(s, p)
				returned |= r.bit
			}
		}
		if got >= 0 {
			if i == 0 {
				returned |= abi.ATTR_CMN_RETURNED_ATTRS
				if bulk {
					returned |= list.Common & abi.ATTR_CMN_ERROR
				}
			}
			if i == 1 {
				returned |= list.Vol & abi.ATTR_VOL_INFO
			}
			binary.LittleEndian.PutUint32(p.b[got+4*i:], returned)
		}
	}
	p.finish()
	if bulk {
		for len(p.b)%8 != 0 {
			p.b = append(p.b, 0)
		}
	}
	binary.LittleEndian.PutUint32(p.b, uint32(len(p.b)))
	return p.b, 0
}

// Getattrlist is getattrlist, fgetattrlist and getattrlistat: it gives what goes
// to the caller's buffer of size bytes, cut off if it is too small (the length in
// front is the full one with FSOPT_REPORT_FULLSIZE). EINVAL, and as for stat.
func Getattrlist(ctx *sys.Context, ns *Namespace, v *Vnode, list *abi.Attrlist, size int, options uint32) ([]byte, abi.Errno) {
	if size < 4 {
		return nil, abi.ERANGE
	}
	if e := checkAttrs(list, options); e != 0 {
		return nil, e
	}
	if list.Vol != 0 && v.Mount != nil && v.Mount.Root != v {
		return nil, abi.EINVAL
	}
	s := &subject{ctx: ctx, ns: ns, v: v}
	b, e := s.record(list, false)
	if e != 0 {
		return nil, e
	}
	if len(b) > size {
		b = b[:size]
		if options&abi.FSOPT_REPORT_FULLSIZE == 0 {
			binary.LittleEndian.PutUint32(b, uint32(size))
		}
	}
	return b, 0
}

// Getattrlistbulk is getattrlistbulk: records for as many entries of the open
// directory as fit size, and their number; 0 at the end. EINVAL unless name and
// returned attributes are asked for; ENOTDIR; ERANGE if not even one fits.
func Getattrlistbulk(ctx *sys.Context, ns *Namespace, of *sys.OpenFile, list *abi.Attrlist, size int, options uint64) ([]byte, int, abi.Errno) {
	f, ok := of.Ops.(*File)
	if !ok || f.v.Type != VDIR {
		return nil, 0, abi.ENOTDIR
	}
	const required = abi.ATTR_CMN_NAME | abi.ATTR_CMN_RETURNED_ATTRS
	if list.Common&required != required || list.Vol != 0 {
		return nil, 0, abi.EINVAL
	}
	size = min(size, 1<<20)
	f.dir.Lock()
	defer f.dir.Unlock()
	of.OffMu.Lock()
	base := of.Offset
	of.OffMu.Unlock()
	var names []abi.Dirent
	e := f.v.Readdir(ctx, base, func(d *abi.Dirent) bool {
		names = append(names, *d)
		return len(names) < 512
	})
	if e != 0 {
		return nil, 0, e
	}
	var buf []byte
	count, taken, next, full := 0, 0, base, false
	for _, d := range names {
		if !dots(d.Name) {
			b, e := bulkRecord(ctx, ns, f.v, d.Name, list)
			if e == 0 {
				if len(buf)+len(b) > size {
					full = true
					break
				}
				buf = append(buf, b...)
				count++
			}
		}
		next = d.Off
		taken++
	}
	if full && count == 0 {
		return nil, 0, abi.ERANGE
	}
	if full || taken == 512 {
		next = f.v.position(ctx, base, names[:taken])
	}
	of.OffMu.Lock()
	of.Offset = next
	of.OffMu.Unlock()
	return buf, count, 0
}

// position is the one behind the entries that l are, which begin at base, as Readdir has it when
// the next entry is refused.
func (v *Vnode) position(ctx *sys.Context, base int64, l []abi.Dirent) int64 {
	if len(l) == 0 {
		return base
	}
	var last *abi.Dirent
	same := true
	i := 0
	e := v.Readdir(ctx, base, func(d *abi.Dirent) bool {
		if i == len(l) {
			return false
		}
		same = same && d.Name == l[i].Name
		last = d
		i++
		return same
	})
	if e != 0 || i < len(l) || !same {
		return l[len(l)-1].Off // it has changed meanwhile
	}
	return last.Off
}

func bulkRecord(ctx *sys.Context, ns *Namespace, dir *Vnode, name string, list *abi.Attrlist) ([]byte, abi.Errno) {
	nd := Nameidata{Path: name, Dir: dir}
	if e := Namei(ctx, ns, &nd); e != 0 {
		return nil, e // gone meanwhile
	}
	defer nd.Release()
	s := &subject{ctx: ctx, ns: ns, v: nd.Vp, name: name, dir: dir}
	return s.record(list, true)
}

// Setattrlist is setattrlist, fsetattrlist and setattrlistat for modes, owners,
// times, flags and Finder Info. buf holds the attributes in order. EINVAL for others and for a
// short buffer; ENOTSUP for what can't be changed here.
func Setattrlist(ctx *sys.Context, v *Vnode, list *abi.Attrlist, buf []byte, options uint32) abi.Errno {
	if list.Vol|list.Dir|list.File|list.Fork != 0 || list.Common&^uint32(abi.ATTR_CMN_SETMASK) != 0 {
		return abi.EINVAL
	}
	a := &SetAttr{}
	short := false
	word := func() uint32 {
		if len(buf) < 4 {
			short = true
			return 0
		}
		w := binary.LittleEndian.Uint32(buf)
		buf = buf[4:]
		return w
	}
	time := func(at *abi.Timespec, valid AttrMask) {
		at.Sec = int64(uint64(word()) | uint64(word())<<32)
		at.Nsec = int64(uint64(word()) | uint64(word())<<32)
		if at.Nsec < 0 || at.Nsec >= 1e9 {
			short = true
		}
		a.Valid |= valid
	}
	var ignored abi.Timespec
	var finder *[finderInfoSize]byte
	for bit := uint32(1); bit != 0; bit <<= 1 {
		switch list.Common & bit {
		case 0:
		case abi.ATTR_CMN_CRTIME:
			time(&a.Birthtime, AttrBirthtime)
		case abi.ATTR_CMN_MODTIME:
			time(&a.Mtime, AttrMtime)
		case abi.ATTR_CMN_ACCTIME:
			time(&a.Atime, AttrAtime)
		case abi.ATTR_CMN_CHGTIME:
			time(&ignored, 0) // the file system sets it itself
		case abi.ATTR_CMN_FNDRINFO:
			if len(buf) < finderInfoSize {
				return abi.EINVAL
			}
			finder = (*[finderInfoSize]byte)(buf)
			buf = buf[finderInfoSize:]
		case abi.ATTR_CMN_OWNERID:
			a.UID = word()
			a.Valid |= AttrUID
		case abi.ATTR_CMN_GRPID:
			a.GID = word()
			a.Valid |= AttrGID
		case abi.ATTR_CMN_ACCESSMASK:
			a.Mode = uint16(word())
			a.Valid |= AttrMode
		case abi.ATTR_CMN_FLAGS:
			a.Flags = word()
			a.Valid |= AttrFlags
		default:
			return abi.ENOTSUP
		}
	}
	if short {
		return abi.EINVAL
	}
	if finder != nil {
		if e := SetFinderInfo(ctx, v, *finder); e != 0 {
			return e
		}
	}
	return Apply(ctx, v, a)
}
