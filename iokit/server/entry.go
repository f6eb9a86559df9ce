package server

import (
	"encoding/binary"
	"strings"

	"puggle/abi"
	"puggle/iokit"
	"puggle/mach/ipc"
	"puggle/mach/mig"
	"puggle/mach/vm"
	"puggle/machine"
)

// onEntry is a routine of an entry; kIOReturnBadArgument for anything else.
func onEntry[A, R any](f func(e *iokit.Entry, a A) (R, kret)) func(*mig.Call, *ipc.Port, A) (R, kret) {
	return func(_ *mig.Call, p *ipc.Port, a A) (r R, kr kret) {
		e := entry(p)
		if e == nil {
			return r, iokit.IOReturnBadArgument
		}
		return f(e, a)
	}
}

func bytesOut(b []byte) ipc.Copy { return vm.NewCopy(b) }

func serialised(v any, form func(any) []byte) (ipc.Copy, kret) {
	if v == nil {
		return nil, iokit.IOReturnNotFound
	}
	return bytesOut(form(v)), abi.KERN_SUCCESS
}

func (s *Server) entries(t *IokitServer) {
	t.IoRegistryEntryGetName = func(_ *mig.Call, p *ipc.Port) (string, kret) {
		e := entry(p)
		if e == nil {
			return "", iokit.IOReturnBadArgument
		}
		return e.Name(iokit.ServicePlane), abi.KERN_SUCCESS
	}
	t.IoRegistryEntryGetNameInPlane = onEntry(func(e *iokit.Entry, plane string) (string, kret) {
		if plane != "" && !e.Registry().HasPlane(iokit.Plane(plane)) {
			return "", iokit.IOReturnBadArgument
		}
		return e.Name(iokit.Plane(plane)), abi.KERN_SUCCESS
	})
	t.IoRegistryEntryGetLocationInPlane = onEntry(func(e *iokit.Entry, plane string) (string, kret) {
		if l := e.Location(iokit.Plane(plane)); l != "" {
			return l, abi.KERN_SUCCESS
		}
		return "", iokit.IOReturnNotFound
	})
	t.IoRegistryEntryInPlane = onEntry(func(e *iokit.Entry, plane string) (bool, kret) {
		return e.InPlane(iokit.Plane(plane)), abi.KERN_SUCCESS
	})
	t.IoRegistryEntryGetRegistryEntryId = func(_ *mig.Call, p *ipc.Port) (uint64, kret) {
		e := entry(p)
		if e == nil {
			return 0, iokit.IOReturnBadArgument
		}
		return e.ID(), abi.KERN_SUCCESS
	}
	t.IoRegistryEntryGetPath = onEntry(func(e *iokit.Entry, plane string) (string, kret) {
		if path, ok := e.Path(iokit.Plane(plane)); ok && len(path) < 512 {
			return path, abi.KERN_SUCCESS
		}
		return "", iokit.IOReturnBadArgument
	})
	t.IoRegistryEntryGetPathOol = func(_ *mig.Call, p *ipc.Port, plane string) (string, ipc.Copy, kret) {
		e := entry(p)
		if e == nil {
			return "", nil, iokit.IOReturnBadArgument
		}
		path, ok := e.Path(iokit.Plane(plane))
		switch {
		case !ok:
			return "", nil, iokit.IOReturnError
		case len(path) >= 4096:
			return "", bytesOut(append([]byte(path), 0)), abi.KERN_SUCCESS
		}
		return path, nil, abi.KERN_SUCCESS
	}
	s.properties(t)
	t.IoRegistryEntryGetChildIterator = onEntry(func(e *iokit.Entry, plane string) (*ipc.Port, kret) {
		return s.walk(e, plane, 0)
	})
	t.IoRegistryEntryGetParentIterator = onEntry(func(e *iokit.Entry, plane string) (*ipc.Port, kret) {
		return s.walk(e, plane, iokit.IterateParents)
	})
	t.IoRegistryEntryCreateIterator = func(_ *mig.Call, p *ipc.Port, plane string, options uint32) (*ipc.Port, kret) {
		e := entry(p)
		if e == nil {
			return nil, iokit.IOReturnBadArgument
		}
		return s.walk(e, plane, options)
	}
}

// inPlane finds a property: in the entry, or with a plane where the options say.
func inPlane(e *iokit.Entry, plane, name string, options uint32) any {
	if plane == "" {
		return e.Property(name)
	}
	return e.FindProperty(iokit.Plane(plane), name, options&iokit.IterateRecursively != 0, options&iokit.IterateParents != 0)
}

