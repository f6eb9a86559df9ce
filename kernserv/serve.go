package kernserv

//go:generate go run puggle/cmd/puggle mig -I ../mach/mig/defs -DKERNEL_SERVER=1 -DPUGGLE_KERNEL=1 -go . -package kernserv ../sdk/include/kernserv/kern_loader.defs

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/mig"
	"puggle/mach/sched"
	"puggle/mach/vm"
)

// ServiceName is what kern_loader's port is registered as with the bootstrap task.
const ServiceName = "server_loader"

// NewServer makes the server of the kernel-server loader functions
// (sdk/include/kernserv/kern_loader.defs). loader gives kern_loader, which may start
// then; its error is KERN_FAILURE to the caller. It is called on the sender's thread.
func NewServer(loader func() (*Loader, error)) ipc.KernelServer {
	return mig.NewTable(routines(loader)).Serve
}

// kernReturn is an error as its kern_return_t.
func kernReturn(err error) abi.KernReturn {
	var e *Error
	var n *NotLoggingError
	switch {
	case err == nil:
		return abi.KERN_SUCCESS
	case errors.As(err, &e):
		return e.Code
	case errors.As(err, &n):
		return KERN_SERVER_NOTLOGGING
	}
	return abi.KERN_FAILURE
}

// maxLogWait bounds the time-out of kern_loader_get_log, ms.
const maxLogWait = 3600_000

func routines(loader func() (*Loader, error)) *KernLoaderServer {
	with := func(c *mig.Call, f func(l *Loader) error) abi.KernReturn {
		// The work is done on the server's thread: the sender must not keep its
		// processor from it while it waits.
		if c != nil && c.Request.Thread() != nil {
			th := c.Request.Thread()
			th.Detach()
			defer th.Attach()
		}
		l, err := loader()
		if err != nil {
			return abi.KERN_FAILURE
		}
		return kernReturn(f(l))
	}
	// super is with, for the superuser.
	super := func(c *mig.Call, token ipc.AuditToken, f func(l *Loader) error) abi.KernReturn {
		if token[1] != 0 { // the effective user
			return KERN_LOADER_NO_PERMISSION
		}
		return with(c, f)
	}
	return &KernLoaderServer{
		KernLoaderAbort: func(c *mig.Call, _ *ipc.Port, who ipc.AuditToken, restart bool) abi.KernReturn {
			return super(c, who, func(l *Loader) error { return l.Abort(restart) })
		},
		KernLoaderAddServer: func(c *mig.Call, _ *ipc.Port, who ipc.AuditToken, path string) abi.KernReturn {
			return super(c, who, func(l *Loader) error { _, err := l.AddServer(path); return err })
		},
		KernLoaderDeleteServer: func(c *mig.Call, _ *ipc.Port, who ipc.AuditToken, name string) abi.KernReturn {
			return super(c, who, func(l *Loader) error { return l.DeleteServer(name) })
		},
		KernLoaderLoadServer: func(c *mig.Call, _ *ipc.Port, who ipc.AuditToken, name string) abi.KernReturn {
			return super(c, who, func(l *Loader) error { return l.LoadServer(name) })
		},
		KernLoaderUnloadServer: func(c *mig.Call, _ *ipc.Port, who ipc.AuditToken, name string) abi.KernReturn {
			return super(c, who, func(l *Loader) error { return l.UnloadServer(name) })
		},
		KernLoaderLogLevel: func(c *mig.Call, _ *ipc.Port, who ipc.AuditToken, name string, level int32) abi.KernReturn {
			return super(c, who, func(l *Loader) error { return l.LogLevel(name, level) })
		},
		KernLoaderServerList: func(c *mig.Call, _ *ipc.Port) (names [][64]byte, kr abi.KernReturn) {
			kr = with(c, func(l *Loader) error {
				for _, n := range l.ServerList() {
					names = append(names, nameOf(n))
				}
				return nil
			})
			return names, kr
		},
		KernLoaderServerInfo: func(c *mig.Call, _ *ipc.Port, name string) (state int32, addr, size uint64, reloc, loadable string, ports [][64]byte, advertised int32, kr abi.KernReturn) {
			kr = with(c, func(l *Loader) error {
				i, err := l.ServerInfo(name)
				if err != nil {
					return err
				}
				state, addr, size, reloc, loadable = int32(i.State), uint64(i.Address), i.Size, i.Relocatable, i.Loadable
				for n, p := range i.Ports {
					ports = append(ports, nameOf(p.Name))
					if p.Advertised && n < 32 {
						advertised |= 1 << n
					}
				}
				return nil
			})
			return
		},
		KernLoaderGetLog: func(c *mig.Call, _ *ipc.Port, who ipc.AuditToken, name string, timeout int32) (log ipc.Copy, lost int32, kr abi.KernReturn) {
			kr = super(nil, who, func(l *Loader) error {
				th := c.Request.Thread()
				if th == nil {
					return fail(KERN_LOADER_NO_PERMISSION, name, nil)
				}
				entries, n, err := l.GetLog(th, name, sched.After(time.Duration(min(max(timeout, 0), maxLogWait))*time.Millisecond))
				var b strings.Builder
				for _, e := range entries {
					fmt.Fprintf(&b, "%d %s\n", e.Level, strings.TrimRight(e.Text, "\n"))
				}
				lost = int32(min(n, 1<<30))
				log = vm.NewCopy([]byte(b.String()))
				return err
			})
			return log, lost, kr
		},
		KernLoaderPing: func(c *mig.Call, _ *ipc.Port, id int32) (int32, abi.KernReturn) {
			return id, with(c, func(*Loader) error { return nil })
		},
	}
}

// nameOf is a name as it stands in an array of them, cut.
func nameOf(s string) (b [64]byte) {
	copy(b[:63], s)
	return b
}
