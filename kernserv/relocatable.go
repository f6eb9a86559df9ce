package kernserv

import (
	"bytes"
	"errors"
	"fmt"

	"puggle/libkern"
	"puggle/macho"
)

// MaxRelocatable bounds a relocatable file, in bytes.
const MaxRelocatable = 64 << 20

// The sections that kl_ld adds. Which segment they are in tells them from the
// server's own.
const (
	segServer      = "__LOADCMD"
	sectName       = "Server_Name"
	sectInstance   = "Instance_Var"
	sectLoadable   = "Loadable_Name"
	sectLoadCmds   = "Load_Commands"
	sectUnloadCmds = "Unload_Commands"
)

// Relocatable is a kernel server as kl_ld made it: a relocatable object and, in
// sections of its own, what kern_loader has to know.
type Relocatable struct {
	Name     string // of the server
	Instance string // its instance variable, as in C
	// Loadable is where the linked file is to be written: absolute, or relative
	// to the folder of the relocatable. "" for nowhere.
	Loadable string
	Load     []Command
	Unload   []Command
	Object   []byte
}

// ErrNotServer is what an object has for an error that kl_ld did not make.
var ErrNotServer = errors.New("this is not a kernel server: kl_ld makes one of object files")

// ReadRelocatable reads a kernel server. Errors: ErrNotServer, those of macho for
// a malformed file, *ScriptError. file is for errors.
func ReadRelocatable(file string, b []byte) (*Relocatable, error) {
	if len(b) > MaxRelocatable {
		return nil, fmt.Errorf("%s: more than %d MB", file, MaxRelocatable>>20)
	}
	f, slice, err := macho.Open(bytes.NewReader(b), int64(len(b)), macho.CPUX86_64, macho.Limits{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if f.Type != macho.Object || f.Section(segServer, sectName) == nil {
		return nil, fmt.Errorf("%s: %w", file, ErrNotServer)
	}
	r := &Relocatable{Object: b[slice.Offset:][:slice.Size]}
	text := map[string][]byte{}
	for _, name := range []string{sectName, sectInstance, sectLoadable, sectLoadCmds, sectUnloadCmds} {
		s := f.Section(segServer, name)
		if s == nil {
			continue
		}
		if s.Size > MaxScript {
			return nil, fmt.Errorf("%s: section %s has %d bytes, %d at the most are allowed", file, name, s.Size, MaxScript)
		}
		d, err := f.SectionData(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		text[name] = d
	}
	r.Name, r.Instance, r.Loadable = string(text[sectName]), string(text[sectInstance]), string(text[sectLoadable])
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if r.Load, err = ParseLoad(file+"("+sectLoadCmds+")", text[sectLoadCmds]); err != nil {
		return nil, err
	}
	r.Unload, err = ParseUnload(file+"("+sectUnloadCmds+")", text[sectUnloadCmds])
	return r, err
}

// check holds the names to their rules.
func (r *Relocatable) check() error {
	switch {
	case !plain(r.Name):
		return fmt.Errorf("%.40q is not a server's name", r.Name)
	case !identifier(r.Instance):
		return fmt.Errorf("%.40q is not the name of an instance variable", r.Instance)
	case len(r.Loadable) > 1024 || bytes.IndexByte([]byte(r.Loadable), 0) >= 0:
		return fmt.Errorf("%.40q is not a file's name", r.Loadable)
	}
	return nil
}

// functions gives each command that names a function, with its script.
func (r *Relocatable) functions(visit func(c Command, load bool) error) error {
	for i, cmds := range [][]Command{r.Load, r.Unload} {
		for _, c := range cmds {
			if c.Function == "" {
				continue
			}
			if err := visit(c, i == 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// join makes the file that ReadRelocatable reads.
func (r *Relocatable) join(objects [][]byte, load, unload []byte) ([]byte, error) {
	extra := []libkern.ExtraSection{
		{Seg: segServer, Name: sectName, Data: []byte(r.Name)},
		{Seg: segServer, Name: sectInstance, Data: []byte(r.Instance)},
		{Seg: segServer, Name: sectLoadCmds, Data: load},
		{Seg: segServer, Name: sectUnloadCmds, Data: unload},
	}
	if r.Loadable != "" {
		extra = append(extra, libkern.ExtraSection{Seg: segServer, Name: sectLoadable, Data: []byte(r.Loadable)})
	}
	return libkern.Join(objects, extra)
}

// defined lists what an object defines, commons included.
func defined(b []byte) (map[string]bool, error) {
	f, err := macho.Parse(bytes.NewReader(b), int64(len(b)), macho.Limits{})
	if err != nil {
		return nil, err
	}
	syms, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	m := map[string]bool{}
	for i := range syms {
		if s := &syms[i]; !s.Stab() && (s.Defined() || s.Common()) {
			m[s.Name] = true
		}
	}
	return m, nil
}
