//go:build darwin

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func init() {
	register(map[string]tool{
		"rm": rm, "mkdir": mkdir, "rmdir": rmdir, "cp": cp, "mv": mv, "ln": ln, "chmod": chmod, "touch": touch,
		"mktemp": mktemp, "readlink": readlink, "realpath": realpath, "basename": basename, "dirname": dirname,
		"unlink": unlink, "sync": func([]string) int { unix.Sync(); return 0 },
	})
}

func rm(args []string) int {
	o, ok := getopt(args, "dfiPRrvW", "[-f] [-dPRrv] file ...")
	if !ok {
		return 64
	}
	c := &cmd{name: "rm"}
	if len(o.args) == 0 && !o.has('f') {
		usage("rm", "[-f] [-dPRrv] file ...")
		return 64
	}
	if o.has('i') || o.has('W') {
		return c.fail("-i and -W are not supported")
	}
	for _, n := range o.args {
		if b := filepath.Base(n); n == "/" || b == "." && n != "" || b == ".." {
			c.fail(`"." and ".." may not be removed`)
			continue
		}
		st, err := os.Lstat(n)
		switch {
		case err != nil && o.has('f') && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)):
			continue
		case err != nil:
		case st.IsDir() && (o.has('r') || o.has('R')):
			err = os.RemoveAll(n)
		case st.IsDir() && o.has('d'):
			err = syscall.Rmdir(n)
		case st.IsDir():
			c.fail("%s: is a directory", n)
			continue
		default:
			err = syscall.Unlink(n)
		}
		if err != nil {
			c.warn(n, err)
		} else if o.has('v') {
			fmt.Fprintln(out, n)
		}
	}
	return c.status
}

func unlink(args []string) int {
	if len(args) != 2 {
		return usage("unlink", "file")
	}
	c := &cmd{name: "unlink"}
	if err := syscall.Unlink(args[1]); err != nil {
		c.warn(args[1], err)
	}
	return c.status
}

func mkdir(args []string) int {
	o, ok := getopt(args, "pvm:", "[-pv] [-m mode] directory_name ...")
	if !ok {
		return 64
	}
	if len(o.args) == 0 {
		usage("mkdir", "[-pv] [-m mode] directory_name ...")
		return 64
	}
	c := &cmd{name: "mkdir"}
	for _, n := range o.args {
		var err error
		if o.has('p') {
			err = os.MkdirAll(n, 0o777)
		} else {
			err = os.Mkdir(n, 0o777)
		}
		if err == nil && o.has('m') {
			var mode uint32
			if mode, ok = parseMode(o.value['m'], 0o777, true); !ok {
				return c.fail("invalid file mode: %s", o.value['m'])
			}
			err = syscall.Chmod(n, mode)
		}
		if err != nil {
			c.warn(n, err)
		} else if o.has('v') {
			fmt.Fprintln(out, n)
		}
	}
	return c.status
}

func rmdir(args []string) int {
	o, ok := getopt(args, "pv", "[-pv] directory ...")
	if !ok || len(o.args) == 0 {
		return 1
	}
	c := &cmd{name: "rmdir"}
	for _, n := range o.args {
		err := syscall.Rmdir(n)
		for p := filepath.Dir(n); err == nil && o.has('p') && p != "." && p != "/"; p = filepath.Dir(p) {
			err = syscall.Rmdir(p)
		}
		if err != nil {
			c.warn(n, err)
		}
	}
	return c.status
}

// destinations calls f for each source with its target: the last argument, or a
// name in it if that is a directory.
func (c *cmd) destinations(args []string, noFollow bool, f func(src, dst string) error) int {
	dst := args[len(args)-1]
	stat := os.Stat
	if noFollow {
		stat = os.Lstat
	}
	st, err := stat(dst)
	dir := err == nil && st.IsDir()
	if len(args) > 2 && !dir {
		return c.fail("%s is not a directory", dst)
	}
	for _, src := range args[:len(args)-1] {
		to := dst
		if dir {
			to = filepath.Join(dst, filepath.Base(src))
		}
		if err := f(src, to); err != nil {
			c.warn(src, err)
		}
	}
	return c.status
}

