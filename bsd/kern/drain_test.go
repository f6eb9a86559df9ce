package kern

import (
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
)

// sleeper is a file in which threads would sleep; it counts what it is told.
type sleeper struct {
	sys.FileOps
	drained, undrained, closed int
}

func (s *sleeper) Type() sys.DType              { return sys.DTypeSocket }
func (s *sleeper) Drain()                       { s.drained++ }
func (s *sleeper) Undrain()                     { s.undrained++ }
func (s *sleeper) Close(*sys.Context) abi.Errno { s.closed++; return 0 }

// TestDrain: threads that use a file are woken when its last descriptor goes, in
// whatever way and table, and not before; without such threads nothing is drained.
func TestDrain(t *testing.T) {
	ctx := &sys.Context{Cred: &sys.Cred{}}
	for name, last := range map[string]func(d *FileDesc){
		"close":     func(d *FileDesc) { d.Close(ctx, 0) },
		"dup2":      func(d *FileDesc) { d.Dup2(ctx, 5, 0, 0, 64) },
		"install":   func(d *FileDesc) { d.Install(ctx, 0, sys.NewOpenFile(&sleeper{}, 0), 64) },
		"exec":      func(d *FileDesc) { d.SetFlags(0, FDCloexec); d.CloseExec(ctx, false, nil) },
		"close all": func(d *FileDesc) { d.CloseAll(ctx) },
	} {
		d := NewFileDesc()
		s := &sleeper{}
		d.Alloc(sys.NewOpenFile(s, 0), 0, 0, 64)
		d.Install(ctx, 5, sys.NewOpenFile(&sleeper{}, 0), 64)
		d.Dup2(ctx, 0, 1, 0, 64)
		child := d.Fork()
		f, _ := d.Lookup(0) // a thread in a call
		d.Close(ctx, 1)
		child.CloseAll(ctx)
		if s.drained != 0 {
			t.Errorf("%s: drained while a descriptor is left", name)
		}
		last(d)
		if s.drained != 1 || s.closed != 0 {
			t.Errorf("%s: drained %d times, closed %d times; want 1, 0", name, s.drained, s.closed)
		}
		// It was in a message, too, and comes out of it.
		u := s.undrained
		d.Install(ctx, 9, f.Ref(), 64)
		if s.undrained != u+1 {
			t.Errorf("%s: a new descriptor does not end the draining", name)
		}
		f.Unref(ctx)
		d.Close(ctx, 9)
		if s.closed != 1 || s.drained != 1 {
			t.Errorf("%s: drained %d times, closed %d times at the end; want 1, 1", name, s.drained, s.closed)
		}
		child.CloseAll(ctx)
	}
}

// TestMaxFiles: no more files may be open in the machine than kern.maxfiles; what is open
// may still be duplicated, and room that comes can be used.
func TestMaxFiles(t *testing.T) {
	ctx := &sys.Context{Cred: &sys.Cred{}}
	d := NewFileDesc()
	first := sys.NewOpenFile(&sleeper{}, 0)
	if _, e := d.Alloc(first, 0, 0, 64); e != 0 {
		t.Fatal(e)
	}
	before := sys.OpenFiles()
	var many []*sys.OpenFile
	for sys.OpenFiles() < sys.MaxFiles {
		many = append(many, sys.NewOpenFile(&sleeper{}, 0))
	}
	f := sys.NewOpenFile(&sleeper{}, 0)
	if _, e := d.Alloc(f, 0, 0, 64); e != abi.ENFILE {
		t.Errorf("one too many: %s", e.Name())
	}
	if _, e := d.Alloc(first.Ref(), 0, 0, 64); e != 0 {
		t.Errorf("a duplicate: %s", e.Name())
	}
	for _, m := range many {
		m.Unref(ctx)
	}
	if _, e := d.Alloc(f, 0, 0, 64); e != 0 {
		t.Errorf("afterwards: %s", e.Name())
	}
	d.CloseAll(ctx)
	if n := sys.OpenFiles(); n != before-1 {
		t.Errorf("%d files are open, before %d", n, before-1)
	}
}
