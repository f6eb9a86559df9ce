package vfs

import (
	"encoding/binary"
	"strings"

	"puggle/abi"
	"puggle/bsd/sys"
)

// getattrlist and its relations (<sys/attr.h>): one row says how one attribute is
// packed. Attributes without a row are not supported: they are left out if the
// caller asked which were returned, EINVAL otherwise.

// subject is what attributes are asked of.
type subject struct {
	ctx  *sys.Context
	ns   *Namespace
	v    *Vnode
	name string // known, in a bulk listing
	dir  *Vnode // known, in a bulk listing
	st   abi.Stat
	sf   abi.Statfs
}

// packer builds one record: fixed parts first, then what references lead to.
type packer struct {
	b    []byte
	refs []reference
}

type reference struct {
	at   int // of the attrreference in b
	data []byte
}

func (p *packer) u32(v uint32) { p.b = binary.LittleEndian.AppendUint32(p.b, v) }
func (p *packer) u64(v uint64) { p.b = binary.LittleEndian.AppendUint64(p.b, v) }
func (p *packer) time(t abi.Timespec) {
	p.u64(uint64(t.Sec))
	p.u64(uint64(t.Nsec))
}

// str packs an attrreference to a zero-terminated string.
func (p *packer) str(s string) { p.ref(append([]byte(s), 0)) }

func (p *packer) ref(data []byte) {
	p.refs = append(p.refs, reference{len(p.b), data})
	p.u64(0)
}

// finish puts the variable parts behind the fixed ones, each 4-byte aligned.
func (p *packer) finish() {
	for _, r := range p.refs {
		binary.LittleEndian.PutUint32(p.b[r.at:], uint32(len(p.b)-r.at))
		binary.LittleEndian.PutUint32(p.b[r.at+4:], uint32(len(r.data)))
		p.b = append(p.b, r.data...)
		for len(p.b)%4 != 0 {
			p.b = append(p.b, 0)
		}
	}
	p.refs = nil
}

type attrRow struct {
	bit  uint32
	pack func(s *subject, p *packer)
}

var commonAttrs = []attrRow{
	{abi.ATTR_CMN_NAME, func(s *subject, p *packer) { p.str(s.lastName()) }},
	{abi.ATTR_CMN_DEVID, func(s *subject, p *packer) { p.u32(uint32(s.st.Dev)) }},
	{abi.ATTR_CMN_FSID, func(s *subject, p *packer) { p.u32(uint32(s.v.Mount.Fsid[0])); p.u32(uint32(s.v.Mount.Fsid[1])) }},
	{abi.ATTR_CMN_OBJTYPE, func(s *subject, p *packer) { p.u32(uint32(s.v.Type)) }},
	{abi.ATTR_CMN_OBJTAG, func(s *subject, p *packer) { p.u32(0) }},
	{abi.ATTR_CMN_OBJID, func(s *subject, p *packer) { p.u64(s.st.Ino & 0xffffffff) }},
	{abi.ATTR_CMN_OBJPERMANENTID, func(s *subject, p *packer) { p.u64(s.st.Ino & 0xffffffff) }},
	{abi.ATTR_CMN_PAROBJID, func(s *subject, p *packer) { p.u64(s.parent() & 0xffffffff) }},
	{abi.ATTR_CMN_SCRIPT, func(s *subject, p *packer) { p.u32(0) }},
	{abi.ATTR_CMN_CRTIME, func(s *subject, p *packer) { p.time(s.st.Birthtime) }},
	{abi.ATTR_CMN_MODTIME, func(s *subject, p *packer) { p.time(s.st.Mtime) }},
	{abi.ATTR_CMN_CHGTIME, func(s *subject, p *packer) { p.time(s.st.Ctime) }},
	{abi.ATTR_CMN_ACCTIME, func(s *subject, p *packer) { p.time(s.st.Atime) }},
	{abi.ATTR_CMN_BKUPTIME, func(s *subject, p *packer) { p.time(abi.Timespec{}) }},
	{abi.ATTR_CMN_FNDRINFO, func(s *subject, p *packer) { p.b = append(p.b, s.v.finderInfo(s.ctx)...) }},
	{abi.ATTR_CMN_OWNERID, func(s *subject, p *packer) { p.u32(s.st.UID) }},
	{abi.ATTR_CMN_GRPID, func(s *subject, p *packer) { p.u32(s.st.GID) }},
	{abi.ATTR_CMN_ACCESSMASK, func(s *subject, p *packer) { p.u32(uint32(s.st.Mode)) }},
	{abi.ATTR_CMN_FLAGS, func(s *subject, p *packer) { p.u32(s.st.Flags) }},
	{abi.ATTR_CMN_USERACCESS, func(s *subject, p *packer) { p.u32(s.access()) }},
	{abi.ATTR_CMN_EXTENDED_SECURITY, func(s *subject, p *packer) { p.ref(nil) }},
	{abi.ATTR_CMN_FILEID, func(s *subject, p *packer) { p.u64(s.st.Ino) }},
	{abi.ATTR_CMN_PARENTID, func(s *subject, p *packer) { p.u64(s.parent()) }},
	{abi.ATTR_CMN_FULLPATH, func(s *subject, p *packer) { path, _ := s.ns.GetPath(s.ctx, s.v); p.str(path) }},
	{abi.ATTR_CMN_ADDEDTIME, func(s *subject, p *packer) { p.time(s.st.Birthtime) }},
	{abi.ATTR_CMN_DATA_PROTECT_FLAGS, func(s *subject, p *packer) { p.u32(0) }},
}

