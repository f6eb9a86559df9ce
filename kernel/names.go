package kernel

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// socketNames gives local sockets their names in the file system.
type socketNames struct{ s *System }

func callerNS(ctx *sys.Context) *vfs.Namespace {
	p, _ := ctx.Proc.(*kern.Proc)
	if p == nil {
		return nil
	}
	return p.NS
}

func (n socketNames) BindSocket(ctx *sys.Context, path string, so *socket.Socket) (func(), abi.Errno) {
	ns := callerNS(ctx)
	if ns == nil {
		return nil, abi.EINVAL
	}
	v, e := vfs.Mknod(ctx, ns, nil, path, vfs.VSOCK, 0o777, 0)
	if e == abi.EEXIST {
		return nil, abi.EADDRINUSE
	}
	if e != 0 {
		return nil, e
	}
	v.SetSocket(so)
	return func() {
		v.SetSocket(nil)
		v.Unref()
	}, 0
}

func (n socketNames) LookupSocket(ctx *sys.Context, path string) (*socket.Socket, abi.Errno) {
	ns := callerNS(ctx)
	if ns == nil {
		return nil, abi.EINVAL
	}
	v, e := vfs.Lookup(ctx, ns, nil, path, true)
	if e != 0 {
		return nil, e
	}
	defer v.Unref()
	if v.Type != vfs.VSOCK {
		return nil, abi.ENOTSOCK
	}
	if e := v.Ops.Access(ctx, 2); e != 0 {
		return nil, e
	}
	so, _ := v.Socket().(*socket.Socket)
	if so == nil {
		return nil, abi.ECONNREFUSED
	}
	return so, 0
}
