//go:build darwin

package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func init() {
	register(map[string]tool{"gzip": gzipTool, "gunzip": gzipTool, "zcat": gzipTool, "gzcat": gzipTool, "tar": tarTool})
}

// gzipTool compresses files in their places, or with -d (gunzip) the other way
// round; -c (zcat) and a pipe write to standard output.
func gzipTool(args []string) int {
	const use = "[-cdfknqv1..9] [file ...]"
	name := filepath.Base(args[0])
	c := &cmd{name: name}
	o, ok := getopt(args, "cdfknqv123456789", use)
	if !ok {
		return 1
	}
	decode := o.has('d') || name == "gunzip" || strings.HasSuffix(name, "zcat")
	stdout := o.has('c') || strings.HasSuffix(name, "zcat") || len(o.args) == 0
	level := gzip.DefaultCompression
	for n := byte('1'); n <= '9'; n++ {
		if o.has(n) {
			level = int(n - '0')
		}
	}
	convert := func(w io.Writer, in *os.File, as string, t time.Time) error {
		if decode {
			z, err := gzip.NewReader(bufio.NewReader(in))
			if err == nil {
				_, err = io.Copy(w, z)
			}
			return err
		}
		z, err := gzip.NewWriterLevel(w, level)
		if err != nil {
			return err
		}
		if !o.has('n') {
			z.Name, z.ModTime = as, t
		}
		if _, err = io.Copy(z, in); err == nil {
			err = z.Close()
		}
		return err
	}
	if len(o.args) == 0 {
		if err := convert(out, os.Stdin, "", time.Time{}); err != nil {
			c.warn("stdin", err)
		}
		return c.status
	}
	for _, n := range o.args {
		if err := func() error {
			in, err := os.Open(n)
			if err != nil {
				return err
			}
			defer in.Close()
			st, err := in.Stat()
			if err != nil {
				return err
			}
			if stdout {
				return convert(out, in, filepath.Base(n), st.ModTime())
			}
			to := n + ".gz"
			if decode {
				base, ok := strings.CutSuffix(n, ".gz")
				if b, tgz := strings.CutSuffix(n, ".tgz"); tgz {
					base, ok = b+".tar", true
				}
				if !ok {
					return fmt.Errorf("unknown suffix -- ignored")
				}
				to = base
			}
			flag := os.O_WRONLY | os.O_CREATE | os.O_EXCL
			if o.has('f') {
				flag = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
			}
			w, err := os.OpenFile(to, flag, st.Mode().Perm())
			if err != nil {
				return fmt.Errorf("%s: %w", to, err)
			}
			err = convert(w, in, filepath.Base(n), st.ModTime())
			if e := w.Close(); err == nil {
				err = e
			}
			if err != nil {
				os.Remove(to)
				return err
			}
			os.Chtimes(to, st.ModTime(), st.ModTime())
			if !o.has('k') {
				return os.Remove(n)
			}
			return nil
		}(); err != nil {
			c.warn(n, err)
		}
	}
	return c.status
}

// tarTool makes (-c), lists (-t) and unpacks (-x) archives in pax format, packed by
// gzip with -z; unpacking sees for itself. Names outside the directory are refused.
func tarTool(args []string) int {
	const use = "{-c | -t | -x} [-kmpvz] [-f archive] [-C directory] [file ...]"
	c := &cmd{name: "tar"}
	if len(args) > 1 && !strings.HasPrefix(args[1], "-") {
		args = append([]string{args[0], "-" + args[1]}, args[2:]...)
	}
	o, ok := getopt(args, "ctxkmpvzf:C:", use)
	if !ok {
		return 1
	}
	modes := 0
	for _, m := range []byte("ctx") {
		if o.has(m) {
			modes++
		}
	}
	if modes != 1 {
		return usage("tar", use)
	}
	name := o.value['f']
	file := map[bool]*os.File{true: os.Stdout, false: os.Stdin}[o.has('c')]
	if name != "" && name != "-" {
		var err error
		if o.has('c') {
			file, err = os.Create(name)
		} else {
			file, err = os.Open(name)
		}
		if err != nil {
			c.warn(name, err)
			return 1
		}
	}
	if d := o.value['C']; d != "" {
		if err := os.Chdir(d); err != nil {
			c.warn(d, err)
			return 1
		}
	}
	var err error
	if o.has('c') {
		err = c.tarCreate(file, &o)
	} else {
		err = c.tarRead(file, &o)
	}
	if err != nil {
		c.warn(name, err)
	}
	return c.status
}

