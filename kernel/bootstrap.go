package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"puggle/abi"
	"puggle/bootstrap"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/bsd/tty"
	"puggle/kernserv"
	"puggle/mach/ipc"
)

// bootstrapConf is where a machine's services are declared, in its root.
const bootstrapConf = "/etc/bootstrap.conf"

// nameServer is the service under which the Network Name Server is found.
const nameServer = "NetMessage"

// startBootstrap starts the bootstrap task with the startup context, and the Network
// Name Server as a service in it. It comes before the first process, which the
// context's port is given to. Its error is one line.
func (s *System) startBootstrap() error {
	b, kr := bootstrap.New()
	if kr != abi.KERN_SUCCESS {
		return fmt.Errorf("bootstrap task: kern_return_t %d", kr)
	}
	n, kr := bootstrap.NewNameServer()
	if kr != abi.KERN_SUCCESS {
		return fmt.Errorf("name server: kern_return_t %d", kr)
	}
	b.Launch = s.launchServer
	b.BuiltinService, b.BuiltinServer = s.builtinService, s.builtinServer
	s.Bootstrap, s.Names = b, n
	if kr := b.Startup().Register(nameServer, n.Port()); kr != abi.KERN_SUCCESS {
		return fmt.Errorf("name server: kern_return_t %d", kr)
	}
	return nil
}

// configureBootstrap reads the machine's bootstrap.conf, if there is one. Servers that
// are not on demand start now.
func (s *System) configureBootstrap() error {
	text, err := rootFiles(s.cfg.Root).ReadFile(bootstrapConf)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Bootstrap.Startup().Configure(bootstrapConf, string(text))
}

// builtinService knows the services that are the kernel's own. server_loader as a
// service that is no server's lets kern_loader be started again (see
// System.RestartKernLoader).
func (s *System) builtinService(name string, server bool) bool {
	if name == kernserv.ServiceName && !server {
		s.kernserv.restartable = true
	}
	return name == nameServer || name == kernserv.ServiceName
}

// builtinServer knows the servers that are part of the kernel.
func (s *System) builtinServer(command string) bool {
	args := strings.Fields(command)
	if len(args) == 0 {
		return false
	}
	switch path.Base(args[0]) {
	case "nmserver":
		return true
	case "kern_loader":
		s.kernserv.wanted, s.kernserv.args = true, args[1:]
		return true
	}
	return false
}

// firstPorts gives a process that no other has forked what init would have given it.
func (s *System) firstPorts(p *kern.Proc) {
	if s.Bootstrap != nil {
		p.Task.SetSpecialPort(abi.TASK_BOOTSTRAP_PORT, s.Bootstrap.Startup().Port())
	}
}

// launchServer starts a declared server's command, whose words are separated by
// blanks; it writes to the machine's standard error. Everybody is the user who
// started the machine. What can't be started is said on standard error; its messages
// wait for the next try.
func (s *System) launchServer(command string, _ int32, port *ipc.Port) {
	args := strings.Fields(command)
	if len(args) == 0 {
		ipc.ReleaseSend(port)
		return
	}
	output := func() *sys.OpenFile { return sys.NewOpenFile(tty.NewHostFile(2, false), abi.FWRITE) }
	prog := &Program{Args: args, Env: []string{"PATH=/bin:/usr/bin:/sbin:/usr/sbin"}, Dir: "/", Files: [3]*sys.OpenFile{nil, output(), output()}}
	given := false
	p, err := s.start(prog, func(p *kern.Proc) {
		given = true
		p.Task.SetSpecialPort(abi.TASK_BOOTSTRAP_PORT, port)
	})
	if err != nil {
		if !given {
			ipc.ReleaseSend(port)
		}
		fmt.Fprintln(os.Stderr, "bootstrap:", err)
		return
	}
	go s.Wait(p.PID)
}
