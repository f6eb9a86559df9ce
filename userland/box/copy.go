//go:build darwin

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

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
