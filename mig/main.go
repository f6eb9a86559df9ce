package mig

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"puggle/mach/mig/defs"
)

const usage = `usage: puggle mig [options] FILE.defs
  -user FILE      C user stubs        (default NAMEUser.c)
  -server FILE    C server            (default NAMEServer.c)
  -header FILE    header for users    (default NAME.h)
  -sheader FILE   header for servers  (none by default)
  -iheader FILE   header of the messages' layouts (none by default)
  -go DIR         Go client and server into DIR, and no C unless asked for
  -package NAME   its package         (default: the subsystem's name)
  -I DIR  -D NAME[=VALUE]  -U NAME    as for the C preprocessor
  -arch ARCH      whose definitions a file begins with (x86_64; arm64, i386)
  -prefix PREFIX  for the user's functions
  -2.5            C with the typed messages of Mach 2.5, for NeXT's servers; there is
                  no -go or -iheader for them
  -novouchers -q -Q -v -V -r -R -s -S -l -L -k -K -n -N -mach_msg2  accepted, without effect
A file named /dev/null is not written.
`

// Main is the command `puggle mig`. It returns the exit status: 0, 1 for errors
// in the source or on the way to files, 2 for a bad command line.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o := options{out: map[string]string{}}
	o.setArch("x86_64")
	if err := o.parse(args); err != nil {
		fmt.Fprintf(stderr, "puggle mig: %v\n%s", err, usage)
		return 2
	}
	if o.help {
		fmt.Fprint(stdout, usage)
		return 0
	}
	status := 0
	for _, f := range o.files {
		if err := o.compile(f, stdin); err != nil {
			if _, ok := err.(*Error); ok {
				fmt.Fprintln(stderr, err)
			} else {
				fmt.Fprintf(stderr, "puggle mig: %v\n", err)
			}
			status = 1
		}
	}
	return status
}

type options struct {
	out       map[string]string // -user and its like
	goDir     string
	pkg       string
	prefix    string
	dirs      []string
	arch      []string // definitions
	undefined []string // of those
	defines   []string
	files     []string
	help      bool
	old       bool // -2.5
}

// ignored are options of Apple's mig whose subject does not exist here, valued those with a value.
const (
	ignored = " -novouchers -mach_msg2 -q -Q -v -V -r -R -s -S -l -L -k -K -n -N -t -T -b -B -X -x -split "
	valued  = " -isysroot -cc -migcom -target -maxonstack -max_descrs -max_reply_descrs "
)

// archs are what a compiler for each architecture has defined, in whose place we stand.
var archs = map[string][]string{
	"x86_64": {"__x86_64__", "__LP64__", "__LITTLE_ENDIAN__"},
	"arm64":  {"__arm64__", "__LP64__", "__LITTLE_ENDIAN__"},
	"i386":   {"__i386__", "__LITTLE_ENDIAN__"},
}

// setArch has the definitions of another architecture instead of ours, before all others.
func (o *options) setArch(name string) error {
	l, ok := archs[name]
	if !ok {
		return fmt.Errorf("-arch %s: there is x86_64, arm64 and i386", name)
	}
	o.arch = append([]string{"__APPLE__", "__MACH__", "__MACH30__"}, l...)
	return nil
}

func (o *options) parse(args []string) error {
	for i := 0; i < len(args); i++ {
		a := args[i]
		value := func() (string, error) {
			if i++; i == len(args) {
				return "", fmt.Errorf("%s needs a value", a)
			}
			return args[i], nil
		}
		var err error
		var v string
		switch {
		case a == "-h" || a == "-help" || a == "--help":
			o.help = true
			return nil
		case a == "-user" || a == "-server" || a == "-header" || a == "-sheader" || a == "-iheader":
			if v, err = value(); err == nil {
				o.out[a[1:]] = v
			}
		case a == "-2.5":
			o.old = true
		case a == "-go":
			o.goDir, err = value()
		case a == "-package":
			o.pkg, err = value()
		case a == "-prefix":
			o.prefix, err = value()
		case a == "-I" || a == "-D" || a == "-U":
			if v, err = value(); err == nil {
				o.cpp(a + v)
			}
		case strings.HasPrefix(a, "-I"), strings.HasPrefix(a, "-D"), strings.HasPrefix(a, "-U"):
			o.cpp(a)
		case a == "-arch":
			if v, err = value(); err == nil {
				err = o.setArch(v)
			}
		case a == "-isystem":
			if v, err = value(); err == nil {
				o.dirs = append(o.dirs, v)
			}
		case strings.Contains(valued, " "+a+" "):
			_, err = value()
		case strings.Contains(ignored, " "+a+" "):
		case strings.HasPrefix(a, "-") && a != "-":
			return fmt.Errorf("unknown option %s", a)
		default:
			o.files = append(o.files, a)
		}
		if err != nil {
			return err
		}
	}
	if o.old && (o.goDir != "" || o.out["iheader"] != "") {
		return fmt.Errorf("-2.5 makes C stubs and headers only")
	}
	if len(o.files) == 0 {
		return fmt.Errorf("no .defs file given")
	}
	if len(o.files) > 1 && len(o.out) > 0 {
		return fmt.Errorf("one output file for several .defs files")
	}
	return nil
}

