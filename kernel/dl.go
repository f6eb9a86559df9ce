package kernel

import (
	"errors"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/syscalls"
	"puggle/dyld"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
)

// dlCalls are libSystem's private calls 1 to 6: the part of the dynamic linker
// that is asked while a program runs. Those with an err argument store one line
// there when they fail.
var dlCalls = map[int]syscalls.Handler{
	1: dlopen, 2: dlsym, 3: dlclose, 4: dladdr, 5: imageInfo, 6: initialisers,
}

// loaded is the caller's images; nil for a program that has no dynamic linker.
func loaded(c *syscalls.Call) *dyld.Process {
	im := c.P.Image()
	if im == nil {
		return nil
	}
	d, _ := im.Loaded.(*dyld.Process)
	if d == nil || d.Main() == nil {
		return nil
	}
	return d
}

func liveMemory(c *syscalls.Call) dyld.Memory {
	return c.K.Sys.Loader.LiveMemory(c.Ctx(), c.P)
}

// maxDlError is the longest message, with its zero.
const maxDlError = 512

// dlFailed stores the message at arguments i and i+1 and gives errno.
func dlFailed(c *syscalls.Call, i int, text string, errno abi.Errno) abi.Errno {
	room := min(c.Arg[i+1], maxDlError)
	if c.Arg[i] == 0 || room == 0 {
		return errno
	}
	b := make([]byte, min(uint64(len(text))+1, room))
	copy(b[:len(b)-1], text)
	if e := c.CopyOut(machine.Addr(c.Arg[i]), b); e != 0 {
		return e
	}
	return errno
}

// dlopen(path, mode, err, errlen, caller): the handle. A null path is the
// program. ENOENT when it can't be had, with a message.
func dlopen(c *syscalls.Call) abi.Errno {
	d := loaded(c)
	if d == nil {
		return dlFailed(c, 2, "dlopen: the program has no dynamic linker", abi.ENOTSUP)
	}
	path := ""
	if c.Arg[0] != 0 {
		var e abi.Errno
		if path, e = c.Path(0); e != 0 {
			return dlFailed(c, 2, "dlopen: "+e.Error(), e)
		}
		if path == "" {
			return dlFailed(c, 2, "dlopen: the path is empty", abi.ENOENT)
		}
	}
	h, err := d.Dlopen(path, c.Int(1), c.Arg[4], liveMemory(c))
	if err != nil {
		return dlFailed(c, 2, "dlopen("+path+"): "+err.Error(), abi.ENOENT)
	}
	c.Ret[0] = uint64(h)
	d.RefreshInfos(liveMemory(c).Write)
	return 0
}

// allImageInfos is where debuggers find the list of a task's images, which is put there
// for the first who asks; 0 for a task whose program was not bound.
func allImageInfos(t *task.Task) (addr, size uint64, kr abi.KernReturn) {
	m, _ := t.Map().(*vm.Map)
	p, _ := t.BSD.(*kern.Proc)
	if m == nil || p == nil {
		return 0, 0, abi.KERN_INVALID_ARGUMENT
	}
	im := p.Image()
	if im == nil {
		return 0, 0, abi.KERN_SUCCESS
	}
	d, _ := im.Loaded.(*dyld.Process)
	if d == nil || d.Main() == nil {
		return 0, 0, abi.KERN_SUCCESS
	}
	at, err := d.Infos(func() (uint64, error) {
		a, kr := m.Allocate(0, dyld.InfosRoom, vm.Anywhere|vm.Tag(abi.VM_MEMORY_DYLD))
		if kr != abi.KERN_SUCCESS {
			return 0, errNoInfos
		}
		return uint64(a), nil
	}, func(addr uint64, b []byte) error {
		if m.CopyOutForce(machine.Addr(addr), b) != abi.KERN_SUCCESS {
			return errNoInfos
		}
		return nil
	})
	if err != nil {
		return 0, 0, abi.KERN_NO_SPACE
	}
	return at, dyld.InfosSize, abi.KERN_SUCCESS
}

var errNoInfos = errors.New("no memory")

// dlThreadLocal in a result of dlsym says that it is the address of a
// thread-local variable's descriptor.
const dlThreadLocal = 1 << 62

// dlsym(handle, name, err, errlen, caller): the address. ENOENT.
func dlsym(c *syscalls.Call) abi.Errno {
	d := loaded(c)
	if d == nil {
		return dlFailed(c, 2, "dlsym: the program has no dynamic linker", abi.ENOTSUP)
	}
	name, e := c.String(c.Addr(1), 1<<16)
	if e != 0 {
		return dlFailed(c, 2, "dlsym: "+e.Error(), e)
	}
	s, err := d.Dlsym(dyld.Handle(c.Arg[0]), name, c.Arg[4])
	if err != nil {
		return dlFailed(c, 2, "dlsym: "+err.Error(), abi.ENOENT)
	}
	c.Ret[0] = s.Addr
	if s.ThreadLocal {
		c.Ret[0] |= dlThreadLocal
	}
	return 0
}

