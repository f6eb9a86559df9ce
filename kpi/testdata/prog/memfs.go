package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

func mount(fstype, dir string, flags uintptr) error {
	t, _ := syscall.BytePtrFromString(fstype)
	d, _ := syscall.BytePtrFromString(dir)
	_, _, e := syscall.Syscall6(syscall.SYS_MOUNT, uintptr(unsafe.Pointer(t)), uintptr(unsafe.Pointer(d)), flags, 0, 0, 0)
	if e != 0 {
		return e
	}
	return nil
}

func unmount(dir string, flags uintptr) error {
	d, _ := syscall.BytePtrFromString(dir)
	_, _, e := syscall.Syscall(syscall.SYS_UNMOUNT, uintptr(unsafe.Pointer(d)), flags, 0)
	if e != 0 {
		return e
	}
	return nil
}

// mounts is `mount TYPE DIR FLAGS`, and `unmount DIR FLAGS` with an empty type.
func mounts() error {
	var flags uintptr
	fmt.Sscan(os.Args[4], &flags)
	if os.Args[2] == "" {
		return unmount(os.Args[3], flags)
	}
	return mount(os.Args[2], os.Args[3], flags)
}

func list(dir string) string {
	l, err := os.ReadDir(dir)
	if err != nil {
		return err.Error()
	}
	var names []string
	for _, e := range l {
		n := e.Name()
		if e.IsDir() {
			n += "/"
		}
		names = append(names, n)
	}
	sort.Strings(names)
	return strings.Join(names, " ")
}

// filesystem mounts a memfs on a directory, uses it in every way, and unmounts it.
func filesystem() error {
	dir := os.Args[2]
	if err := mount("nosuchfs", dir, 0); err != syscall.ENODEV {
		return fmt.Errorf("a type that there is none of: %v", err)
	}
	if err := mount("memfs", filepath.Join(dir, "absent"), 0); err != syscall.ENOENT {
		return fmt.Errorf("on nothing: %v", err)
	}
	if err := unmount(dir, 0); err != syscall.EINVAL {
		return fmt.Errorf("unmounting what isn't: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "below"), nil, 0o644); err != nil {
		return err
	}
	if err := mount("memfs", dir, 0); err != nil {
		return fmt.Errorf("mount: %v", err)
	}
	if err := mount("memfs", dir, 0); err != syscall.EBUSY {
		return fmt.Errorf("mounted twice: %v", err)
	}
	if l := list(dir); l != "" {
		return fmt.Errorf("the new file system has %q", l)
	}
	if err := used(dir); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, "open"))
	if err != nil {
		return err
	}
	if err := unmount(dir, 0); err != syscall.EBUSY {
		return fmt.Errorf("unmount with a file open: %v", err)
	}
	if _, err := f.WriteString("x"); err != nil {
		return fmt.Errorf("after an unmount that was refused: %v", err)
	}
	f.Close()
	if err := os.Chdir(dir); err != nil {
		return err
	}
	if wd, err := syscall.Getwd(); err != nil || wd != dir {
		return fmt.Errorf("the current directory is %q, %v; not %q", wd, err, dir)
	}
	if err := unmount(dir, 0); err != syscall.EBUSY {
		return fmt.Errorf("unmount of the current directory: %v", err)
	}
	os.Chdir("/")
	if err := unmount(dir, 0); err != nil {
		return fmt.Errorf("unmount: %v", err)
	}
	if l := list(dir); l != "below" {
		return fmt.Errorf("after it there is %q", l)
	}
	// By force, while a file is open: that is dead, and says so.
	if err := mount("memfs", dir, 0); err != nil {
		return err
	}
	if l := list(dir); l != "" {
		return fmt.Errorf("the second mount has %q", l)
	}
	if f, err = os.Create(filepath.Join(dir, "open")); err != nil {
		return err
	}
	if err := unmount(dir, 0x80000); err != nil {
		return fmt.Errorf("unmount by force: %v", err)
	}
	if _, err := f.WriteString("x"); !errors.Is(err, syscall.ENXIO) {
		return fmt.Errorf("writing to what was unmounted: %v", err)
	}
	f.Close()
	// Read only.
	if err := mount("memfs", dir, 1); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); !errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("mkdir where nothing may be written: %v", err)
	}
	if err := unmount(dir, 0); err != nil {
		return err
	}
	fmt.Println("memfs ok")
	return nil
}

