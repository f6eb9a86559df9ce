package kernel

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/kext"
	"puggle/kpi"
	"puggle/mach/sched"
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
	err  error
}

// Extensions gives the machine's extensions. The first call makes the kernel task;
// its error, one line, is that of all later calls.
func (s *System) Extensions() (*Extensions, error) {
	s.ext.once.Do(func() {
		cfg := kpi.Config{Tasks: s.Tasks, Procs: s.Procs, Sysctl: s.Sysctl.Tree, Devs: s.root.devs,
			Console: s.cfg.KernelLog, BootArgs: s.cfg.BootArgs, HangLimit: s.cfg.HangLimit}
		if s.cfg.PanicStop {
			cfg.Panicked = stopped
		}
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
		s.ext.x = &Extensions{Task: t, Manager: kext.NewManager(kext.NewRepository(), t), s: s}
	})
	return s.ext.x, s.ext.err
}

// stopped keeps a thread that panicked where it is, for a debugger.
func stopped(*kpi.Panic) {
	var q sched.WaitQueue
	th := sched.NewThread("panic")
	q.AssertWait(th, sched.Uninterruptible, sched.Forever)
	th.Block()
}

// ErrNotRoot is the answer to users who may not load and unload extensions.
var ErrNotRoot = errors.New("only root of the machine may do this")

// Load is kextload of a bundle in a host directory. Its dependencies are looked for
// in the search places of the machine's root, and beside it.
func (x *Extensions) Load(cred *sys.Cred, dir string) (*kext.Loaded, error) {
	if !cred.IsSuser() {
		return nil, fmt.Errorf("kextload %s: %w", dir, ErrNotRoot)
	}
	dir, err := filepath.Abs(strings.TrimRight(dir, "/"))
	if err != nil {
		return nil, err
	}
	parent := os.DirFS(filepath.Dir(dir))
	b, err := kext.Open(parent, filepath.Base(dir))
	if err != nil {
		return nil, err
	}
	root := os.DirFS(x.s.cfg.Root)
	for _, place := range kext.SearchPlaces {
		x.Manager.Repository.Scan(root, place)
	}
	x.Manager.Repository.Scan(parent, ".")
	x.Manager.Repository.Add(b)
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
