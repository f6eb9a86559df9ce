package kernel

import (
	"fmt"
	"net/netip"
	"os"
	"strings"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/kqueue"
	"puggle/bsd/net"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
	"puggle/bsd/syscalls"
	"puggle/bsd/sysctl"
	"puggle/bsd/vfs"
	"puggle/mach/vm"
)

// services connects the handlers of system calls with the rooms they reach.
func (s *System) services() syscalls.Services {
	return syscalls.Services{
		Sysctl:     s.Sysctl.Tree,
		NewSocket:  s.domains.New,
		SocketPair: s.domains.Pair,
		VnodeObject: func(ctx *sys.Context, v *vfs.Vnode) (*vm.Object, abi.Errno) {
			return v.Object(ctx)
		},
		Private:      privateCalls(),
		Reboot:       s.reboot(),
		Opened:       s.opened,
		MachPorts:    newMachPorts(s.traps),
		IsTaskSelf:   s.isTaskSelf,
		ThreadByPort: s.threadByPort,
		VnodePath: func(p *kern.Proc, pg vm.Pager) string {
			v := vfs.PagerVnode(pg)
			if v == nil {
				return ""
			}
			path, _ := p.NS.GetPath(kernelCtx(), v)
			return path
		},
	}
}

// startNetwork wires the socket layer: local names through the file system, the
// Internet by way of the host. Nothing runs until a socket is made.
func (s *System) startNetwork() error {
	s.domains = socket.NewDomains()
	s.domains.Names = socketNames{s}
	n, e := net.New(s.domains, net.Config{Outside: true, HostLoopback: true, Resolvers: hostResolvers()})
	if e != 0 {
		return e
	}
	s.Net = n
	for _, p := range s.cfg.Publish {
		if _, err := n.Publish(p.Host, p.Guest); err != nil {
			n.Close()
			return fmt.Errorf("can't publish port %d: %w", p.Guest, err)
		}
	}
	for _, v := range net.Variables {
		if err := s.addVariable(v); err != nil {
			return err
		}
	}
	return nil
}

// addVariable adds one of the network's sysctls, with the nodes on its way. What
// the standard tree has already (kern.ipc) stays.
func (s *System) addVariable(v net.Variable) error {
	parent := s.Sysctl.Root()
	parts := strings.Split(v.Name, ".")
	for i, part := range parts {
		path := strings.Join(parts[:i+1], ".")
		oid := s.Sysctl.Lookup(path)
		if oid == nil {
			oid = sysctl.Node(abi.OID_AUTO, part, "")
			if i == len(parts)-1 {
				oid = sysctl.Const(abi.OID_AUTO, part, v.Value, v.Doc)
			}
			if err := s.Sysctl.Register(parent, oid); err != nil {
				return err
			}
		}
		parent = oid
	}
	return nil
}

// hostResolvers are the host's name servers that are on its loopback, where a
// guest could not reach them.
func hostResolvers() []netip.Addr {
	b, _ := os.ReadFile("/etc/resolv.conf")
	var l []netip.Addr
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(f[1]); err == nil && a.IsLoopback() {
			l = append(l, a)
		}
	}
	return l
}

// routeTable serves CTL_NET.PF_ROUTE.
func (s *System) routeTable(_ *sysctl.OID, name []int32, req *sysctl.Req) abi.Errno {
	b, e := s.Net.RouteSysctl(name)
	if e != 0 {
		return e
	}
	return req.Out(b)
}

// procEvents serves EVFILT_PROC and EVFILT_SIGNAL.
type procEvents struct{ s *System }

func (pe procEvents) Klist(ctx *sys.Context, pid int32, status bool) (*sys.Klist, abi.Errno) {
	p := pe.s.Procs.Find(pid)
	if p == nil || p.Exiting() {
		return nil, abi.ESRCH
	}
	if caller, _ := ctx.Proc.(*kern.Proc); status && caller != nil && p.Parent() != caller && !ctx.Cred.IsSuser() &&
		ctx.Cred.UID != p.Cred().RUID {
		return nil, abi.EACCES
	}
	return &p.Knotes, 0
}

var _ kqueue.Processes = procEvents{}
