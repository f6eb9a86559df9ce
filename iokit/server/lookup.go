package server

import (
	"puggle/abi"
	"puggle/iokit"
	"puggle/mach/ipc"
	"puggle/mach/mig"
)

// maxTable is the largest dictionary that a program may send out of line, bytes.
const maxTable = iokit.MaxPropertyBytes

// read is a serialised value out of line; kIOReturnBadArgument if it is none.
func read(m mig.Memory) (any, kret) {
	b, kr := m.Bytes(maxTable)
	if kr != abi.KERN_SUCCESS {
		return nil, iokit.IOReturnBadArgument
	}
	return value(b)
}

func value(b []byte) (any, kret) {
	v, err := iokit.Unserialize(b)
	if err == nil {
		v, err = iokit.Normalize(v)
	}
	if err != nil {
		return nil, iokit.IOReturnBadArgument
	}
	return v, abi.KERN_SUCCESS
}

func table(v any, kr kret) (map[string]any, kret) {
	m, ok := v.(map[string]any)
	if kr == abi.KERN_SUCCESS && !ok {
		kr = iokit.IOReturnBadArgument
	}
	return m, kr
}

// A dictionary comes as text, in line or out of it: three routines of each kind.

// services is an iterator over those that a dictionary describes.
func (s *Server) services(main *ipc.Port, m map[string]any, kr kret) (*ipc.Port, kret) {
	r := s.registry(main)
	switch {
	case r == nil:
		return nil, iokit.IOReturnBadArgument
	case kr != abi.KERN_SUCCESS:
		return nil, kr
	}
	return s.give(&listIterator{all: r.Services(m, iokit.Matched)}, abi.IKOT_IOKIT_OBJECT)
}

// service is the first of them.
func (s *Server) service(main *ipc.Port, m map[string]any, kr kret) (*ipc.Port, kret) {
	r := s.registry(main)
	switch {
	case r == nil:
		return nil, iokit.IOReturnBadArgument
	case kr != abi.KERN_SUCCESS:
		return nil, kr
	}
	l := r.Services(m, iokit.Matched)
	if len(l) == 0 {
		return nil, iokit.IOReturnNotFound
	}
	return s.existing(l[0])
}

func matches(p *ipc.Port, m map[string]any, kr kret) (bool, kret) {
	e := service(p)
	switch {
	case e == nil:
		return false, iokit.IOReturnBadArgument
	case kr != abi.KERN_SUCCESS:
		return false, kr
	}
	return e.Match(m), abi.KERN_SUCCESS
}

func text(b string) (map[string]any, kret)    { return table(value([]byte(b))) }
func inband(b []byte) (map[string]any, kret)  { return table(value(b)) }
func ool(m mig.Memory) (map[string]any, kret) { return table(read(m)) }

func (s *Server) lookups(t *IokitServer) {
	t.IoServiceGetMatchingServices = func(_ *mig.Call, main *ipc.Port, d string) (*ipc.Port, kret) {
		m, kr := text(d)
		return s.services(main, m, kr)
	}
	t.IoServiceGetMatchingServicesBin = func(_ *mig.Call, main *ipc.Port, d []byte) (*ipc.Port, kret) {
		m, kr := inband(d)
		return s.services(main, m, kr)
	}
	t.IoServiceGetMatchingServicesOol = func(_ *mig.Call, main *ipc.Port, d mig.Memory) (kret, *ipc.Port, kret) {
		m, kr := ool(d)
		p, kr := s.services(main, m, kr)
		return kr, p, abi.KERN_SUCCESS
	}
	t.IoServiceGetMatchingService = func(_ *mig.Call, main *ipc.Port, d string) (*ipc.Port, kret) {
		m, kr := text(d)
		return s.service(main, m, kr)
	}
	t.IoServiceGetMatchingServiceBin = func(_ *mig.Call, main *ipc.Port, d []byte) (*ipc.Port, kret) {
		m, kr := inband(d)
		return s.service(main, m, kr)
	}
	t.IoServiceGetMatchingServiceOol = func(_ *mig.Call, main *ipc.Port, d mig.Memory) (kret, *ipc.Port, kret) {
		m, kr := ool(d)
		p, kr := s.service(main, m, kr)
		return kr, p, abi.KERN_SUCCESS
	}
	t.IoServiceMatchPropertyTable = func(_ *mig.Call, p *ipc.Port, d string) (bool, kret) {
		m, kr := text(d)
		return matches(p, m, kr)
	}
	t.IoServiceMatchPropertyTableBin = func(_ *mig.Call, p *ipc.Port, d []byte) (bool, kret) {
		m, kr := inband(d)
		return matches(p, m, kr)
	}
	t.IoServiceMatchPropertyTableOol = func(_ *mig.Call, p *ipc.Port, d mig.Memory) (kret, bool, kret) {
		m, kr := ool(d)
		ok, kr := matches(p, m, kr)
		return kr, ok, abi.KERN_SUCCESS
	}
	t.IoRegistryGetRootEntry = func(_ *mig.Call, main *ipc.Port) (*ipc.Port, kret) {
		r := s.registry(main)
		if r == nil {
			return nil, iokit.IOReturnBadArgument
		}
		return s.existing(r.Root())
	}
	t.IoRegistryEntryFromPath = func(_ *mig.Call, main *ipc.Port, p string) (*ipc.Port, kret) {
		r := s.registry(main)
		if r == nil {
			return nil, iokit.IOReturnBadArgument
		}
		return s.entryPort(r.FromPath(p)), abi.KERN_SUCCESS
	}
	t.IoRegistryEntryFromPathOol = func(_ *mig.Call, main *ipc.Port, p string, m mig.Memory) (kret, *ipc.Port, kret) {
		r := s.registry(main)
		if r == nil {
			return 0, nil, iokit.IOReturnBadArgument
		}
		if m.Size() > 0 {
			b, kr := m.Bytes(1 << 16)
			if kr != abi.KERN_SUCCESS {
				return iokit.IOReturnBadArgument, nil, abi.KERN_SUCCESS
			}
			p = path(b)
		}
		return abi.KERN_SUCCESS, s.entryPort(r.FromPath(p)), abi.KERN_SUCCESS
	}
	t.IoDeviceTreeEntryExistsWithName = func(_ *mig.Call, main *ipc.Port, name string) (bool, kret) {
		r := s.registry(main)
		if r == nil {
			return false, iokit.IOReturnBadArgument
		}
		for _, e := range r.Root().Walk(iokit.DeviceTreePlane, false) {
			if e.Name(iokit.DeviceTreePlane) == name {
				return true, abi.KERN_SUCCESS
			}
		}
		return false, abi.KERN_SUCCESS
	}
}
