package abi

import "encoding/binary"

// Mount flags (<sys/mount.h>).
const (
	MNT_RDONLY           = 0x1
	MNT_SYNCHRONOUS      = 0x2
	MNT_NOEXEC           = 0x4
	MNT_NOSUID           = 0x8
	MNT_NODEV            = 0x10
	MNT_UNION            = 0x20
	MNT_ASYNC            = 0x40
	MNT_LOCAL            = 0x1000
	MNT_QUOTA            = 0x2000
	MNT_ROOTFS           = 0x4000
	MNT_DOVOLFS          = 0x8000
	MNT_DONTBROWSE       = 0x100000
	MNT_NOATIME          = 0x10000000
	MNT_IGNORE_OWNERSHIP = 0x200000
	MNT_UPDATE           = 0x10000
	MNT_RELOAD           = 0x40000
	MNT_FORCE            = 0x80000
	MNT_WAIT             = 0x1
	MNT_NOWAIT           = 0x2
)

// Statfs is struct statfs with 64-bit inodes (<sys/mount.h>); Marshal gives the
// guest's 2168 bytes.
type Statfs struct {
	Bsize                               int64 // fundamental block size, bytes
	Iosize                              int32
	Blocks, Bfree, Bavail, Files, Ffree uint64
	Fsid                                [2]int32
	Owner, Type, Flags, Subtype         uint32
	Fstypename, Mntonname, Mntfromname  string
}

// StatfsSize is the size of struct statfs with 64-bit inodes.
const StatfsSize = 2168

// Marshal writes s as the guest sees it.
func (s *Statfs) Marshal(b *[StatfsSize]byte) {
	le := binary.LittleEndian
	clear(b[:])
	le.PutUint32(b[0:], uint32(s.Bsize))
	le.PutUint32(b[4:], uint32(s.Iosize))
	for i, v := range [...]uint64{s.Blocks, s.Bfree, s.Bavail, s.Files, s.Ffree} {
		le.PutUint64(b[8+8*i:], v)
	}
	le.PutUint32(b[48:], uint32(s.Fsid[0]))
	le.PutUint32(b[52:], uint32(s.Fsid[1]))
	for i, v := range [...]uint32{s.Owner, s.Type, s.Flags, s.Subtype} {
		le.PutUint32(b[56+4*i:], v)
	}
	cstring(b[72:88], s.Fstypename)
	cstring(b[88:1112], s.Mntonname)
	cstring(b[1112:2136], s.Mntfromname)
}

func cstring(b []byte, s string) { copy(b[:len(b)-1], s) }
