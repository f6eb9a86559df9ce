package kernel

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/debug"
	"puggle/kext"
	"puggle/kpi"
)

// Extensions is the kernel task and what is loaded into it.
type Extensions struct {
	Task    *kpi.KernelTask
	Manager *kext.Manager

	s *System
}

// extensions makes the kernel task when it is first wanted: most machines never load
// an extension.
type extensions struct {
	once sync.Once
	x    *Extensions
	made atomic.Pointer[Extensions] // x, for those who do not want it made
	err  error
}

// Extensions gives the machine's extensions. The first call makes the kernel task;
// its error, one line, is that of all later calls.
func (s *System) Extensions() (*Extensions, error) {
	s.ext.once.Do(func() {
		cfg := kpi.Config{Tasks: s.Tasks, Procs: s.Procs, Sysctl: s.Sysctl.Tree, Devs: s.root.devs, Tree: s.Tree, Sockets: s.domains, Net: s.Net,
			Console: s.cfg.KernelLog, BootArgs: s.cfg.BootArgs, HangLimit: s.cfg.HangLimit}
		cfg.Debuggable, cfg.StopOnPanic, cfg.Halt = s.cfg.Debuggable, s.cfg.PanicStop, s.haltTasks
		var m *kext.Manager
		cfg.Registry = s.IORegistry()
		cfg.LoadBundle = func(id string) error {
			b, err := s.ext.x.Find(id)
			if err == nil {
				_, err = m.Load(b)
			}
			if errors.Is(err, kext.ErrLoaded) {
				return nil
			}
			return err
		}
		cfg.Loaded = func() []debug.Extension { return loadedExtensions(m) }
		t, err := kpi.New(cfg)
		if err != nil {
			s.ext.err = err
			return
		}
		next := s.Procs.Hooks.ThreadExited
		s.Procs.Hooks.ThreadExited = func(ut *kern.Uthread) {
			t.ThreadGone(&ut.Thread.Thread)
			if next != nil {
				next(ut)
			}
		}
		m = kext.NewManager(kext.NewRepository(), t)
		s.ext.x = &Extensions{Task: t, Manager: m, s: s}
		for _, d := range s.cfg.Drivers {
			s.ext.x.Manager.AddBuiltin(d.Name, d.Version)
		}
		s.ext.made.Store(s.ext.x)
	})
	return s.ext.x, s.ext.err
}

// ErrNotRoot is the answer to users who may not load and unload extensions.
var ErrNotRoot = errors.New("only root of the machine may do this")

// Open reads the bundle in a host directory and registers it, what lies beside it
// and what is in the search places of the machine's root: so that its dependencies
// are found.
func (x *Extensions) Open(dir string) (*kext.Bundle, error) {
	dir, err := filepath.Abs(strings.TrimRight(dir, "/"))
	if err != nil {
		return nil, err
	}
	parent := os.DirFS(filepath.Dir(dir))
	b, err := kext.Open(parent, filepath.Base(dir))
	if err != nil {
		return nil, err
	}
	x.scan()
	x.Manager.Repository.Scan(parent, ".")
	x.Manager.Repository.Add(b)
	return b, nil
}

func (x *Extensions) scan() {
	root := os.DirFS(x.s.cfg.Root)
	for _, place := range kext.SearchPlaces {
		x.Manager.Repository.Scan(root, place)
	}
}

// Find is the newest bundle of an identifier that is in the search places or was
// registered; an error if there is none.
func (x *Extensions) Find(id string) (*kext.Bundle, error) {
	x.scan()
	if b := x.Manager.Repository.Find(id); b != nil {
		return b, nil
	}
	return nil, fmt.Errorf("kext %s: there is no such bundle in the search places", id)
}

// Load is kextload of a bundle in a host directory.
func (x *Extensions) Load(cred *sys.Cred, dir string) (*kext.Loaded, error) {
	if !cred.IsSuser() {
		return nil, fmt.Errorf("kextload %s: %w", dir, ErrNotRoot)
	}
	b, err := x.Open(dir)
	if err != nil {
		return nil, err
	}
	return x.Manager.Load(b)
}

// LoadBundle is kextload of a bundle that is registered.
func (x *Extensions) LoadBundle(cred *sys.Cred, b *kext.Bundle) (*kext.Loaded, error) {
	if !cred.IsSuser() {
		return nil, fmt.Errorf("kextload %s: %w", b.ID, ErrNotRoot)
	}
	return x.Manager.Load(b)
}

// Unload is kextunload by bundle identifier.
func (x *Extensions) Unload(cred *sys.Cred, id string) error {
	if !cred.IsSuser() {
		return fmt.Errorf("kextunload %s: %w", id, ErrNotRoot)
	}
	return x.Manager.Unload(id)
}

// Status is kextstat.
func (x *Extensions) Status(w io.Writer) error { return kext.PrintStatus(w, x.Manager.Status()) }
