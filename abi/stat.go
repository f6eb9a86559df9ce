package abi

import "encoding/binary"

// Timespec is a struct timespec on a 64-bit Darwin: 16 bytes.
type Timespec struct{ Sec, Nsec int64 }

// Stat is struct stat with 64-bit inodes (<sys/stat.h>), as kernel code holds
// it; Marshal gives the guest's 144 bytes.
type Stat struct {
	Dev       int32
	Mode      uint16
	Nlink     uint16
	Ino       uint64
	UID, GID  uint32
	Rdev      int32
	Atime     Timespec
	Mtime     Timespec
	Ctime     Timespec
	Birthtime Timespec
	Size      int64
	Blocks    int64 // of 512 bytes
	Blksize   int32
	Flags     uint32 // UF_*, SF_*
	Gen       uint32
}

// StatSize is the size of struct stat with 64-bit inodes.
const StatSize = 144

// Marshal writes s as the guest sees it.
func (s *Stat) Marshal(b *[StatSize]byte) {
	le := binary.LittleEndian
	clear(b[:])
	le.PutUint32(b[0:], uint32(s.Dev))
	le.PutUint16(b[4:], s.Mode)
	le.PutUint16(b[6:], s.Nlink)
	le.PutUint64(b[8:], s.Ino)
	le.PutUint32(b[16:], s.UID)
	le.PutUint32(b[20:], s.GID)
	le.PutUint32(b[24:], uint32(s.Rdev))
	for i, t := range [...]Timespec{s.Atime, s.Mtime, s.Ctime, s.Birthtime} {
		le.PutUint64(b[32+16*i:], uint64(t.Sec))
		le.PutUint64(b[40+16*i:], uint64(t.Nsec))
	}
	le.PutUint64(b[96:], uint64(s.Size))
	le.PutUint64(b[104:], uint64(s.Blocks))
	le.PutUint32(b[112:], uint32(s.Blksize))
	le.PutUint32(b[116:], s.Flags)
	le.PutUint32(b[120:], s.Gen)
}

// File types and permission bits of Mode.
const (
	S_IFMT   = 0o170000
	S_IFIFO  = 0o010000
	S_IFCHR  = 0o020000
	S_IFDIR  = 0o040000
	S_IFBLK  = 0o060000
	S_IFREG  = 0o100000
	S_IFLNK  = 0o120000
	S_IFSOCK = 0o140000
	S_IFWHT  = 0o160000
	S_ISUID  = 0o4000
	S_ISGID  = 0o2000
	S_ISVTX  = 0o1000
)