var dirAttrs = []attrRow{
	{abi.ATTR_DIR_LINKCOUNT, func(s *subject, p *packer) { p.u32(1) }},
	{abi.ATTR_DIR_ENTRYCOUNT, func(s *subject, p *packer) { p.u32(s.entries()) }},
	{abi.ATTR_DIR_MOUNTSTATUS, func(s *subject, p *packer) {
		if s.v.Mount.Root == s.v {
			p.u32(1) // DIR_MNTSTATUS_MNTPOINT
		} else {
			p.u32(0)
		}
	}},
	{abi.ATTR_DIR_ALLOCSIZE, func(s *subject, p *packer) { p.u64(uint64(s.st.Blocks) * 512) }},
	{abi.ATTR_DIR_IOBLOCKSIZE, func(s *subject, p *packer) { p.u32(uint32(s.st.Blksize)) }},
	{abi.ATTR_DIR_DATALENGTH, func(s *subject, p *packer) { p.u64(uint64(s.st.Size)) }},
}

func packSize(s *subject, p *packer)  { p.u64(uint64(s.st.Size)) }
func packAlloc(s *subject, p *packer) { p.u64(uint64(s.st.Blocks) * 512) }

var fileAttrs = []attrRow{
	{abi.ATTR_FILE_LINKCOUNT, func(s *subject, p *packer) { p.u32(uint32(s.st.Nlink)) }},
	{abi.ATTR_FILE_TOTALSIZE, packSize},
	{abi.ATTR_FILE_ALLOCSIZE, packAlloc},
	{abi.ATTR_FILE_IOBLOCKSIZE, func(s *subject, p *packer) { p.u32(uint32(s.st.Blksize)) }},
	{abi.ATTR_FILE_DEVTYPE, func(s *subject, p *packer) { p.u32(uint32(s.st.Rdev)) }},
	{abi.ATTR_FILE_DATALENGTH, packSize},
	{abi.ATTR_FILE_DATAALLOCSIZE, packAlloc},
	{abi.ATTR_FILE_RSRCLENGTH, func(s *subject, p *packer) { p.u64(s.v.resourceForkSize(s.ctx)) }},
	{abi.ATTR_FILE_RSRCALLOCSIZE, func(s *subject, p *packer) { p.u64(s.v.resourceForkSize(s.ctx)) }},
}