func used(dir string) error {
	at := func(name string) string { return filepath.Join(dir, name) }
	big := bytes.Repeat([]byte("0123456789abcdef"), 20000)
	steps := []struct {
		name string
		do   func() error
		want error
	}{
		{"write", func() error { return os.WriteFile(at("a"), []byte("Hello"), 0o640) }, nil},
		{"write big", func() error { return os.WriteFile(at("big"), big, 0o644) }, nil},
		{"mkdir", func() error { return os.Mkdir(at("d"), 0o755) }, nil},
		{"mkdir again", func() error { return os.Mkdir(at("d"), 0o755) }, syscall.EEXIST},
		{"create below", func() error { return os.WriteFile(at("d/b"), []byte("below"), 0o644) }, nil},
		{"create below a file", func() error { return os.WriteFile(at("a/b"), nil, 0o644) }, syscall.ENOTDIR},
		{"a name too long", func() error { return os.WriteFile(at(strings.Repeat("n", 256)), nil, 0o644) }, syscall.ENAMETOOLONG},
		{"the longest name", func() error { return os.WriteFile(at(strings.Repeat("n", 255)), nil, 0o644) }, nil},
		{"unlink it", func() error { return os.Remove(at(strings.Repeat("n", 255))) }, nil},
		{"rename", func() error { return syscall.Rename(at("a"), at("d/a")) }, nil},
		{"rename what is gone", func() error { return syscall.Rename(at("a"), at("c")) }, syscall.ENOENT},
		{"rename into itself", func() error { return syscall.Rename(at("d"), at("d/e")) }, syscall.EINVAL},
		{"rename a file over a directory", func() error { return syscall.Rename(at("big"), at("d")) }, syscall.EISDIR},
		{"rename out of it", func() error { return syscall.Rename(at("big"), dir+".big") }, syscall.EXDEV},
		{"symlink", func() error { return os.Symlink("d/a", at("l")) }, nil},
		{"link", func() error { return os.Link(at("d/a"), at("h")) }, nil},
		{"rmdir of what isn't empty", func() error { return syscall.Rmdir(at("d")) }, syscall.ENOTEMPTY},
		{"rmdir of a file", func() error { return syscall.Rmdir(at("h")) }, syscall.ENOTDIR},
		{"unlink of a directory", func() error { return syscall.Unlink(at("d")) }, syscall.EPERM},
		{"chmod", func() error { return os.Chmod(at("h"), 0o600) }, nil},
		{"times", func() error {
			if err := os.Chtimes(at("h"), time.Unix(1000, 0), time.Unix(2000, 5)); err != nil {
				return err
			}
			var st syscall.Stat_t
			if err := syscall.Stat(at("h"), &st); err != nil || st.Atimespec.Sec != 1000 || st.Mtimespec.Sec != 2000 {
				return fmt.Errorf("times are %v %v, %v", st.Atimespec, st.Mtimespec, err)
			}
			return nil
		}, nil},
		{"exclusive", func() error {
			_, err := os.OpenFile(at("h"), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o644)
			return err
		}, syscall.EEXIST},
	}
	for _, s := range steps {
		err := s.do()
		if s.want == nil && err != nil || s.want != nil && !errors.Is(err, s.want) {
			return fmt.Errorf("%s: %v, want %v", s.name, err, s.want)
		}
	}
	if l := list(dir); l != "big d/ h l" {
		return fmt.Errorf("it has %q", l)
	}
	for name, want := range map[string]string{"l": "Hello", "h": "Hello", "d/b": "below", "big": string(big)} {
		if b, err := os.ReadFile(at(name)); err != nil || string(b) != want {
			return fmt.Errorf("%s has %.20q, %v", name, b, err)
		}
	}
	if to, err := os.Readlink(at("l")); err != nil || to != "d/a" {
		return fmt.Errorf("the link leads to %q, %v", to, err)
	}
	st, err := os.Stat(at("h"))
	if err != nil {
		return err
	}
	sys := st.Sys().(*syscall.Stat_t)
	if st.Mode() != 0o600 || st.Size() != 5 || sys.Nlink != 2 || !st.ModTime().Equal(time.Unix(2000, 5)) {
		return fmt.Errorf("the attributes are %v %d %d %v", st.Mode(), st.Size(), sys.Nlink, st.ModTime())
	}
	if a, err := os.Stat(at("d/a")); err != nil || !os.SameFile(a, st) {
		return fmt.Errorf("the two links are two files (%v)", err)
	}
	// Appending, holes and truncating.
	f, err := os.OpenFile(at("h"), os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	f.WriteString(", world")
	if err := f.Truncate(14); err != nil {
		return err
	}
	f.Close()
	if b, _ := os.ReadFile(at("l")); string(b) != "Hello, world\x00\x00" {
		return fmt.Errorf("appended, it has %q", b)
	}
	// A file that is unlinked is there as long as it is open.
	if f, err = os.Open(at("d/b")); err != nil {
		return err
	}
	if err := os.Remove(at("d/b")); err != nil {
		return err
	}
	b := make([]byte, 10)
	if n, err := f.Read(b); err != nil || string(b[:n]) != "below" {
		return fmt.Errorf("unlinked, it has %q, %v", b[:n], err)
	}
	f.Close()
	// A mapped file is what is read and written.
	if f, err = os.OpenFile(at("big"), os.O_RDWR, 0); err != nil {
		return err
	}
	m, err := syscall.Mmap(int(f.Fd()), 0, len(big), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("mmap: %v", err)
	}
	if !bytes.Equal(m, big) {
		return errors.New("mapped, it has something else")
	}
	copy(m[5000:], "mapped")
	if _, err := f.ReadAt(b[:6], 5000); err != nil || string(b[:6]) != "mapped" {
		return fmt.Errorf("written by the map, it has %q, %v", b[:6], err)
	}
	syscall.Munmap(m)
	f.Close()
	// Many entries, in more than one block.
	if err := os.Mkdir(at("many"), 0o755); err != nil {
		return err
	}
	for i := range 500 {
		if err := os.WriteFile(at(fmt.Sprintf("many/a file with number %04d", i)), nil, 0o644); err != nil {
			return err
		}
	}
	l, err := os.ReadDir(at("many"))
	if err != nil || len(l) != 500 || l[499].Name() != "a file with number 0499" {
		return fmt.Errorf("many has %d entries, %v", len(l), err)
	}
	if err := os.RemoveAll(at("many")); err != nil {
		return err
	}
	if err := readAndRemove(at("many")); err != nil {
		return err
	}
	// The current directory and the one it was in are removed: there is no way up.
	if err := os.MkdirAll(at("gone/below"), 0o755); err != nil {
		return err
	}
	if err := os.Chdir(at("gone/below")); err != nil {
		return err
	}
	if err := syscall.Rmdir(at("gone/below")); err != nil {
		return err
	}
	if err := syscall.Rmdir(at("gone")); err != nil {
		return err
	}
	if _, err := os.ReadDir(".."); !errors.Is(err, syscall.ENOENT) {
		return fmt.Errorf("above a directory that was removed: %v", err)
	}
	if err := syscall.Rename(at("h"), "h"); !errors.Is(err, syscall.ENOENT) {
		return fmt.Errorf("rename into a directory that was removed: %v", err)
	}
	if err := syscall.Mkdir("d", 0o755); !errors.Is(err, syscall.ENOENT) {
		return fmt.Errorf("mkdir in a directory that was removed: %v", err)
	}
	// What is truncated gives its room back.
	if err := truncated(dir); err != nil {
		return err
	}
	if err := os.Chdir(at("d")); err != nil {
		return err
	}
	if wd, err := syscall.Getwd(); err != nil || wd != at("d") {
		return fmt.Errorf("the current directory is %q, %v", wd, err)
	}
	if _, err := os.Stat("../../" + filepath.Base(dir) + "/l"); err != nil {
		return fmt.Errorf("up and down again: %v", err)
	}
	os.Chdir("/")
	// The limit of 16 MB.
	if err := os.WriteFile(at("all"), make([]byte, 17<<20), 0o644); !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("more than there is room for: %v", err)
	}
	var sf syscall.Statfs_t
	if err := syscall.Statfs(dir, &sf); err != nil || sf.Bsize != 4096 || sf.Blocks != 4096 || sf.Files != 10000 || sf.Bfree >= sf.Blocks {
		return fmt.Errorf("statfs: %v %d %d %d", err, sf.Bsize, sf.Blocks, sf.Files)
	}
	str := func(b []int8) string {
		var s []byte
		for _, c := range b {
			if c == 0 {
				break
			}
			s = append(s, byte(c))
		}
		return string(s)
	}
	if t, on, from := str(sf.Fstypename[:]), str(sf.Mntonname[:]), str(sf.Mntfromname[:]); t != "memfs" || on != dir || from != "memory" {
		return fmt.Errorf("statfs: %s on %s from %s", t, on, from)
	}
	return nil
}