func (o *options) cpp(a string) {
	switch a[1] {
	case 'I':
		o.dirs = append(o.dirs, a[2:])
	case 'D':
		o.defines = append(o.defines, a[2:])
	case 'U':
		o.undefined = append(o.undefined, a[2:])
		for i := len(o.defines) - 1; i >= 0; i-- {
			if n, _, _ := strings.Cut(o.defines[i], "="); n == a[2:] {
				o.defines = append(o.defines[:i:i], o.defines[i+1:]...)
			}
		}
	}
}

// all are the definitions that a file begins with.
func (o *options) all() []string {
	l := slices.DeleteFunc(slices.Clone(o.arch), func(name string) bool { return slices.Contains(o.undefined, name) })
	return append(l, o.defines...)
}

// loader looks in the directories given, then among our own definition files.
func (o *options) loader() Loader {
	dirs, own := DirLoader(o.dirs), FSLoader(defs.FS)
	return func(name, from string, angled bool) (string, string, error) {
		path, text, err := dirs(name, from, angled)
		if err != nil {
			if p, t, e := own(name, from, angled); e == nil {
				return p, t, nil
			}
		}
		return path, text, err
	}
}

func (o *options) compile(file string, stdin io.Reader) error {
	var text []byte
	var err error
	if file == "-" {
		text, err = io.ReadAll(io.LimitReader(stdin, maxFileSize+1))
		file = "stdin"
	} else {
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return err
	}
	s, err := Compile(file, string(text), o.all(), o.loader())
	if err != nil {
		return err
	}
	if s.Name == "" {
		return fmt.Errorf("%s: no subsystem statement, so there is nothing to make", file)
	}
	if o.prefix != "" {
		for _, r := range s.Routines {
			r.UserPrefix = o.prefix
		}
	}
	c := COptions{Source: filepath.Base(file)}
	write := func(path string, b []byte, err error) error {
		if err != nil || path == "/dev/null" || path == "" {
			return err
		}
		return os.WriteFile(path, b, 0o666)
	}
	out := map[string]string{}
	for k, v := range o.out {
		out[k] = v
	}
	if o.goDir != "" {
		pkg := o.pkg
		if pkg == "" {
			pkg = strings.ToLower(s.Name)
		}
		b, err := s.Go(GoOptions{Package: pkg, Runtime: "puggle/mach/mig", Client: true, Server: true, Source: c.Source})
		if err := write(filepath.Join(o.goDir, s.Name+"_mig.go"), b, err); err != nil {
			return err
		}
	} else {
		for k, v := range map[string]string{"user": s.Name + "User.c", "server": s.Name + "Server.c", "header": s.Name + ".h"} {
			if out[k] == "" {
				out[k] = v
			}
		}
	}
	for _, x := range []struct {
		kind string
		make func() ([]byte, error)
	}{
		{"user", either(o.old, s.CUser25, s.CUser, c)},
		{"server", either(o.old, s.CServer25, s.CServer, c)},
		{"header", either(o.old, header(s.CHeader25, false), header(s.CHeader, false), c)},
		{"sheader", either(o.old, header(s.CHeader25, true), header(s.CHeader, true), c)},
		{"iheader", func() ([]byte, error) { return s.CInternalHeader(c) }},
	} {
		path := out[x.kind]
		if path == "" || path == "/dev/null" {
			continue
		}
		b, err := x.make()
		if err := write(path, b, err); err != nil {
			return err
		}
	}
	return nil
}

type printer func(COptions) ([]byte, error)

func header(f func(COptions, bool) ([]byte, error), server bool) printer {
	return func(o COptions) ([]byte, error) { return f(o, server) }
}

// either is what prints in one generation's form or the other's.
func either(old bool, a, b printer, o COptions) func() ([]byte, error) {
	if old {
		b = a
	}
	return func() ([]byte, error) { return b(o) }
}
