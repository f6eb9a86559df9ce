package sysctl

import (
	"sync/atomic"

	"puggle/abi"
)

// The constructors below are the SYSCTL_* macros for values that kernel code in
// Go has. access is CTLFLAG_RD or CTLFLAG_RW, with CTLFLAG_ANYBODY and the like.

// Node is SYSCTL_NODE.
func Node(number int32, name, descr string) *OID {
	return &OID{Number: number, Name: name, Kind: abi.CTLTYPE_NODE | abi.CTLFLAG_RW, Fmt: "N", Descr: descr}
}

// NodeProc is a node whose handler takes the rest of the name.
func NodeProc(number int32, name, descr string, h Handler) *OID {
	return &OID{Number: number, Name: name, Kind: abi.CTLTYPE_NODE | abi.CTLFLAG_RD, Fmt: "N", Descr: descr, Handler: h}
}

// Proc is SYSCTL_PROC.
func Proc(number int32, name string, kind uint32, format, descr string, h Handler) *OID {
	return &OID{Number: number, Name: name, Kind: kind, Fmt: format, Descr: descr, Handler: h}
}

// Int is SYSCTL_INT on a variable.
func Int(number int32, name string, access uint32, v *atomic.Int32, descr string) *OID {
	return Proc(number, name, abi.CTLTYPE_INT|access, "I", descr, func(_ *OID, _ []int32, req *Req) abi.Errno {
		req.OutInt(v.Load())
		if !req.HasNew {
			return 0
		}
		n, err := req.InNumber()
		if err != 0 {
			return err
		}
		if int64(int32(n)) != n {
			return abi.ERANGE
		}
		v.Store(int32(n))
		return 0
	})
}

// Bounded is a variable that may be set to lo to hi: EINVAL for what is not between.
func Bounded(number int32, name string, v *atomic.Int32, lo, hi int32, descr string) *OID {
	return Proc(number, name, abi.CTLTYPE_INT|abi.CTLFLAG_RW, "I", descr, func(_ *OID, _ []int32, req *Req) abi.Errno {
		req.OutInt(v.Load())
		if !req.HasNew {
			return 0
		}
		n, err := req.InNumber()
		switch {
		case err != 0:
			return err
		case int64(int32(n)) != n:
			return abi.ERANGE
		case n < int64(lo) || n > int64(hi):
			return abi.EINVAL
		}
		v.Store(int32(n))
		return 0
	})
}

// Const is SYSCTL_INT without a variable: a value that never changes.
func Const(number int32, name string, v int32, descr string) *OID {
	return IntFunc(number, name, descr, func() int32 { return v })
}

// IntFunc is a read-only int that is worked out when it is asked for.
func IntFunc(number int32, name, descr string, get func() int32) *OID {
	return Proc(number, name, abi.CTLTYPE_INT|abi.CTLFLAG_RD, "I", descr,
		func(_ *OID, _ []int32, req *Req) abi.Errno { return req.OutInt(get()) })
}

// Quad is SYSCTL_QUAD on a variable.
func Quad(number int32, name string, access uint32, v *atomic.Int64, descr string) *OID {
	return Proc(number, name, abi.CTLTYPE_QUAD|access, "Q", descr, func(_ *OID, _ []int32, req *Req) abi.Errno {
		if err := req.OutQuad(v.Load()); err != 0 || !req.HasNew {
			return err
		}
		n, err := req.InNumber()
		if err == 0 {
			v.Store(n)
		}
		return err
	})
}

// QuadConst is a quad that never changes.
func QuadConst(number int32, name string, v int64, descr string) *OID {
	return QuadFunc(number, name, descr, func() int64 { return v })
}

// QuadFunc is a read-only quad that is worked out when it is asked for.
func QuadFunc(number int32, name, descr string, get func() int64) *OID {
	return Proc(number, name, abi.CTLTYPE_QUAD|abi.CTLFLAG_RD, "Q", descr,
		func(_ *OID, _ []int32, req *Req) abi.Errno { return req.OutQuad(get()) })
}

// Text is SYSCTL_STRING on a variable; max is the most bytes it takes.
func Text(number int32, name string, access uint32, v *atomic.Pointer[string], max int, descr string) *OID {
	return Proc(number, name, abi.CTLTYPE_STRING|access, "A", descr, func(_ *OID, _ []int32, req *Req) abi.Errno {
		s := ""
		if p := v.Load(); p != nil {
			s = *p
		}
		req.OutString(s)
		if !req.HasNew {
			return 0
		}
		s, err := req.InString(max)
		if err == 0 {
			v.Store(&s)
		}
		return err
	})
}

// TextConst is a string that never changes.
func TextConst(number int32, name, v, descr string) *OID {
	return Proc(number, name, abi.CTLTYPE_STRING|abi.CTLFLAG_RD, "A", descr,
		func(_ *OID, _ []int32, req *Req) abi.Errno { return req.OutString(v) })
}

// Struct is SYSCTL_STRUCT, read only: get gives the bytes. format is "S,type".
func Struct(number int32, name, format, descr string, get func() []byte) *OID {
	return Proc(number, name, abi.CTLTYPE_STRUCT|abi.CTLFLAG_RD, format, descr,
		func(_ *OID, _ []int32, req *Req) abi.Errno { return req.Out(get()) })
}
