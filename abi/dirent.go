package abi

import "encoding/binary"

// Types of directory entries (<sys/dirent.h>); IFTODT of a mode.
const (
	DT_UNKNOWN = 0x0
	DT_FIFO    = 0x1
	DT_CHR     = 0x2
	DT_DIR     = 0x4
	DT_BLK     = 0x6
	DT_REG     = 0x8
	DT_LNK     = 0xa
	DT_SOCK    = 0xc
)

// Dirent is one struct dirent with 64-bit inodes (<sys/dirent.h>): inode number
// at 0, d_seekoff at 8, record length at 16, name length at 18, type at 20,
// name at 21, zero-terminated and padded so that records are 8-byte aligned.
type Dirent struct {
	Ino  uint64
	Off  int64 // the position behind this entry
	Type uint8
	Name string
}

const direntName = 21

// DirentSize is the record length for a name of n bytes.
func DirentSize(n int) int { return (direntName + n + 1 + 7) &^ 7 }

// Marshal appends the record to b.
func (d *Dirent) Marshal(b []byte) []byte {
	at, size := len(b), DirentSize(len(d.Name))
	b = append(b, make([]byte, size)...)
	r := b[at:]
	binary.LittleEndian.PutUint64(r[0:], d.Ino)
	binary.LittleEndian.PutUint64(r[8:], uint64(d.Off))
	binary.LittleEndian.PutUint16(r[16:], uint16(size))
	binary.LittleEndian.PutUint16(r[18:], uint16(len(d.Name)))
	r[20] = d.Type
	copy(r[direntName:], d.Name)
	return b
}

// SetDirentOff changes d_seekoff in a record of Marshal's.
func SetDirentOff(rec []byte, off int64) { binary.LittleEndian.PutUint64(rec[8:], uint64(off)) }

// DirentLegacySize is the record length in the old format.
func DirentLegacySize(n int) int { return (8 + n + 1 + 3) &^ 3 }

// MarshalLegacy appends the record in the format with 32-bit inodes, as
// getdirentries (call 196) gives it: inode at 0, record length at 4, type at 6,
// name length at 7, name at 8, 4-byte aligned.
func (d *Dirent) MarshalLegacy(b []byte) []byte {
	at, size := len(b), DirentLegacySize(len(d.Name))
	b = append(b, make([]byte, size)...)
	r := b[at:]
	binary.LittleEndian.PutUint32(r[0:], uint32(d.Ino))
	binary.LittleEndian.PutUint16(r[4:], uint16(size))
	r[6], r[7] = d.Type, uint8(len(d.Name))
	copy(r[8:], d.Name)
	return b
}
