package syscalls

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
	"puggle/bsd/sysctl"
	"puggle/bsd/vfs"
	"puggle/mach/vm"
)

// Services are the rooms that handlers reach; the kernel package fills them in.
// A nil service makes its calls fail with the errno that is noted.
type Services struct {
	// Sysctl is the tree: ENOTSUP.
	Sysctl *sysctl.Tree
	// NewSocket and SocketPair make sockets: EAFNOSUPPORT.
	NewSocket  func(ctx *sys.Context, domain, typ, proto int) (*socket.Socket, abi.Errno)
	SocketPair func(ctx *sys.Context, domain, typ, proto int) (a, b *socket.Socket, e abi.Errno)
	// VnodeObject gives the memory object of a regular file, with a reference, for
	// mmap: ENODEV.
	VnodeObject func(ctx *sys.Context, v *vfs.Vnode) (*vm.Object, abi.Errno)
	// Opened is told of each successful open: a terminal may become the
	// session's. May be nil.
	Opened func(ctx *sys.Context, p *kern.Proc, f *sys.OpenFile, flags int)
	// ThreadByPort gives the thread behind a port's name; without it a
	// thread's name is its number.
	ThreadByPort func(p *kern.Proc, name uint32) *kern.Uthread
	// IsTaskSelf says whether name is the process's own task port; without it
	// every name is taken for it.
	IsTaskSelf func(p *kern.Proc, name uint32) bool
	// MachPorts are the traps that need rights: KERN_NOT_SUPPORTED, and names
	// that are 0.
	MachPorts MachPorts
	// VnodePath names a pager's file for tools; "" when it has none.
	VnodePath func(p *kern.Proc, pg vm.Pager) string
	// Reboot ends the machine, which goes on for a moment: EPERM.
	Reboot func(howto int)
	// Private answers libSystem's own calls by number: ENOSYS.
	Private map[int]Handler
}

// MachPorts is what the Mach half supplies for the traps about ports. Trap
// gives the handler of a trap's number, nil for one that it does not serve.
type MachPorts interface {
	Trap(num int) Handler
}
