package dev

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
)

// opens counts the opens of each device, for the last close.
var opens struct {
	sync.Mutex
	n map[key]int
}

type key struct {
	block bool
	dev   int32
}

// file is an open device: specfs's part.
type file struct {
	key   key
	flags int
	c     *Cdevsw
	b     *Bdevsw
}

// Open opens a device by number: ENXIO if its major number has no driver, or the
// driver's own error.
func Open(ctx *sys.Context, block bool, dev int32, flags int) (sys.FileOps, abi.Errno) {
	f := &file{key: key{block, dev}, flags: flags}
	var open func(*sys.Context, int32, int) abi.Errno
	if block {
		if f.b = BdevswAt(Major(dev)); f.b == nil {
			return nil, abi.ENXIO
		}
		open = f.b.Open
	} else {
		if f.c = CdevswAt(Major(dev)); f.c == nil {
			return nil, abi.ENXIO
		}
		if f.c.Clone != nil {
			return f.c.Clone(ctx, dev, flags)
		}
		open = f.c.Open
	}
	f.count(1)
	if open != nil {
		if e := open(ctx, dev, flags); e != 0 {
			f.count(-1)
			return nil, e
		}
	}
	return f, 0
}

func (f *file) count(by int) int {
	opens.Lock()
	defer opens.Unlock()
	if opens.n == nil {
		opens.n = map[key]int{}
	}
	n := opens.n[f.key] + by
	if n == 0 {
		delete(opens.n, f.key)
	} else {
		opens.n[f.key] = n
	}
	return n
}

func (f *file) Type() sys.DType { return sys.DTypeVnode }

func (f *file) Read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	var read rw
	if f.c != nil {
		read = f.c.Read
	} else {
		read = f.b.Read
	}
	if read == nil {
		return abi.ENODEV
	}
	return read(ctx, f.key.dev, u, flags)
}

type rw func(*sys.Context, int32, *sys.Uio, int) abi.Errno

func (f *file) Write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	var write rw
	if f.c != nil {
		write = f.c.Write
	} else {
		write = f.b.Write
	}
	if write == nil {
		return abi.ENODEV
	}
	return write(ctx, f.key.dev, u, flags)
}

func (f *file) Ioctl(ctx *sys.Context, cmd uint64, data []byte) abi.Errno {
	ioctl := (func(*sys.Context, int32, uint64, []byte, int) abi.Errno)(nil)
	if f.c != nil {
		ioctl = f.c.Ioctl
	} else {
		ioctl = f.b.Ioctl
	}
	if ioctl == nil {
		return abi.ENOTTY
	}
	return ioctl(ctx, f.key.dev, cmd, data, f.flags)
}

// Stat is the vnode's business, which vfs.File does.
func (f *file) Stat(*sys.Context, *abi.Stat) abi.Errno { return abi.ENOTSUP }

func (f *file) Filter(filter int16) sys.Filter {
	if f.c == nil || f.c.Select == nil {
		return nil
	}
	return f.c.Select(f.key.dev, filter)
}

func (f *file) Close(ctx *sys.Context) abi.Errno {
	if f.count(-1) > 0 {
		return 0
	}
	shut := (func(*sys.Context, int32, int) abi.Errno)(nil)
	if f.c != nil {
		shut = f.c.Close
	} else {
		shut = f.b.Close
	}
	if shut == nil {
		return 0
	}
	return shut(ctx, f.key.dev, f.flags)
}