// readAndRemove removes the entries of a directory in turn with reading it, a few at a time.
func readAndRemove(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for i := range 1000 {
		if err := os.WriteFile(fmt.Sprintf("%s/to be removed %04d", dir, i), nil, 0o644); err != nil {
			return err
		}
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	removed := 0
	for {
		names, err := f.Readdirnames(5)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := syscall.Unlink(filepath.Join(dir, name)); err != nil {
				return fmt.Errorf("%s: %v", name, err)
			}
			removed++
		}
	}
	if err := syscall.Rmdir(dir); err != nil {
		return fmt.Errorf("rmdir after %d were read and removed: %v", removed, err)
	}
	return nil
}

// truncated wants a file's room to be free again when it is truncated.
func truncated(dir string) error {
	free := func() (uint64, error) {
		var sf syscall.Statfs_t
		err := syscall.Statfs(dir, &sf)
		return sf.Bfree, err
	}
	before, err := free()
	if err != nil {
		return err
	}
	name := filepath.Join(dir, "truncated")
	if err := os.WriteFile(name, make([]byte, 1<<20), 0o644); err != nil {
		return err
	}
	if err := os.Truncate(name, 0); err != nil {
		return err
	}
	if after, err := free(); err != nil || after != before {
		return fmt.Errorf("%d blocks were free before, %d after a file was truncated, %v", before, after, err)
	}
	return os.Remove(name)
}

