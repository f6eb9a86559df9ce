// Package config reads the files by which a Mach kernel is configured, MASTER and
// files with their forms for one architecture, and makes from them what the kernel's makefiles
// do: a header for each option, and the list of the sources (Kernel Programming,
// chapter 18, "Adding New Files or Modules").
//
// MASTER says what is on, files what depends on it:
//
//	options       MACH_FOO              # <debug>
//	pseudo-device ppp        2
//
//	OPTIONS/mach_foo        optional mach_foo
//	osfmk/foo/foo_main.c    optional mach_foo
//	osfmk/crud/mandatory.c  standard
//
// A comment "# NAME = [ word ... ]" in MASTER is a configuration; a line whose comment is
// "<word,...>" is then for the configurations that have one of the words, or with ! before
// a word for those that don't have it. The same name twice is the higher count.
//
// It compiles nothing: kernels are not built here, but headers that say what is on are of
// use to kernel code that asks for them.
package config

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"sort"
	"strconv"
	"strings"
)

// Limits on what is read.
const (
	maxFile  = 1 << 20 // bytes
	maxCount = 1 << 16 // of a pseudo-device
)

// Kernel is a configured kernel.
type Kernel struct {
	// Options are the options that files declares, by their lower-case names, with their
	// counts: 0 is off.
	Options map[string]int
	// Sources are the files that are compiled, in order. As the document says, all are
	// compiled whatever is on: what is off is empty by its own #if.
	Sources []Source
}

// Source is a file of files.
type Source struct {
	Path     string
	Standard bool
	Needs    []string // options
}

// On says whether a source has something in it.
func (k *Kernel) On(s Source) bool {
	for _, n := range s.Needs {
		if k.Options[n] == 0 {
			return false
		}
	}
	return true
}

// Read reads MASTER, MASTER.arch, files and files.arch in dir; those of the architecture
// need not be there. configuration is one that MASTER defines, "" for none: then all
// lines count. Errors are one line, with the file's name and the line's number.
func Read(dir fs.FS, arch, configuration string) (*Kernel, error) {
	m := master{on: map[string]int{}}
	var texts [2]lines
	for i, name := range []string{"MASTER", "MASTER." + arch} {
		l, err := read(dir, name, i == 1)
		if err != nil {
			return nil, err
		}
		texts[i] = l
		if err := m.define(l, configuration); err != nil {
			return nil, err
		}
	}
	if configuration != "" && m.words == nil {
		return nil, fmt.Errorf("MASTER: there is no configuration %s", clip(configuration))
	}
	for _, l := range texts {
		if err := m.read(l); err != nil {
			return nil, err
		}
	}
	k := &Kernel{Options: map[string]int{}}
	for i, name := range []string{"files", "files." + arch} {
		l, err := read(dir, name, i == 1)
		if err != nil {
			return nil, err
		}
		if err := k.read(l, m.on); err != nil {
			return nil, err
		}
	}
	for _, s := range k.Sources {
		for _, n := range s.Needs {
			if _, known := k.Options[n]; !known {
				k.Options[n] = m.on[n]
			}
		}
	}
	return k, nil
}

// lines of a file.
type lines struct {
	name string
	text []string
}

func read(dir fs.FS, name string, mayMiss bool) (lines, error) {
	l := lines{name: name}
	f, err := dir.Open(name)
	if err != nil {
		switch missing := errors.Is(err, fs.ErrNotExist); {
		case !missing:
			return l, fmt.Errorf("%s: it can't be opened: %v", name, err)
		case mayMiss:
			return l, nil
		}
		return l, fmt.Errorf("%s: there is no such file", name)
	}
	defer f.Close()
	b := bufio.NewScanner(f)
	b.Buffer(make([]byte, 4096), maxFile)
	n := 0
	for b.Scan() {
		if n += len(b.Bytes()) + 1; n > maxFile {
			return l, fmt.Errorf("%s: more than %d bytes", name, maxFile)
		}
		if bytes.IndexByte(b.Bytes(), 0) >= 0 {
			return l, fmt.Errorf("%s:%d: this is no text", name, len(l.text)+1)
		}
		l.text = append(l.text, b.Text())
	}
	if b.Err() != nil {
		return l, fmt.Errorf("%s: %v", name, b.Err())
	}
	return l, nil
}

func (l lines) fail(i int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", l.name, i+1, fmt.Sprintf(format, args...))
}

// master is what MASTER says.
type master struct {
	words map[string]bool // of the configuration; nil for none
	on    map[string]int
}

// define looks for the configuration.
func (m *master) define(l lines, configuration string) error {
	if configuration == "" {
		return nil
	}
	for i, t := range l.text {
		comment, ok := strings.CutPrefix(strings.TrimSpace(t), "#")
		name, list, eq := strings.Cut(comment, "=")
		list = strings.TrimSpace(list)
		if !ok || !eq || strings.TrimSpace(name) != configuration || !strings.HasPrefix(list, "[") {
			continue
		}
		if !strings.HasSuffix(list, "]") {
			return l.fail(i, "the configuration has no ]")
		}
		if m.words == nil {
			m.words = map[string]bool{}
		}
		for _, w := range strings.Fields(list[1 : len(list)-1]) {
			m.words[w] = true
		}
	}
	return nil
}