// dlclose(handle, err, errlen). EINVAL for what is no handle.
func dlclose(c *syscalls.Call) abi.Errno {
	d := loaded(c)
	if d == nil || !d.Dlclose(dyld.Handle(c.Arg[0])) {
		return dlFailed(c, 1, "dlclose: invalid handle", abi.EINVAL)
	}
	return 0
}

// dladdr(addr, info, buf, size): 1 when an image holds the address, 0 when none
// does. info is Dl_info: file name, base, symbol name, symbol address; the
// names go into buf, the symbol's only if it fits. ERANGE when the file's does
// not.
func dladdr(c *syscalls.Call) abi.Errno {
	d := loaded(c)
	if d == nil {
		return 0
	}
	in, ok := d.Dladdr(c.Arg[0])
	if !ok {
		return 0
	}
	names := append([]byte(in.Image.Path), 0)
	if uint64(len(names)) > c.Arg[3] {
		return abi.ERANGE
	}
	var info [32]byte
	put(info[0:], c.Arg[2])
	put(info[8:], in.Image.Base)
	if in.SymbolAddr != 0 && uint64(len(names)+len(in.Symbol)+1) <= c.Arg[3] {
		put(info[16:], c.Arg[2]+uint64(len(names)))
		put(info[24:], in.SymbolAddr)
		names = append(append(names, in.Symbol...), 0)
	}
	if e := c.CopyOut(machine.Addr(c.Arg[2]), names); e != 0 {
		return e
	}
	if e := c.CopyOut(machine.Addr(c.Arg[1]), info[:]); e != 0 {
		return e
	}
	c.Ret[0] = 1
	return 0
}

func put(b []byte, v uint64) {
	for i := range 8 {
		b[i] = byte(v >> (8 * i))
	}
}

// What image_info is asked for: libSystem's IMAGE_COUNT and so on.
const (
	imageCount = iota
	imageName
	imageHeader
	imageSlide
	imageOfAddress
)

// imageInfo(what, arg, buf, size) tells about the images in load order; arg is an
// index, for imageOfAddress an address. ENOENT when there is no such image,
// ERANGE when its name has no room.
func imageInfo(c *syscalls.Call) abi.Errno {
	d := loaded(c)
	if d == nil {
		return abi.ENOENT
	}
	images := d.Images()
	what, arg := c.Uint(0), c.Arg[1]
	switch what {
	case imageCount:
		c.Ret[0] = uint64(len(images))
		return 0
	case imageOfAddress:
		in, ok := d.Dladdr(arg)
		if !ok {
			return abi.ENOENT
		}
		for i, img := range images {
			if img == in.Image {
				c.Ret[0] = uint64(i)
				return 0
			}
		}
		return abi.ENOENT
	}
	if arg >= uint64(len(images)) {
		return abi.ENOENT
	}
	img := images[arg]
	switch what {
	case imageName:
		name := append([]byte(img.Path), 0)
		if uint64(len(name)) > c.Arg[3] {
			return abi.ERANGE
		}
		c.Ret[0] = uint64(len(img.Path))
		return c.CopyOut(machine.Addr(c.Arg[2]), name)
	case imageHeader:
		c.Ret[0] = img.Base
	case imageSlide:
		c.Ret[0] = img.Slide
	default:
		return abi.EINVAL
	}
	return 0
}

// maxInitialisers bounds what one call of initialisers gives.
const maxInitialisers = 256

// initialisers(handle, list, max) stores the addresses of functions that must run
// before the dlopen in progress returns, and gives their number.
func initialisers(c *syscalls.Call) abi.Errno {
	d := loaded(c)
	if d == nil {
		return 0
	}
	calls, err := d.NextInitialisers(liveMemory(c), int(min(c.Arg[2], maxInitialisers)))
	if err != nil {
		return abi.EBADMACHO
	}
	b := make([]byte, 8*len(calls))
	for i, f := range calls {
		put(b[8*i:], f.Addr)
	}
	c.Ret[0] = uint64(len(calls))
	return c.CopyOut(machine.Addr(c.Arg[1]), b)
}

// privateCalls are the private calls that this package serves.
func privateCalls() map[int]syscalls.Handler {
	m := map[int]syscalls.Handler{7: evaluateTrust}
	for n, h := range dlCalls {
		m[n] = h
	}
	return m
}