func (s *Server) properties(t *IokitServer) {
	t.IoRegistryEntryGetProperty = onEntry(func(e *iokit.Entry, name string) (ipc.Copy, kret) {
		return serialised(e.Property(name), iokit.SerializeXML)
	})
	t.IoRegistryEntryGetPropertyRecursively = func(_ *mig.Call, p *ipc.Port, plane, name string, options uint32) (ipc.Copy, kret) {
		e := entry(p)
		if e == nil {
			return nil, iokit.IOReturnBadArgument
		}
		return serialised(inPlane(e, plane, name, options), iokit.SerializeXML)
	}
	t.IoRegistryEntryGetPropertyBin = func(_ *mig.Call, p *ipc.Port, plane, name string, options uint32) (ipc.Copy, kret) {
		e := entry(p)
		if e == nil {
			return nil, iokit.IOReturnBadArgument
		}
		return serialised(inPlane(e, plane, name, options), iokit.SerializeBinary)
	}
	all := func(form func(any) []byte) func(_ *mig.Call, p *ipc.Port) (ipc.Copy, kret) {
		return func(_ *mig.Call, p *ipc.Port) (ipc.Copy, kret) {
			e := entry(p)
			if e == nil {
				return nil, iokit.IOReturnBadArgument
			}
			return serialised(e.Properties(), form)
		}
	}
	t.IoRegistryEntryGetProperties = all(iokit.SerializeXML)
	t.IoRegistryEntryGetPropertiesBin = all(iokit.SerializeBinary)
	t.IoRegistryEntryGetPropertiesBinBuf = func(c *mig.Call, p *ipc.Port, buf machine.Addr, size uint64) (uint64, ipc.Copy, kret) {
		e := entry(p)
		if e == nil {
			return 0, nil, iokit.IOReturnBadArgument
		}
		return buffered(c, e.Properties(), buf, size)
	}
	t.IoRegistryEntryGetPropertyBinBuf = func(c *mig.Call, p *ipc.Port, plane, name string, options uint32, buf machine.Addr, size uint64) (uint64, ipc.Copy, kret) {
		e := entry(p)
		if e == nil {
			return 0, nil, iokit.IOReturnBadArgument
		}
		return buffered(c, inPlane(e, plane, name, options), buf, size)
	}
	t.IoRegistryEntryGetPropertyBytes = func(_ *mig.Call, p *ipc.Port, name string, room int) ([]byte, kret) {
		e := entry(p)
		if e == nil {
			return nil, iokit.IOReturnBadArgument
		}
		b, ok := plain(e.Property(name))
		switch {
		case !ok:
			return nil, iokit.IOReturnNotFound
		case len(b) > room:
			return nil, iokit.IOReturnIPCError
		}
		return b, abi.KERN_SUCCESS
	}
	t.IoRegistryEntrySetProperties = func(c *mig.Call, p *ipc.Port, m mig.Memory) (kret, kret) {
		e := entry(p)
		if e == nil {
			return 0, iokit.IOReturnBadArgument
		}
		v, kr := read(m)
		switch {
		case kr != abi.KERN_SUCCESS:
			return kr, abi.KERN_SUCCESS
		case e.Object() == nil:
			return iokit.IOReturnUnsupported, abi.KERN_SUCCESS
		}
		return e.Object().SetProperties(s.client(c), v), abi.KERN_SUCCESS
	}
}

// buffered writes into the caller's buffer if there is room.
func buffered(c *mig.Call, v any, buf machine.Addr, size uint64) (uint64, ipc.Copy, kret) {
	if v == nil {
		return 0, nil, iokit.IOReturnNotFound
	}
	b := iokit.SerializeBinary(v)
	if m := callerMap(c); m != nil && buf != 0 && uint64(len(b)) <= size {
		if m.CopyOut(buf, b) != abi.KERN_SUCCESS {
			return 0, nil, iokit.IOReturnVMError
		}
		return uint64(len(b)), nil, abi.KERN_SUCCESS
	}
	return 0, bytesOut(b), abi.KERN_SUCCESS
}

// plain is the bytes of a value that is data, a string, a number or a boolean.
func plain(v any) ([]byte, bool) {
	switch v := v.(type) {
	case []byte:
		return v, true
	case string:
		return append([]byte(v), 0), true
	case bool:
		if v {
			return []byte("Yes\x00"), true
		}
		return []byte("No\x00"), true
	}
	n, bits := iokit.Number(v)
	return binary.LittleEndian.AppendUint64(nil, n)[:bits/8], bits != 0
}

// path strips what an out-of-line path ends with.
func path(b []byte) string { s, _, _ := strings.Cut(string(b), "\x00"); return s }
