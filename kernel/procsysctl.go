package kernel

import (
	"encoding/binary"
	"slices"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sysctl"
)

// procKinds are the children of kern.proc: which processes each tells about, by
// the number that ends its MIB.
var procKinds = []struct {
	number int32
	name   string
	match  func(p *kern.Proc, arg int32) bool
}{
	{0, "all", func(*kern.Proc, int32) bool { return true }},
	{1, "pid", func(p *kern.Proc, arg int32) bool { return p.PID == arg }},
	{2, "pgrp", func(p *kern.Proc, arg int32) bool { return p.PgrpID() == arg }},
	{4, "tty", func(p *kern.Proc, arg int32) bool { dev, _ := p.Terminal(); return dev != -1 && dev == arg }},
	{5, "uid", func(p *kern.Proc, arg int32) bool { return p.Cred().UID == uint32(arg) }},
	{6, "ruid", func(p *kern.Proc, arg int32) bool { return p.Cred().RUID == uint32(arg) }},
}

// procSlop is the room that a caller who asks for the length is told of besides.
const procSlop = 5 * kern.KinfoSize

// addProcVariables is kern.proc, kern.procargs and kern.procargs2.
func (s *System) addProcVariables() error {
	node := sysctl.Node(abi.KERN_PROC, "proc", "Processes")
	if err := s.Sysctl.Register(s.Sysctl.Kern, node); err != nil {
		return err
	}
	for _, k := range procKinds {
		h := func(_ *sysctl.OID, name []int32, req *sysctl.Req) abi.Errno {
			if len(name) != 1 && !(len(name) == 0 && k.number == 0) {
				return abi.EINVAL
			}
			arg := int32(0)
			if len(name) == 1 {
				arg = name[0]
			}
			l := s.Procs.Procs()
			// Newest first, as in XNU's list.
			slices.SortFunc(l, func(a, b *kern.Proc) int { return int(b.UniqueID) - int(a.UniqueID) })
			for _, p := range l {
				if k.match(p, arg) {
					req.Out(p.Kinfo())
				}
			}
			if !req.HasOld {
				req.Out(make([]byte, procSlop))
			}
			return 0
		}
		if err := s.Sysctl.Register(node, sysctl.NodeProc(k.number, k.name, "Processes", h)); err != nil {
			return err
		}
	}
	for _, v := range []struct {
		number int32
		name   string
		argc   bool
	}{{abi.KERN_PROCARGS, "procargs", false}, {abi.KERN_PROCARGS2, "procargs2", true}} {
		h := func(_ *sysctl.OID, name []int32, req *sysctl.Req) abi.Errno { return s.procargs(name, req, v.argc) }
		if err := s.Sysctl.Register(s.Sysctl.Kern, sysctl.NodeProc(v.number, v.name, "Arguments of a process", h)); err != nil {
			return err
		}
	}
	return nil
}

// procargs gives the top of a process's stack, after its number of arguments if
// argc is asked for. A buffer that is too short gets the end of it: that is how
// XNU has it. EINVAL for no such process, another user's, and one of the kernel's.
func (s *System) procargs(name []int32, req *sysctl.Req, argc bool) abi.Errno {
	if len(name) < 1 {
		return abi.EINVAL
	}
	room := int64(req.OldLen)
	if argc {
		room -= 4
	}
	if req.HasOld && (room <= 0 || room > kern.ArgMax) {
		return abi.EINVAL
	}
	p := s.Procs.Find(name[0])
	if p == nil || p.Task == nil || p.Image() == nil {
		return abi.EINVAL
	}
	if cr := req.Ctx.Cred; cr.UID != p.Cred().UID && !cr.IsSuser() {
		return abi.EINVAL
	}
	im := p.Image()
	area, err := im.ArgsArea(p.Map())
	if err != 0 {
		return err
	}
	if req.HasOld && room < int64(len(area)) {
		area = area[int64(len(area))-room:]
	}
	if argc {
		req.Out(binary.LittleEndian.AppendUint32(nil, uint32(im.Argc)))
	}
	return req.Out(area)
}
