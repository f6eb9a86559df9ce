//go:build darwin

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

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
