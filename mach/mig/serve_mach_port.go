package mig

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/machine"
)

// The space of a task that has ended is nil: KERN_INVALID_TASK.
const noTask = abi.KERN_INVALID_TASK

// on makes a server's function of one of ipc.Space's, for the shapes that are
// frequent.
func onName(f func(s *ipc.Space, n abi.PortName) abi.KernReturn) func(*Call, *ipc.Space, abi.PortName) abi.KernReturn {
	return func(_ *Call, s *ipc.Space, n abi.PortName) abi.KernReturn {
		if s == nil {
			return noTask
		}
		return f(s, n)
	}
}

func onNames(f func(s *ipc.Space, a, b abi.PortName) abi.KernReturn) func(*Call, *ipc.Space, abi.PortName, abi.PortName) abi.KernReturn {
	return func(_ *Call, s *ipc.Space, a, b abi.PortName) abi.KernReturn {
		if s == nil {
			return noTask
		}
		return f(s, a, b)
	}
}

func onValue[V any](f func(s *ipc.Space, n abi.PortName, v V) abi.KernReturn) func(*Call, *ipc.Space, abi.PortName, V) abi.KernReturn {
	return func(_ *Call, s *ipc.Space, n abi.PortName, v V) abi.KernReturn {
		if s == nil {
			return noTask
		}
		return f(s, n, v)
	}
}

func onGuard(f func(s *ipc.Space, n abi.PortName, a, b uint64) abi.KernReturn) func(*Call, *ipc.Space, abi.PortName, uint64, uint64) abi.KernReturn {
	return func(_ *Call, s *ipc.Space, n abi.PortName, a, b uint64) abi.KernReturn {
		if s == nil {
			return noTask
		}
		return f(s, n, a, b)
	}
}

func get[V any](f func(s *ipc.Space, n abi.PortName) (V, abi.KernReturn)) func(*Call, *ipc.Space, abi.PortName) (V, abi.KernReturn) {
	return func(_ *Call, s *ipc.Space, n abi.PortName) (v V, kr abi.KernReturn) {
		if s == nil {
			return v, noTask
		}
		return f(s, n)
	}
}