var volAttrs = []attrRow{
	{abi.ATTR_VOL_FSTYPE, func(s *subject, p *packer) { p.u32(s.sf.Type) }},
	{abi.ATTR_VOL_SIGNATURE, func(s *subject, p *packer) { p.u32(0x4244) }},
	{abi.ATTR_VOL_SIZE, func(s *subject, p *packer) { p.u64(s.sf.Blocks * uint64(s.sf.Bsize)) }},
	{abi.ATTR_VOL_SPACEFREE, func(s *subject, p *packer) { p.u64(s.sf.Bfree * uint64(s.sf.Bsize)) }},
	{abi.ATTR_VOL_SPACEAVAIL, func(s *subject, p *packer) { p.u64(s.sf.Bavail * uint64(s.sf.Bsize)) }},
	{abi.ATTR_VOL_MINALLOCATION, func(s *subject, p *packer) { p.u64(uint64(s.sf.Bsize)) }},
	{abi.ATTR_VOL_ALLOCATIONCLUMP, func(s *subject, p *packer) { p.u64(uint64(s.sf.Bsize)) }},
	{abi.ATTR_VOL_IOBLOCKSIZE, func(s *subject, p *packer) { p.u32(uint32(s.sf.Iosize)) }},
	{abi.ATTR_VOL_OBJCOUNT, func(s *subject, p *packer) { p.u32(uint32(s.sf.Files - s.sf.Ffree)) }},
	{abi.ATTR_VOL_MAXOBJCOUNT, func(s *subject, p *packer) { p.u32(uint32(min(s.sf.Files, 1<<32-1))) }},
	{abi.ATTR_VOL_MOUNTPOINT, func(s *subject, p *packer) { p.str(s.sf.Mntonname) }},
	{abi.ATTR_VOL_NAME, func(s *subject, p *packer) { p.str(lastOf(s.sf.Mntonname, "Puggle")) }},
	{abi.ATTR_VOL_MOUNTFLAGS, func(s *subject, p *packer) { p.u32(s.sf.Flags) }},
	{abi.ATTR_VOL_MOUNTEDDEVICE, func(s *subject, p *packer) { p.str(s.sf.Mntfromname) }},
	{abi.ATTR_VOL_CAPABILITIES, packCapabilities},
	{abi.ATTR_VOL_SPACEUSED, func(s *subject, p *packer) { p.u64((s.sf.Blocks - s.sf.Bfree) * uint64(s.sf.Bsize)) }},
	{abi.ATTR_VOL_ATTRIBUTES, func(s *subject, p *packer) {
		for range 2 { // valid, native
			for _, rows := range attrGroups {
				p.u32(known(rows))
			}
			p.u32(0)
		}
	}},
}

// packCapabilities gives what volumes of ours can do: symbolic and hard links,
// sparse files, case-sensitive, case-preserving, 2 TB, 64-bit ids; attribute lists,
// preallocation, locks, extended attributes, exclusive and swapping rename, punched holes.
func packCapabilities(s *subject, p *packer) {
	format := uint32(0x2 | 0x4 | 0x40 | 0x100 | 0x200 | 0x800 | 0x8000)
	calls := uint32(0x2 | 0x40 | 0x100 | 0x200 | 0x800 | 0x4000 | 0x40000 | 0x80000 | 0x800000)
	for range 2 { // capabilities, valid
		p.u32(format)
		p.u32(calls)
		p.u32(0)
		p.u32(0)
	}
}

func init() {
	// Here, because a row refers to all of them.
	attrGroups = [4][]attrRow{commonAttrs, volAttrs, dirAttrs, fileAttrs}
}

var attrGroups [4][]attrRow

func known(rows []attrRow) (bits uint32) {
	for _, r := range rows {
		bits |= r.bit
	}
	return bits
}

func (s *subject) lastName() string {
	if s.name != "" {
		return s.name
	}
	path, _ := s.ns.GetPath(s.ctx, s.v)
	return lastOf(path, "/")
}

func lastOf(path, root string) string {
	if path == "/" || path == "" {
		return root
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}

// parent is the inode number of the directory.
func (s *subject) parent() uint64 {
	var st abi.Stat
	if s.dir != nil {
		s.dir.Ops.GetAttr(s.ctx, &st)
		return st.Ino
	}
	path, e := s.ns.GetPath(s.ctx, s.v)
	if e != 0 {
		return 0
	}
	if path = path[:strings.LastIndexByte(path, '/')]; path == "" {
		path = "/"
	}
	Stat(s.ctx, s.ns, nil, path, false, &st)
	return st.Ino
}

func (s *subject) access() (mode uint32) {
	for _, m := range [...]int{abi.R_OK, abi.W_OK, abi.X_OK} {
		if s.v.Ops.Access(s.ctx, m) == 0 {
			mode |= uint32(m)
		}
	}
	return mode
}

func (s *subject) entries() (n uint32) {
	s.v.Readdir(s.ctx, 0, func(d *abi.Dirent) bool {
		if !dots(d.Name) {
			n++
		}
		return true
	})
	return n
}