func cp(args []string) int {
	o, ok := getopt(args, "aHLPRrfipvcnXl", "[-R [-H | -L | -P]] [-acfnpvXl] source ... target")
	if !ok {
		return 64
	}
	if len(o.args) < 2 {
		usage("cp", "[-R [-H | -L | -P]] [-acfnpvXl] source ... target")
		return 64
	}
	c := &cmd{name: "cp"}
	if o.has('i') {
		return c.fail("-i is not supported")
	}
	p := &copier{c: c, recurse: o.has('R') || o.has('r') || o.has('a'), keep: o.has('p') || o.has('a'),
		links: (o.has('R') || o.has('a')) && !o.has('L'), force: o.has('f'), verbose: o.has('v'), noclobber: o.has('n'), hard: o.has('l')}
	return c.destinations(o.args, false, func(src, dst string) error {
		if p.links && o.has('H') {
			if real, err := filepath.EvalSymlinks(src); err == nil {
				src = real
			}
		}
		return p.copy(src, dst)
	})
}

type copier struct {
	c                                                     *cmd
	recurse, keep, links, force, verbose, noclobber, hard bool
}

func (p *copier) copy(src, dst string) error {
	stat := os.Stat
	if p.links {
		stat = os.Lstat
	}
	st, err := stat(src)
	if err != nil {
		return err
	}
	if old, err := os.Stat(dst); err == nil {
		if os.SameFile(st, old) {
			p.c.fail("%s and %s are identical (not copied).", dst, src)
			return nil
		}
		if p.noclobber && !old.IsDir() {
			return nil
		}
	}
	if p.verbose {
		fmt.Fprintln(out, src, "->", dst)
	}
	switch {
	case st.IsDir():
		if !p.recurse {
			p.c.fail("%s is a directory (not copied).", src)
			return nil
		}
		if err := os.Mkdir(dst, st.Mode().Perm()|0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		list, err := os.ReadDir(src)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := p.copy(filepath.Join(src, e.Name()), filepath.Join(dst, e.Name())); err != nil {
				p.c.warn(filepath.Join(src, e.Name()), err)
			}
		}
	case p.hard:
		return os.Link(src, dst)
	case st.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(src)
		if err == nil {
			os.Remove(dst)
			err = os.Symlink(target, dst)
		}
		return err
	case st.Mode()&fs.ModeNamedPipe != 0 && p.recurse:
		return syscall.Mkfifo(dst, uint32(st.Mode().Perm()))
	default:
		if err := p.file(src, dst, st); err != nil {
			return err
		}
	}
	if p.keep {
		sys := st.Sys().(*syscall.Stat_t)
		os.Lchown(dst, int(sys.Uid), int(sys.Gid))
		os.Chmod(dst, st.Mode())
		os.Chtimes(dst, time.Unix(sys.Atimespec.Unix()), st.ModTime())
	}
	return nil
}

func (p *copier) file(src, dst string, st fs.FileInfo) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	to, err := os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, st.Mode().Perm())
	if err != nil && p.force && os.Remove(dst) == nil {
		to, err = os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, st.Mode().Perm())
	}
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{in}, make([]byte, 256<<10))
	if e := to.Close(); err == nil {
		err = e
	}
	return err
}

func mv(args []string) int {
	o, ok := getopt(args, "fhinv", "[-f | -n] [-hv] source ... target")
	if !ok {
		return 64
	}
	if len(o.args) < 2 {
		usage("mv", "[-f | -n] [-hv] source ... target")
		return 64
	}
	c := &cmd{name: "mv"}
	if o.has('i') {
		return c.fail("-i is not supported")
	}
	return c.destinations(o.args, o.has('h'), func(src, dst string) error {
		if _, err := os.Lstat(dst); err == nil && o.has('n') {
			return nil
		}
		err := syscall.Rename(src, dst)
		if err == syscall.EXDEV {
			p := &copier{c: c, recurse: true, keep: true, links: true, force: true}
			if err = p.copy(src, dst); err == nil && c.status == 0 {
				err = os.RemoveAll(src)
			}
		}
		if err == nil && o.has('v') {
			fmt.Fprintln(out, src, "->", dst)
		}
		return err
	})
}

