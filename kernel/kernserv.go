package kernel

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"puggle/kernserv"
	"puggle/kernserv/nextbus"
	"puggle/kpi"
)

// kernServers is kern_loader, started when it is first wanted.
type kernServers struct {
	once sync.Once
	l    *kernserv.Loader
	err  error
}

// KernServers gives the machine's kern_loader. The first call starts it on bus (nil: a
// cube without boards), which reads /etc/kern_loader.conf of the machine's root:
// servers of it that can't be allocated are in the kernel's log. names is where ports
// are advertised; nil is the machine's Network Name Server. Its error is that of all
// later calls.
func (s *System) KernServers(bus *nextbus.Bus, names kernserv.NameServer) (*kernserv.Loader, error) {
	if names == nil {
		names = s.Names
	}
	s.kernserv.once.Do(func() {
		x, err := s.Extensions()
		if err != nil {
			s.kernserv.err = err
			return
		}
		l, err := x.Task.StartKernServ(kpi.NextConfig{Files: rootFiles(s.cfg.Root), Names: names, Bus: bus})
		if err != nil {
			s.kernserv.err = err
			return
		}
		l.Configure() // what is wrong has been logged
		s.kernserv.l = l
	})
	return s.kernserv.l, s.kernserv.err
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