func (k *Kernel) machPort() *MachPortServer {
	return &MachPortServer{
		MachPortSpaceInfo:      machPortSpaceInfo,
		MachPortType:           get((*ipc.Space).Type),
		MachPortGetSetStatus:   get((*ipc.Space).GetSetStatus),
		MachPortGetContext:     get((*ipc.Space).GetContext),
		MachPortMoveMember:     onNames((*ipc.Space).MoveMember),
		MachPortInsertMember:   onNames((*ipc.Space).InsertMember),
		MachPortExtractMember:  onNames((*ipc.Space).ExtractMember),
		MachPortDestroy:        onName((*ipc.Space).Destroy),
		MachPortDeallocate:     onName((*ipc.Space).Deallocate),
		MachPortSetMscount:     onValue((*ipc.Space).SetMscount),
		MachPortSetSeqno:       onValue((*ipc.Space).SetSeqno),
		MachPortSetContext:     onValue((*ipc.Space).SetContext),
		MachPortUnguard:        onValue((*ipc.Space).UnguardPort),
		MachPortGuardWithFlags: onGuard((*ipc.Space).GuardPort),
		MachPortSwapGuard:      onGuard((*ipc.Space).SwapGuard),
		MachPortNames: func(_ *Call, s *ipc.Space) ([]abi.PortName, []abi.PortType, abi.KernReturn) {
			if s == nil {
				return nil, nil, noTask
			}
			return s.Names()
		},
		MachPortAllocate: func(_ *Call, s *ipc.Space, r abi.PortRight) (abi.PortName, abi.KernReturn) {
			if s == nil {
				return 0, noTask
			}
			return s.Allocate(r)
		},
		MachPortAllocateName: func(_ *Call, s *ipc.Space, r abi.PortRight, n abi.PortName) abi.KernReturn {
			if s == nil {
				return noTask
			}
			if !n.Valid() {
				return abi.KERN_INVALID_VALUE
			}
			return s.AllocateName(r, n)
		},
		MachPortAllocateQos: func(_ *Call, s *ipc.Space, r abi.PortRight, qos [2]int32) (q [2]int32, n abi.PortName, kr abi.KernReturn) {
			if s == nil {
				return q, 0, noTask
			}
			if qos[0]&^1 != 0 { // a preallocated message: nobody needs one here
				return q, 0, abi.KERN_NOT_SUPPORTED
			}
			n, kr = s.Allocate(r)
			return qos, n, kr
		},
		MachPortAllocateFull: machPortAllocateFull,
		TaskSetPortSpace: func(_ *Call, s *ipc.Space, _ int32) abi.KernReturn { // spaces grow by themselves
			if s == nil {
				return noTask
			}
			return abi.KERN_SUCCESS
		},
		// There are no service ports, and no filters.
		MachPortIsConnectionForService: func(_ *Call, s *ipc.Space, connection, service abi.PortName) (uint64, abi.KernReturn) {
			switch {
			case s == nil:
				return 0, noTask
			case !connection.Valid() || !service.Valid():
				return 0, abi.KERN_INVALID_NAME
			}
			return 0, abi.KERN_NOT_SUPPORTED
		},
		MachPortGetServicePortInfo: func(_ *Call, s *ipc.Space, n abi.PortName) (info [256]byte, kr abi.KernReturn) {
			if s == nil {
				return info, noTask
			}
			if !n.Valid() {
				return info, abi.KERN_INVALID_RIGHT
			}
			if _, kr = s.Lookup(n, abi.MACH_PORT_TYPE_RECEIVE); kr == abi.KERN_SUCCESS {
				kr = abi.KERN_INVALID_CAPABILITY
			}
			return info, kr
		},
		MachPortGetRefs: func(_ *Call, s *ipc.Space, n abi.PortName, r abi.PortRight) (uint32, abi.KernReturn) {
			if s == nil {
				return 0, noTask
			}
			return s.GetRefs(n, r)
		},
		MachPortModRefs: func(_ *Call, s *ipc.Space, n abi.PortName, r abi.PortRight, d int32) abi.KernReturn {
			if s == nil {
				return noTask
			}
			return s.ModRefs(n, r, d)
		},
		MachPortPeek: func(_ *Call, s *ipc.Space, n abi.PortName, trailer int32, _ uint32, room int) (seqno, size uint32, id int32, t []byte, kr abi.KernReturn) {
			if s == nil {
				return 0, 0, 0, nil, noTask
			}
			return s.Peek(n, uint32(trailer), room)
		},
		MachPortRequestNotification: func(_ *Call, s *ipc.Space, n abi.PortName, id int32, sync uint32, notify Right) (*ipc.Port, abi.KernReturn) {
			if s == nil {
				return nil, noTask
			}
			so := notify.Take()
			old, kr := s.RequestNotification(n, id, sync, so)
			if kr != abi.KERN_SUCCESS {
				ipc.ReleaseSendOnce(so)
			}
			return old, kr
		},
		MachPortInsertRight: func(_ *Call, s *ipc.Space, n abi.PortName, r Right) abi.KernReturn {
			if s == nil {
				return noTask
			}
			p := r.Take()
			kr := s.InsertRight(n, p, r.Type())
			if kr != abi.KERN_SUCCESS {
				ipc.Release(p, r.Type())
			}
			return kr
		},
		MachPortExtractRight: func(_ *Call, s *ipc.Space, n abi.PortName, t abi.MsgType) (Poly, abi.KernReturn) {
			if s == nil {
				return Poly{}, noTask
			}
			p, kr := s.ExtractRight(n, t)
			return Poly{p, t.Received()}, kr
		},
		MachPortGetAttributes: func(_ *Call, s *ipc.Space, n abi.PortName, flavor int32, room int) ([]uint32, abi.KernReturn) {
			if s == nil {
				return nil, noTask
			}
			return s.GetAttributes(n, flavor, uint32(room))
		},
		MachPortSetAttributes: func(_ *Call, s *ipc.Space, n abi.PortName, flavor int32, info []uint32) abi.KernReturn {
			if s == nil {
				return noTask
			}
			return s.SetAttributes(n, flavor, info)
		},
		MachPortAssertAttributes: func(_ *Call, s *ipc.Space, n abi.PortName, flavor int32, info []uint32) abi.KernReturn {
			if s == nil {
				return noTask
			}
			return s.AssertAttributes(n, flavor, info)
		},
		MachPortGetSrights: func(_ *Call, s *ipc.Space, n abi.PortName) (uint32, abi.KernReturn) {
			if s == nil {
				return 0, noTask
			}
			st, kr := s.Status(n)
			return st.Srights, kr
		},
		MachPortKobject: func(_ *Call, s *ipc.Space, n abi.PortName) (uint32, machine.Addr, abi.KernReturn) {
			if s == nil {
				return 0, 0, noTask
			}
			t, kr := s.Kobject(n)
			return t, 0, kr
		},
		MachPortKernelObject: func(_ *Call, s *ipc.Space, n abi.PortName) (uint32, uint32, abi.KernReturn) {
			if s == nil {
				return 0, 0, noTask
			}
			t, kr := s.Kobject(n)
			return t, 0, kr
		},
		MachPortKobjectDescription: func(_ *Call, s *ipc.Space, n abi.PortName) (uint32, machine.Addr, string, abi.KernReturn) {
			if s == nil {
				return 0, 0, "", noTask
			}
			t, kr := s.Kobject(n)
			return t, 0, "", kr
		},
		MachPortConstruct: func(_ *Call, s *ipc.Space, options Memory, context uint64) (abi.PortName, abi.KernReturn) {
			if s == nil {
				return 0, noTask
			}
			b, kr := options.Bytes(abi.PortOptionsSize)
			if kr != abi.KERN_SUCCESS {
				return 0, kr
			}
			return s.Construct(ipc.PortOptions{Flags: le.Uint32(b), Qlimit: le.Uint32(b[4:])}, context)
		},
		MachPortDestruct: func(_ *Call, s *ipc.Space, n abi.PortName, delta int32, guard uint64) abi.KernReturn {
			if s == nil {
				return noTask
			}
			return s.Destruct(n, delta, guard)
		},
		MachPortGuard: func(_ *Call, s *ipc.Space, n abi.PortName, guard uint64, strict bool) abi.KernReturn {
			if s == nil {
				return noTask
			}
			flags := uint64(0)
			if strict {
				flags = ipc.MPG_STRICT
			}
			return s.GuardPort(n, guard, flags)
		},
		MachPortSpaceBasicInfo: func(_ *Call, s *ipc.Space) (w [6]uint32, kr abi.KernReturn) {
			if s == nil {
				return w, noTask
			}
			// genno mask, table size, next, in use, and two of trees
			n := uint32(s.Count())
			return [6]uint32{0xff, n, n, n, 0, 0}, abi.KERN_SUCCESS
		},
		MachPortDnrequestInfo: func(_ *Call, s *ipc.Space, n abi.PortName) (total, used uint32, kr abi.KernReturn) {
			if s == nil {
				return 0, 0, noTask
			}
			w, kr := s.GetAttributes(n, abi.MACH_PORT_DNREQUESTS_SIZE, 1)
			if kr != abi.KERN_SUCCESS {
				return 0, 0, kr
			}
			return w[0], w[0], kr
		},
	}
}