func ln(args []string) int {
	o, ok := getopt(args, "fhnsvi", "[-s] [-fhnv] source_file ... [target]")
	if !ok || len(o.args) == 0 {
		return usage("ln", "[-s] [-fhnv] source_file ... [target]")
	}
	c := &cmd{name: "ln"}
	if o.has('i') {
		return c.fail("-i is not supported")
	}
	if len(o.args) == 1 {
		o.args = append(o.args, ".")
	}
	return c.destinations(o.args, o.has('h') || o.has('n'), func(src, dst string) error {
		if o.has('f') {
			if err := syscall.Unlink(dst); err != nil && err != syscall.ENOENT {
				return err
			}
		}
		if o.has('v') {
			fmt.Fprintln(out, dst, "->", src)
		}
		var err error
		if o.has('s') {
			err = syscall.Symlink(src, dst)
		} else {
			err = syscall.Link(src, dst)
		}
		if err != nil && (err != syscall.ENOENT || o.has('s')) {
			c.warn(dst, err)
			return nil
		}
		return err
	})
}

// parseMode reads an octal or a symbolic mode, applied to old.
func parseMode(s string, old uint32, dir bool) (uint32, bool) {
	if n, err := strconv.ParseUint(s, 8, 32); err == nil {
		return uint32(n), n <= 0o7777
	}
	mode := old
	for _, clause := range strings.Split(s, ",") {
		who, umask := uint32(0), uint32(0)
		for clause != "" && strings.IndexByte("ugoa", clause[0]) >= 0 {
			who |= map[byte]uint32{'u': 0o4700, 'g': 0o2070, 'o': 0o1007, 'a': 0o7777}[clause[0]]
			clause = clause[1:]
		}
		if who == 0 {
			who = 0o7777
			umask = uint32(syscall.Umask(0))
			syscall.Umask(int(umask))
		}
		if clause == "" {
			return 0, false
		}
		for clause != "" {
			op := clause[0]
			if op != '+' && op != '-' && op != '=' {
				return 0, false
			}
			clause = clause[1:]
			bits := uint32(0)
			for clause != "" && strings.IndexByte("+-=", clause[0]) < 0 {
				switch clause[0] {
				case 'r':
					bits |= 0o444
				case 'w':
					bits |= 0o222
				case 'x':
					bits |= 0o111
				case 'X':
					if dir || old&0o111 != 0 {
						bits |= 0o111
					}
				case 's':
					bits |= 0o6000
				case 't':
					bits |= 0o1000
				case 'u':
					bits |= mode >> 6 & 7 * 0o111
				case 'g':
					bits |= mode >> 3 & 7 * 0o111
				case 'o':
					bits |= mode & 7 * 0o111
				default:
					return 0, false
				}
				clause = clause[1:]
			}
			bits &= who &^ umask
			switch op {
			case '+':
				mode |= bits
			case '-':
				mode &^= bits
			case '=':
				mode = mode&^(who&0o6777) | bits
			}
		}
	}
	return mode, true
}