// nonsense mounts a badfs and wants an error for each thing that it does wrong. With another
// argument it looks that name up in the end, which fails.
func nonsense() error {
	dir := os.Args[2]
	if err := mount("badfs", dir, 0); err != nil {
		return err
	}
	stat := func(name string) error {
		var st syscall.Stat_t
		return syscall.Lstat(filepath.Join(dir, name), &st)
	}
	for name, want := range map[string]error{"null": syscall.EIO, "wild": syscall.EIO, "mount": syscall.EIO, "unheld": syscall.EIO,
		"errno": syscall.EIO, "minus": syscall.EIO, "just": syscall.ENOENT, "none": syscall.ENOENT, "type": syscall.EINVAL,
		"size": syscall.EINVAL, "odd": nil} {
		if err := stat(name); err != want {
			return fmt.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	if l, err := os.ReadDir(filepath.Join(dir, "deleted")); err != nil || len(l) != 1 || l[0].Name() != "abc" {
		return fmt.Errorf("reading deleted: %v, %v", l, err)
	}
	for _, name := range []string{"slash", "nulname", "short", "long", "still"} {
		if l, err := os.ReadDir(filepath.Join(dir, name)); !errors.Is(err, syscall.EIO) {
			return fmt.Errorf("reading %s: %v, %v", name, l, err)
		}
	}
	for _, name := range []string{"empty", "big"} {
		if to, err := os.Readlink(filepath.Join(dir, name)); !errors.Is(err, syscall.EIO) {
			return fmt.Errorf("the link %s: %q, %v", name, to, err)
		}
	}
	var st syscall.Stat_t
	if err := syscall.Stat(filepath.Join(dir, "odd"), &st); err != nil || st.Size != 1<<63-1 || st.Nlink != 0xffff || st.Mode != 0o107777 {
		return fmt.Errorf("odd attributes: %v %d %d %#o", err, st.Size, st.Nlink, st.Mode)
	}
	f, err := os.Open(filepath.Join(dir, "odd"))
	if err != nil {
		return err
	}
	if n, err := f.Read(make([]byte, 10)); n != 0 {
		return fmt.Errorf("odd has %d bytes, %v", n, err)
	}
	if at, err := f.Seek(0, 1); at != 0 || err != nil {
		return fmt.Errorf("reading nothing led to %d, %v", at, err)
	}
	f.Close()
	if f, err = os.Open(filepath.Join(dir, "early")); !errors.Is(err, syscall.EIO) {
		return fmt.Errorf("early: %v, %v", f, err)
	}
	if f, err = os.Create(filepath.Join(dir, "new")); !errors.Is(err, syscall.EIO) {
		return fmt.Errorf("a new file that is a directory: %v, %v", f, err)
	}
	if err := os.Mkdir(filepath.Join(dir, "new"), 0o755); !errors.Is(err, syscall.ENOTSUP) {
		return fmt.Errorf("what the file system doesn't do: %v", err)
	}
	if len(os.Args) > 3 {
		if err := stat(os.Args[3]); err != syscall.EIO {
			return fmt.Errorf("%s: %v", os.Args[3], err)
		}
		if err := stat("odd"); err != syscall.EIO {
			return fmt.Errorf("of an extension that has panicked: %v", err)
		}
		if len(os.Args) > 4 {
			fmt.Println("badfs ok")
			return nil
		}
	}
	if err := unmount(dir, 0); err != nil {
		return fmt.Errorf("unmount: %v", err)
	}
	fmt.Println("badfs ok")
	return nil
}

// reboot mounts a memfs with a file open, and ends the machine.
func reboot() error {
	if err := mount("memfs", os.Args[2], 0); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(os.Args[2], "open"))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(1 << 16); err != nil {
		return err
	}
	m, err := syscall.Mmap(int(f.Fd()), 0, 1<<16, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return err
	}
	copy(m[5000:], "dirty")
	fmt.Println("rebooting")
	_, _, e := syscall.Syscall(55, 8, 0, 0)
	return fmt.Errorf("reboot: %v", e)
}

// rebootAgain asks for the machine's end until it has it, deaf to SIGTERM.
func rebootAgain() error {
	signal.Ignore(syscall.SIGTERM)
	fmt.Println("rebooting")
	for {
		if _, _, e := syscall.Syscall(55, 8, 0, 0); e != 0 && e != syscall.EINTR {
			return e
		}
	}
}
