package dev

import (
	"crypto/rand"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Major numbers of the devices that every machine has, as on Darwin.
const (
	MajorConsole = 0
	MajorTTY     = 2 // the process's controlling terminal
	MajorMem     = 3 // minors below
	MajorPTS     = 4
	MajorPTC     = 5
	MajorRandom  = 14
	MajorPTMX    = 15
	MajorTTYS    = 16
	MajorBPF     = 23
)

// Minor numbers of MajorMem.
const (
	MinorMem  = 0
	MinorKmem = 1
	MinorNull = 2
	MinorZero = 3
)

func init() {
	CdevswAdd(MajorMem, &Cdevsw{Open: memOpen, Read: memRead, Write: memWrite, Ioctl: memIoctl})
	CdevswAdd(MajorRandom, &Cdevsw{Read: randomRead, Write: memWrite, Ioctl: memIoctl})
}

// Kmem is the memory of the kernel task, for /dev/kmem: the offset is the address. The
// kernel gives its own at boot; the last one's is everybody's, as the switch is.
type Kmem interface {
	Read(b []byte, addr uint64) bool
	Write(b []byte, addr uint64) bool
	// ReadPhysical is Read of physical memory, for /dev/mem; b lies in one page. It is false where
	// there is no memory.
	ReadPhysical(b []byte, addr uint64) bool
	// WritePhysical writes what a guest, or the kernel task, has in physical memory; b lies in one page. It
	// is false for all other memory.
	WritePhysical(b []byte, addr uint64) bool
	// Secure says that the secure level forbids writing.
	Secure() bool
}

var kmem atomic.Pointer[Kmem]

// SetKmem says what /dev/kmem is.
func SetKmem(k Kmem) { kmem.Store(&k) }

func memOpen(ctx *sys.Context, dev int32, flags int) abi.Errno {
	switch m := Minor(dev); {
	case m == MinorNull, m == MinorZero:
		return 0
	case (m == MinorMem || m == MinorKmem) && kmem.Load() != nil:
		if !ctx.Cred.IsSuser() {
			return abi.EACCES
		}
		if flags&abi.FWRITE != 0 && (*kmem.Load()).Secure() {
			return abi.EPERM
		}
		return 0
	}
	return abi.ENXIO
}

// kmemMove moves a process's data to or from the kernel task, a page at a time. EFAULT where
// nothing is mapped, or, for writing, where it is read only.
func kmemMove(u *sys.Uio, move func(b []byte, addr uint64) bool, write bool) abi.Errno {
	for u.Resid > 0 {
		at := uint64(u.Offset)
		b := make([]byte, min(u.Resid, 4096-int64(at&4095)))
		if write {
			u.CopyOut(b)
		}
		if !move(b, at) {
			return abi.EFAULT
		}
		if !write {
			u.CopyIn(b)
		}
	}
	return 0
}

func memRead(_ *sys.Context, dev int32, u *sys.Uio, _ int) abi.Errno {
	switch Minor(dev) {
	case MinorNull:
		return 0
	case MinorMem:
		return kmemMove(u, (*kmem.Load()).ReadPhysical, false)
	case MinorKmem:
		return kmemMove(u, (*kmem.Load()).Read, false)
	}
	for u.Resid > 0 {
		b := u.Next()
		clear(b)
		u.Advance(len(b))
	}
	return 0
}

// memWrite takes everything and keeps nothing.
func memWrite(_ *sys.Context, dev int32, u *sys.Uio, _ int) abi.Errno {
	if m := Minor(dev); Major(dev) == MajorMem && (m == MinorMem || m == MinorKmem) {
		k := *kmem.Load()
		if k.Secure() {
			return abi.EPERM
		}
		if m == MinorMem {
			return kmemMove(u, k.WritePhysical, true)
		}
		return kmemMove(u, k.Write, true)
	}
	for u.Resid > 0 {
		u.Advance(len(u.Next()))
	}
	return 0
}

// FIONBIO and FIOASYNC change nothing here, but are no error.
func memIoctl(_ *sys.Context, _ int32, cmd uint64, _ []byte, _ int) abi.Errno {
	if cmd == 0x8004667e || cmd == 0x8004667d {
		return 0
	}
	return abi.ENOTTY
}

func randomRead(_ *sys.Context, _ int32, u *sys.Uio, _ int) abi.Errno {
	for u.Resid > 0 {
		b := u.Next()
		rand.Read(b)
		u.Advance(len(b))
	}
	return 0
}