func chmod(args []string) int {
	// A mode may begin with a dash: -x.
	var flags []string
	rest := args[1:]
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' && strings.Trim(rest[0][1:], "fhvRHLP") == "" {
		flags, rest = append(flags, rest[0]), rest[1:]
	}
	o, ok := getopt(append([]string{"chmod"}, flags...), "fhvRHLP", "")
	if !ok || len(rest) < 2 {
		return usage("chmod", "[-fhv] [-R] mode file ...")
	}
	c := &cmd{name: "chmod"}
	one := func(path string) {
		var st syscall.Stat_t
		err := syscall.Stat(path, &st)
		if err == nil {
			mode, ok := parseMode(rest[0], uint32(st.Mode&0o7777), st.Mode&syscall.S_IFMT == syscall.S_IFDIR)
			if !ok {
				c.fail("Invalid file mode: %s", rest[0])
				return
			}
			err = syscall.Chmod(path, mode)
		}
		if err != nil && !o.has('f') {
			c.warn(path, err)
		}
	}
	for _, f := range rest[1:] {
		if !o.has('R') {
			one(f)
			continue
		}
		filepath.WalkDir(f, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				c.warn(p, err)
			} else if d.Type()&fs.ModeSymlink == 0 {
				one(p)
			}
			return nil
		})
	}
	return c.status
}

func touch(args []string) int {
	o, ok := getopt(args, "acfhmr:t:d:", "[-achm] [-r file] [-t [[CC]YY]MMDDhhmm[.SS]] [-d YYYY-MM-DDThh:mm:SS] file ...")
	if !ok || len(o.args) == 0 {
		return usage("touch", "[-achm] [-r file] [-t [[CC]YY]MMDDhhmm[.SS]] [-d YYYY-MM-DDThh:mm:SS] file ...")
	}
	c := &cmd{name: "touch"}
	at, mt := time.Now(), time.Now()
	switch {
	case o.has('r'):
		st, err := os.Stat(o.value['r'])
		if err != nil {
			c.warn(o.value['r'], err)
			return 1
		}
		mt = st.ModTime()
		at = time.Unix(st.Sys().(*syscall.Stat_t).Atimespec.Unix())
	case o.has('t'), o.has('d'):
		t, err := touchTime(o.value['t'], o.value['d'])
		if err != nil {
			return c.fail("out of range or illegal time specification: [[CC]YY]MMDDhhmm[.SS]")
		}
		at, mt = t, t
	}
	for _, f := range o.args {
		st, err := os.Stat(f)
		if errors.Is(err, fs.ErrNotExist) {
			if o.has('c') {
				continue
			}
			var fd int
			if fd, err = syscall.Open(f, syscall.O_WRONLY|syscall.O_CREAT, 0o666); err == nil {
				syscall.Close(fd)
				st, err = os.Stat(f)
			}
		}
		if err == nil {
			a, m := at, mt
			if o.has('m') && !o.has('a') {
				a = time.Unix(st.Sys().(*syscall.Stat_t).Atimespec.Unix())
			}
			if o.has('a') && !o.has('m') {
				m = st.ModTime()
			}
			err = os.Chtimes(f, a, m)
		}
		if err != nil {
			c.warn(f, err)
		}
	}
	return c.status
}

func touchTime(t, d string) (time.Time, error) {
	if d != "" {
		layout := "2006-01-02T15:04:05"
		if strings.Contains(d, " ") {
			layout = "2006-01-02 15:04:05"
		}
		if z, ok := strings.CutSuffix(d, "Z"); ok {
			return time.Parse(layout, z)
		}
		return time.ParseInLocation(layout, d, time.Local)
	}
	layout, sec := "200601021504", ""
	if main, s, ok := strings.Cut(t, "."); ok {
		t, sec = main, s
	}
	switch len(t) {
	case 8:
		layout = "01021504"
	case 10:
		layout = "0601021504"
	}
	if sec != "" {
		t, layout = t+sec, layout+"05"
	}
	r, err := time.ParseInLocation(layout, t, time.Local)
	if err == nil && r.Year() == 0 {
		r = r.AddDate(time.Now().Year(), 0, 0)
	}
	return r, err
}

