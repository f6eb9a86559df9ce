package dev

import (
	"crypto/rand"

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
)

// Minor numbers of MajorMem.
const (
	MinorNull = 2
	MinorZero = 3
)

func init() {
	CdevswAdd(MajorMem, &Cdevsw{Open: memOpen, Read: memRead, Write: memWrite, Ioctl: memIoctl})
	CdevswAdd(MajorRandom, &Cdevsw{Read: randomRead, Write: memWrite, Ioctl: memIoctl})
}

func memOpen(_ *sys.Context, dev int32, _ int) abi.Errno {
	if m := Minor(dev); m != MinorNull && m != MinorZero {
		return abi.ENXIO // mem and kmem: physical memory is nobody's business
	}
	return 0
}

func memRead(_ *sys.Context, dev int32, u *sys.Uio, _ int) abi.Errno {
	if Minor(dev) == MinorNull {
		return 0
	}
	for u.Resid > 0 {
		b := u.Next()
		clear(b)
		u.Advance(len(b))
	}
	return 0
}

// memWrite takes everything and keeps nothing.
func memWrite(_ *sys.Context, _ int32, u *sys.Uio, _ int) abi.Errno {
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
