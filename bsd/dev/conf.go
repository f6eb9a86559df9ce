package dev

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Sizes of the tables.
const (
	Nchrdev = 64
	Nblkdev = 64
)

// Makedev joins major and minor number (makedev of <sys/types.h>).
func Makedev(major, minor int) int32 { return int32(uint32(major)<<24 | uint32(minor)&0xffffff) }

// Major gives the major number of a device.
func Major(dev int32) int { return int(uint32(dev) >> 24) }

// Minor gives the minor number.
func Minor(dev int32) int { return int(uint32(dev) & 0xffffff) }

// D_TYPE of a switch entry (<sys/conf.h>).
const (
	D_TAPE = 1
	D_DISK = 2
	D_TTY  = 3
)

// Cdevsw is struct cdevsw, of both documents: the entry of a character device. A nil
// function is nodev (ENODEV); nil Open, Close, Stop and Reset are nulldev, and a nil
// Select is seltrue.
type Cdevsw struct {
	Open  func(ctx *sys.Context, dev int32, flags int) abi.Errno
	Close func(ctx *sys.Context, dev int32, flags int) abi.Errno
	Read  func(ctx *sys.Context, dev int32, u *sys.Uio, flags int) abi.Errno
	Write func(ctx *sys.Context, dev int32, u *sys.Uio, flags int) abi.Errno
	Ioctl func(ctx *sys.Context, dev int32, cmd uint64, data []byte, flags int) abi.Errno
	Stop  func(dev int32, flags int) abi.Errno
	Reset func(dev int32) abi.Errno
	// Select gives the filter for a device that is not always ready.
	Select func(dev int32, filter int16) sys.Filter
	// Mmap gives the physical page number at an offset.
	Mmap func(dev int32, off uint64, prot abi.Prot) (uint64, abi.Errno)
	// Strategy starts a block transfer.
	Strategy func(bp any) abi.Errno
	Getc     func(dev int32) (int, abi.Errno)
	Putc     func(dev int32, c byte) abi.Errno
	Type     int

	// Clone is ours: an open file of its own for each open (terminals, ptmx). It
	// takes the place of all the others.
	Clone func(ctx *sys.Context, dev int32, flags int) (sys.FileOps, abi.Errno)
}

// Bdevsw is struct bdevsw: the entry of a block device.
type Bdevsw struct {
	Open     func(ctx *sys.Context, dev int32, flags int) abi.Errno
	Close    func(ctx *sys.Context, dev int32, flags int) abi.Errno
	Strategy func(bp any) abi.Errno
	Ioctl    func(ctx *sys.Context, dev int32, cmd uint64, data []byte, flags int) abi.Errno
	Dump     func(dev int32) abi.Errno
	Psize    func(dev int32) int
	Type     int
	// Read and Write do what physio over Strategy would.
	Read  func(ctx *sys.Context, dev int32, u *sys.Uio, flags int) abi.Errno
	Write func(ctx *sys.Context, dev int32, u *sys.Uio, flags int) abi.Errno
}

// table is one switch.
type table[T any] struct {
	mu sync.RWMutex
	sw [64]*T
}

var (
	cdevsw table[Cdevsw]
	bdevsw table[Bdevsw]
)

// add puts sw at index. A negative index asks for the first free entry from its
// absolute value on, -1 from 0. It returns the index, or -1 if there is no room, the
// entry is taken, or the index is out of range.
func (t *table[T]) add(index int, sw *T) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if index < 0 {
		from := -index
		if index == -1 {
			from = 0
		}
		for index = from; index >= 0 && index < len(t.sw) && t.sw[index] != nil; index++ {
		}
	}
	if index < 0 || index >= len(t.sw) || t.sw[index] != nil {
		return -1
	}
	t.sw[index] = sw
	return index
}

// remove takes sw away from index, -1 if it is not there.
func (t *table[T]) remove(index int, sw *T) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if index < 0 || index >= len(t.sw) || t.sw[index] != sw {
		return -1
	}
	t.sw[index] = nil
	return index
}

func (t *table[T]) get(index int) *T {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if index < 0 || index >= len(t.sw) {
		return nil
	}
	return t.sw[index]
}

// swap replaces the entry, as NeXT's loaded servers do, and returns the old one.
func (t *table[T]) swap(index int, sw *T) (*T, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if index < 0 || index >= len(t.sw) {
		return nil, false
	}
	old := t.sw[index]
	t.sw[index] = sw
	return old, true
}

// CdevswAdd is cdevsw_add: it returns the major number, or -1. Index -1 takes the
// first free one, -n the first from n on.
func CdevswAdd(index int, sw *Cdevsw) int { return cdevsw.add(index, sw) }

// CdevswRemove is cdevsw_remove: -1 unless sw is what is there.
func CdevswRemove(index int, sw *Cdevsw) int { return cdevsw.remove(index, sw) }

// CdevswSwap writes an entry and gives the old one, to be put back later: how a
// NeXT server installs itself. false if index is out of range.
func CdevswSwap(index int, sw *Cdevsw) (*Cdevsw, bool) { return cdevsw.swap(index, sw) }

// CdevswAt gives an entry, nil if the major number has no driver.
func CdevswAt(index int) *Cdevsw { return cdevsw.get(index) }

// BdevswAdd is bdevsw_add.
func BdevswAdd(index int, sw *Bdevsw) int { return bdevsw.add(index, sw) }

// BdevswRemove is bdevsw_remove.
func BdevswRemove(index int, sw *Bdevsw) int { return bdevsw.remove(index, sw) }

// BdevswSwap is CdevswSwap for block devices.
func BdevswSwap(index int, sw *Bdevsw) (*Bdevsw, bool) { return bdevsw.swap(index, sw) }

// BdevswAt gives an entry, nil if there is no driver.
func BdevswAt(index int) *Bdevsw { return bdevsw.get(index) }
