package kernel

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"puggle/abi"
	"puggle/kernserv"
	"puggle/kernserv/nextbus"
	"puggle/kpi"
	"puggle/mach/ipc"
)

// kernServers is kern_loader, started when it is first wanted.
type kernServers struct {
	mu  sync.Mutex
	l   *kernserv.Loader
	err error
	// What bootstrap.conf says: whether server_loader may be registered again, whether
	// kern_loader starts with the machine, and its arguments.
	restartable, wanted bool
	args                []string
}

// KernServers gives the machine's kern_loader. The first call starts it on bus (nil: that of
// Config), which reads /etc/kern_loader.conf of the machine's root:
// servers of it that can't be allocated are in the kernel's log. names is where ports
// are advertised; nil is the machine's Network Name Server. Its error is that of all
// later calls. One that has ended stays ended.
func (s *System) KernServers(bus *nextbus.Bus, names kernserv.NameServer) (*kernserv.Loader, error) {
	x := &s.kernserv
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.l == nil && x.err == nil {
		x.l, x.err = s.newLoader(bus, names, x.args)
	}
	return x.l, x.err
}

// newLoader starts a kern_loader with its arguments: relocatables that are read before
// those of the configuration file, and -d, -n and -v, which say nothing to it.
func (s *System) newLoader(bus *nextbus.Bus, names kernserv.NameServer, args []string) (*kernserv.Loader, error) {
	if names == nil {
		names = s.Names
	}
	if bus == nil {
		bus = s.cfg.Bus
	}
	x, err := s.Extensions()
	if err != nil {
		return nil, err
	}
	l, err := x.Task.StartKernServ(kpi.NextConfig{Files: rootFiles(s.cfg.Root), Names: names, Bus: bus})
	if err != nil {
		return nil, err
	}
	var first []string
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			first = append(first, a)
		}
	}
	l.Configure(first...) // what is wrong has been logged
	return l, nil
}

// Errors of RestartKernLoader.
var (
	ErrLoaderRuns = errors.New("kern_loader runs already")
	ErrLoaderGone = errors.New("only mach_init may register server_loader: make it a service in /etc/bootstrap.conf, and boot again")
)

// RestartKernLoader is the command kern_loader: it starts one after the old one was
// killed (kl_util -A), which works only if /etc/bootstrap.conf had server_loader as a
// service that is no server's when the machine was booted (Writing Loadable Kernel Servers, A-1).
func (s *System) RestartKernLoader(args []string) error {
	x := &s.kernserv
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.l != nil && !x.l.Closed():
		return ErrLoaderRuns
	case x.l != nil && !x.restartable:
		return ErrLoaderGone
	}
	x.l, x.err = s.newLoader(nil, nil, args)
	return x.err
}

// startKernLoader makes the port of kern_loader, which programs find as server_loader.
// kern_loader itself starts when it is first asked, or now if it has a configuration
// file (runKernLoader).
func (s *System) startKernLoader() error {
	p, kr := ipc.AllocKernel(s, abi.IKOT_NONE, kernserv.NewServer(func() (*kernserv.Loader, error) { return s.KernServers(nil, nil) }))
	if kr != abi.KERN_SUCCESS {
		return fmt.Errorf("kern_loader: no port: kern_return_t %d", kr)
	}
	if kr := s.Bootstrap.Startup().Register(kernserv.ServiceName, p.MakeSend()); kr != abi.KERN_SUCCESS {
		return fmt.Errorf("kern_loader: %s: kern_return_t %d", kernserv.ServiceName, kr)
	}
	return nil
}

// runKernLoader starts kern_loader with the machine, if it has a configuration file or
// bootstrap.conf has it as a server.
func (s *System) runKernLoader() error {
	_, err := rootFiles(s.cfg.Root).ReadFile(kernserv.DefaultConf)
	if err != nil && !s.kernserv.wanted {
		return nil
	}
	if _, err := s.KernServers(nil, nil); err != nil {
		return fmt.Errorf("kern_loader: %w", err)
	}
	return nil
}

// rootFiles are the files below the machine's root; links don't lead out of it.
type rootFiles string

func (r rootFiles) open(path string, flags int) (*os.File, error) {
	if !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("%s: not an absolute path", path)
	}
	root, err := os.OpenRoot(string(r))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.OpenFile(strings.TrimLeft(path, "/"), flags, 0o644)
}

// ReadFile implements kernserv.Files.
func (r rootFiles) ReadFile(path string) ([]byte, error) {
	f, err := r.open(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && !st.Mode().IsRegular() {
		return nil, errors.New(path + ": not a file")
	}
	b, err := io.ReadAll(io.LimitReader(f, kernserv.MaxRelocatable+1)) // one more: too long is seen
	return b, err
}

// WriteFile implements kernserv.Files.
func (r rootFiles) WriteFile(path string, b []byte) error {
	f, err := r.open(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}
