package abi

import "encoding/binary"

// quotactl's commands (<sys/quota.h>): shifted by QuotaShift, with the type below.
const (
	QuotaShift = 8
	USRQUOTA   = 0
	GRPQUOTA   = 1
	MAXQUOTAS  = 2

	Q_QUOTAON   = 0x0100
	Q_QUOTAOFF  = 0x0200
	Q_GETQUOTA  = 0x0300
	Q_SETQUOTA  = 0x0400
	Q_SETUSE    = 0x0500
	Q_SYNC      = 0x0600
	Q_QUOTASTAT = 0x0700

	// MaxDQTime is how long a soft limit may be exceeded, in seconds.
	MaxDQTime = 7 * 24 * 60 * 60
)

// Dqblk is struct dqblk: limits (0 is none) and use, in bytes and files; times in seconds of the epoch.
type Dqblk struct {
	BHardLimit, BSoftLimit, CurBytes  uint64
	IHardLimit, ISoftLimit, CurInodes uint32
	BTime, ITime, ID                  uint32
}

// DqblkSize is its size, with four spare words.
const DqblkSize = 64

// Marshal writes it.
func (q *Dqblk) Marshal() []byte {
	b, _ := binary.Append(make([]byte, 0, DqblkSize), binary.LittleEndian, q)
	return append(b, make([]byte, DqblkSize-len(b))...)
}

// UnmarshalDqblk reads DqblkSize bytes.
func UnmarshalDqblk(b []byte) (q Dqblk) {
	binary.Decode(b, binary.LittleEndian, &q)
	return q
}