func (c *cmd) tarCreate(file *os.File, o *options) error {
	if len(o.args) == 0 {
		return fmt.Errorf("no files or directories specified")
	}
	w := io.Writer(file)
	var z *gzip.Writer
	if o.has('z') {
		z = gzip.NewWriter(file)
		w = z
	}
	t := tar.NewWriter(w)
	for _, root := range o.args {
		filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err == nil {
				err = tarAdd(t, path)
			}
			if err != nil {
				c.warn(path, err)
			} else if o.has('v') {
				fmt.Fprintf(os.Stderr, "a %s\n", path)
			}
			return nil
		})
	}
	err := t.Close()
	if z != nil && err == nil {
		err = z.Close()
	}
	if e := file.Close(); err == nil {
		err = e
	}
	return err
}

func tarAdd(t *tar.Writer, path string) error {
	st, err := os.Lstat(path)
	if err != nil {
		return err
	}
	link := ""
	if st.Mode()&fs.ModeSymlink != 0 {
		if link, err = os.Readlink(path); err != nil {
			return err
		}
	}
	h, err := tar.FileInfoHeader(st, link)
	if err != nil {
		return err
	}
	h.Name = strings.TrimPrefix(path, "/")
	if st.IsDir() {
		h.Name += "/"
	}
	if !st.Mode().IsRegular() {
		return t.WriteHeader(h)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.CopyN(t, f, h.Size)
	return err
}

func (c *cmd) tarRead(file *os.File, o *options) error {
	r := bufio.NewReader(file)
	in := io.Reader(r)
	if magic, _ := r.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(r)
		if err != nil {
			return err
		}
		in = z
	}
	root, err := os.OpenRoot(".")
	if err != nil {
		return err
	}
	defer root.Close()
	type dir struct {
		name string
		h    *tar.Header
	}
	var dirs []dir
	t := tar.NewReader(in)
	for {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		name := filepath.Clean(h.Name)
		if len(o.args) > 0 && !tarChosen(o.args, name) {
			continue
		}
		if o.has('t') {
			if o.has('v') {
				fmt.Fprintf(out, "%v %8d %s ", h.FileInfo().Mode(), h.Size, h.ModTime.Format("Jan _2 15:04 2006"))
			}
			fmt.Fprintln(out, h.Name)
			continue
		}
		if o.has('v') {
			fmt.Fprintf(os.Stderr, "x %s\n", h.Name)
		}
		if err := tarExtract(root, t, h, name, o); err != nil {
			c.warn(h.Name, err)
		} else if h.Typeflag == tar.TypeDir {
			dirs = append(dirs, dir{name, h})
		}
	}
	for i := len(dirs) - 1; i >= 0; i-- { // what is in them has changed their times
		if !o.has('m') {
			root.Chtimes(dirs[i].name, dirs[i].h.ModTime, dirs[i].h.ModTime)
		}
		root.Chmod(dirs[i].name, dirs[i].h.FileInfo().Mode().Perm())
	}
	return nil
}

func tarChosen(args []string, name string) bool {
	for _, a := range args {
		if a = filepath.Clean(a); name == a || strings.HasPrefix(name, a+"/") {
			return true
		}
	}
	return false
}

// tarExtract makes one file below root, which lets no name lead out of it.
func tarExtract(root *os.Root, t *tar.Reader, h *tar.Header, name string, o *options) error {
	if d := filepath.Dir(name); d != "." {
		if err := root.MkdirAll(d, 0o777); err != nil {
			return err
		}
	}
	mode := h.FileInfo().Mode().Perm()
	if h.Typeflag != tar.TypeDir && o.has('k') {
		if _, err := root.Lstat(name); err == nil {
			return nil
		}
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return root.MkdirAll(name, 0o777)
	case tar.TypeSymlink:
		root.Remove(name)
		return root.Symlink(h.Linkname, name)
	case tar.TypeLink:
		root.Remove(name)
		return root.Link(filepath.Clean(h.Linkname), name)
	case tar.TypeReg:
	default:
		return fmt.Errorf("a file of type %c can't be made", h.Typeflag)
	}
	root.Remove(name)
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, t)
	if o.has('p') && err == nil {
		err = f.Chmod(mode)
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil && !o.has('m') {
		err = root.Chtimes(name, h.ModTime, h.ModTime)
	}
	return err
}