func mktemp(args []string) int {
	o, ok := getopt(args, "dqt:up:", "[-d] [-p tmpdir] [-q] [-t prefix] [-u] [template ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "mktemp"}
	dir := os.Getenv("TMPDIR")
	if o.has('p') && dir == "" {
		dir = o.value['p']
	}
	if dir == "" {
		dir = "/tmp"
	}
	templates := o.args
	if o.has('t') {
		templates = append(templates, filepath.Join(dir, o.value['t'])+".XXXXXXXXXX")
	} else if len(templates) == 0 {
		templates = []string{filepath.Join(dir, "tmp.XXXXXXXXXX")}
	}
	for _, t := range templates {
		base := strings.TrimRight(t, "X")
		name, err := temporary(base, len(t)-len(base), o.has('d'))
		if err == nil && o.has('u') {
			err = os.Remove(name)
		}
		if err != nil {
			if c.status = 1; !o.has('q') {
				c.warn("mkstemp failed on "+t, err)
			}
			continue
		}
		fmt.Fprintln(out, name)
	}
	return c.status
}

func temporary(base string, n int, dir bool) (string, error) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	r, err := os.Open("/dev/urandom")
	if err != nil {
		return "", err
	}
	defer r.Close()
	for range 100 {
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return "", err
		}
		for i := range b {
			b[i] = letters[int(b[i])%len(letters)]
		}
		name := base + string(b)
		if dir {
			err = syscall.Mkdir(name, 0o700)
		} else {
			var fd int
			if fd, err = syscall.Open(name, syscall.O_RDWR|syscall.O_CREAT|syscall.O_EXCL, 0o600); err == nil {
				syscall.Close(fd)
			}
		}
		if err != syscall.EEXIST || n == 0 {
			return name, err
		}
	}
	return "", syscall.EEXIST
}

func readlink(args []string) int {
	o, ok := getopt(args, "fn", "[-fn] [file ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "readlink"}
	for i, f := range o.args {
		var s string
		var err error
		if o.has('f') {
			if s, err = filepath.EvalSymlinks(f); err == nil {
				s, err = filepath.Abs(s)
			}
		} else {
			s, err = os.Readlink(f)
		}
		if err != nil {
			c.status = 1
			continue
		}
		out.WriteString(s)
		if !o.has('n') || i < len(o.args)-1 {
			out.WriteByte('\n')
		}
	}
	return c.status
}

func realpath(args []string) int {
	o, ok := getopt(args, "q", "[-q] [path ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "realpath"}
	if len(o.args) == 0 {
		o.args = []string{"."}
	}
	for _, f := range o.args {
		s, err := filepath.EvalSymlinks(f)
		if err == nil {
			s, err = filepath.Abs(s)
		}
		if err == nil {
			fmt.Fprintln(out, s)
		} else if c.status = 1; !o.has('q') {
			c.warn(f, err)
		}
	}
	return c.status
}

func basename(args []string) int {
	o, ok := getopt(args, "as:", "string [suffix] | [-a] [-s suffix] string ...")
	if !ok || len(o.args) == 0 {
		return usage("basename", "string [suffix] | [-a] [-s suffix] string ...")
	}
	names, suffix := o.args, o.value['s']
	if !o.has('a') && !o.has('s') {
		if names = o.args[:1]; len(o.args) > 1 {
			suffix = o.args[1]
		}
	}
	for _, n := range names {
		b := ""
		if n != "" {
			b = filepath.Base(n)
		}
		if b != suffix {
			b = strings.TrimSuffix(b, suffix)
		}
		fmt.Fprintln(out, b)
	}
	return 0
}

func dirname(args []string) int {
	if len(args) < 2 {
		return usage("dirname", "string [...]")
	}
	for _, n := range args[1:] {
		t := strings.TrimRight(n, "/")
		if t == "" && n != "" {
			fmt.Fprintln(out, "/")
			continue
		}
		i := strings.LastIndexByte(t, '/')
		switch d := strings.TrimRight(t[:max(i, 0)], "/"); {
		case i < 0:
			fmt.Fprintln(out, ".")
		case d == "":
			fmt.Fprintln(out, "/")
		default:
			fmt.Fprintln(out, d)
		}
	}
	return 0
}
