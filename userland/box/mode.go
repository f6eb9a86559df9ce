//go:build darwin

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

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
