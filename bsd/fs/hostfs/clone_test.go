package hostfs

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/vfs"
)

// TestClone: a clone has the file's data, holes, mode, times and attributes, whatever the
// host's file system can do.
func TestClone(t *testing.T) {
	m := boot(t)
	src, dst := filepath.Join(m.dir, "src"), filepath.Join(m.dir, "dst")
	f, err := os.Create(src)
	if err != nil {
		t.Fatal(err)
	}
	data := bytes.Repeat([]byte("puggle "), 100000)
	f.Write(data)
	f.WriteAt([]byte("far"), 1<<40)
	f.Truncate(1<<40 + 1<<20)
	f.Close()
	old := time.Unix(1000000000, 0)
	os.Chmod(src, 0o640)
	attr := unix.Setxattr(src, "user.note", []byte("kept"), 0) == nil
	os.Chtimes(src, old, old)

	clone := func(from, to string) abi.Errno {
		v, e := vfs.Lookup(m.ctx, m.ns, nil, from, false)
		if e != 0 {
			return e
		}
		defer v.Unref()
		return vfs.Clone(m.ctx, m.ns, v, nil, to, 0)
	}
	m.ok(clone("src", "dst"))
	if e := clone("src", "dst"); e != abi.EEXIST {
		t.Errorf("again: %v", e)
	}
	st, err := os.Stat(dst)
	if err != nil {
		t.Fatal(err)
	}
	var host unix.Stat_t
	unix.Stat(dst, &host)
	if st.Mode() != 0o640 || !st.ModTime().Equal(old) || st.Size() != 1<<40+1<<20 || host.Blocks > 1<<20 {
		t.Errorf("%v, %v, %d bytes, %d blocks", st.Mode(), st.ModTime(), st.Size(), host.Blocks)
	}
	f, err = os.Open(dst)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := make([]byte, len(data))
	f.ReadAt(got, 0)
	far := make([]byte, 5)
	f.ReadAt(far, 1<<40-1)
	if !bytes.Equal(got, data) || string(far) != "\x00far\x00" {
		t.Errorf("other data; %q far away", far)
	}
	b := make([]byte, 9)
	if n, err := unix.Getxattr(dst, "user.note", b); attr && (err != nil || string(b[:n]) != "kept") {
		t.Errorf("the attribute: %q, %v", b[:max(n, 0)], err)
	}
	// What fails leaves nothing behind.
	if e := clone("none", "x"); e != abi.ENOENT {
		t.Errorf("of nothing: %v", e)
	}
	m.ok(vfs.Mkdir(m.ctx, m.ns, nil, "d", 0o755))
	if e := clone("d", "x"); e != abi.ENOTSUP {
		t.Errorf("of a directory: %v", e)
	}
	if _, err := os.Lstat(filepath.Join(m.dir, "x")); err == nil {
		t.Error("a clone that failed is there")
	}
}

// TestCloneTooMuch: where more would have to be copied than may be, there is no clone rather
// than one that lacks data.
func TestCloneTooMuch(t *testing.T) {
	defer func(was int64) { maxCopy = was }(maxCopy)
	maxCopy = 4096
	m := boot(t)
	src, dst := filepath.Join(m.dir, "src"), filepath.Join(m.dir, "dst")
	data := bytes.Repeat([]byte("x"), 3*4096)
	if err := os.WriteFile(src, data, 0o600); err != nil {
		t.Fatal(err)
	}
	v, e := vfs.Lookup(m.ctx, m.ns, nil, "src", false)
	m.ok(e)
	defer v.Unref()
	switch e := vfs.Clone(m.ctx, m.ns, v, nil, "dst", 0); e {
	case 0: // the host shares the data
		if got, err := os.ReadFile(dst); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	case abi.ENOTSUP:
		if _, err := os.Lstat(dst); err == nil {
			t.Error("a clone that failed is there")
		}
	default:
		t.Error(e)
	}
	from, err := os.Open(src)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(filepath.Join(m.dir, "copy"))
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	// A file that has grown after it was looked at.
	if err := copyData(int(to.Fd()), int(from.Fd()), int64(len(data))); err != unix.EOPNOTSUPP {
		t.Errorf("a copy of three times as much: %v", err)
	}
	if err := copyData(int(to.Fd()), int(from.Fd()), 4096); err != nil {
		t.Errorf("a copy of what may be: %v", err)
	}
}