// wants says whether a line with this comment counts.
func (m *master) wants(comment string) bool {
	comment = strings.TrimSpace(comment)
	if m.words == nil || !strings.HasPrefix(comment, "<") || !strings.HasSuffix(comment, ">") {
		return true
	}
	any := false
	positive := false
	for _, w := range strings.Split(comment[1:len(comment)-1], ",") {
		w = strings.TrimSpace(w)
		if not, ok := strings.CutPrefix(w, "!"); ok {
			if m.words[not] {
				return false
			}
			continue
		}
		positive = true
		any = any || m.words[w]
	}
	return any || !positive
}

// ignored are MASTER's other lines, which are about the build and not about options.
var ignored = map[string]bool{"machine": true, "cpu": true, "makeoptions": true, "makevariables": true, "ident": true,
	"config": true, "maxusers": true, "profile": true, "trace": true, "timezone": true}

func (m *master) read(l lines) error {
	for i, t := range l.text {
		t, comment, _ := strings.Cut(t, "#")
		f := strings.Fields(t)
		if len(f) == 0 || ignored[f[0]] || !m.wants(comment) {
			continue
		}
		if len(f) < 2 {
			return l.fail(i, "%s without a name", clip(f[0]))
		}
		count := 1
		name := f[1]
		switch f[0] {
		case "options":
			// A value, as in HZ=100, is the count.
			if n, v, ok := strings.Cut(name, "="); ok {
				name = n
				c, err := strconv.Atoi(strings.Trim(v, `"`))
				if err != nil || c < 0 {
					return l.fail(i, "the value of %s is no number", clip(n))
				}
				count = c
			}
			if len(f) > 2 {
				return l.fail(i, "more than one name")
			}
		case "pseudo-device":
			if len(f) == 3 {
				c, err := strconv.Atoi(f[2])
				if err != nil || c < 0 || c > maxCount {
					return l.fail(i, "%s is no count", clip(f[2]))
				}
				count = c
			} else if len(f) > 3 {
				return l.fail(i, "more than a name and a count")
			}
		default:
			return l.fail(i, "%s: neither options nor pseudo-device", clip(f[0]))
		}
		if !isName(name) {
			return l.fail(i, "%s is no name", clip(name))
		}
		name = strings.ToLower(name)
		m.on[name] = max(m.on[name], count)
	}
	return nil
}

// isName: an identifier of C, with - for _.
func isName(s string) bool {
	for i, c := range s {
		switch {
		case c == '_', c == '-', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', i > 0 && c >= '0' && c <= '9':
		default:
			return false
		}
	}
	return s != "" && len(s) <= 128
}

// read reads files.
func (k *Kernel) read(l lines, on map[string]int) error {
	for i, t := range l.text {
		t, _, _ = strings.Cut(t, "#")
		f := strings.Fields(t)
		if len(f) == 0 {
			continue
		}
		s := Source{Path: f[0]}
		state := ""
		for _, w := range f[1:] {
			switch {
			case w == "standard":
				s.Standard, state = true, w
			case w == "optional":
				state = w
			case w == "device-driver", w == "ordered", w == "config-dependent", w == "bound", w == "sedit":
			case state == "optional" && isName(w):
				s.Needs = append(s.Needs, strings.ToLower(w))
			default:
				return l.fail(i, "%s: neither optional nor standard", clip(w))
			}
		}
		if s.Standard == (len(s.Needs) > 0) {
			return l.fail(i, "%s is to be optional with a name, or standard", clip(s.Path))
		}
		if name, ok := strings.CutPrefix(s.Path, "OPTIONS/"); ok {
			if !isName(name) || s.Standard || len(s.Needs) != 1 {
				return l.fail(i, "an option is OPTIONS/NAME optional NAME")
			}
			k.Options[strings.ToLower(name)] = on[s.Needs[0]]
			continue
		}
		k.Sources = append(k.Sources, s)
	}
	return nil
}

// Headers are the generated headers by file name: <name.h> defines NAME to its count.
func (k *Kernel) Headers() map[string]string {
	out := map[string]string{}
	for name, n := range k.Options {
		out[strings.ReplaceAll(name, "-", "_")+".h"] = fmt.Sprintf("#define %s %d\n", strings.ToUpper(strings.ReplaceAll(name, "-", "_")), n)
	}
	return out
}

// Names are the options, sorted.
func (k *Kernel) Names() []string {
	var l []string
	for n := range k.Options {
		l = append(l, n)
	}
	sort.Strings(l)
	return l
}

// clip shortens what a file says, for errors.
func clip(s string) string {
	if len(s) > 40 {
		s = s[:40] + "..."
	}
	return strconv.Quote(s)
}
