package hostfs

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
)

// world is a tree over a temporary directory of the host.
type world struct {
	t    *testing.T
	dir  string
	fs   *FS
	tree *vfs.Tree
	ns   *vfs.Namespace
	ctx  *sys.Context
}

func boot(t *testing.T) *world {
	t.Helper()
	before := openFds(t)
	m := &world{t: t, dir: t.TempDir(), ctx: &sys.Context{
		Thread: sched.NewThread("test"),
		Cred:   &sys.Cred{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())},
		PID:    1, Umask: 0o022,
	}}
	fs, e := New(m.dir)
	m.ok(e)
	tree, e := vfs.NewTree(fs, "apfs", "/dev/disk1s1", 0)
	m.ok(e)
	m.fs, m.tree, m.ns = fs, tree, tree.NewNamespace()
	t.Cleanup(func() {
		m.ns.Release()
		if n := fs.Live(); n != 1 && !t.Failed() {
			t.Errorf("%d vnodes live at the end, want the root alone", n)
		}
		fs.Unmount(m.ctx, true)
		if after := openFds(t); after != before && !t.Failed() {
			t.Errorf("host descriptors: %d before, %d after", before, after)
		}
	})
	return m
}

var pollOnce sync.Once

func openFds(t *testing.T) int {
	pollOnce.Do(func() { // the runtime's poller keeps descriptors of its own
		r, w, _ := os.Pipe()
		r.Close()
		w.Close()
	})
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func (m *world) ok(e abi.Errno) {
	m.t.Helper()
	if e != 0 {
		m.t.Fatalf("%s", e.Name())
	}
}

func (m *world) want(what string, got, want abi.Errno) {
	m.t.Helper()
	if got != want {
		m.t.Errorf("%s: got %s, want %s", what, got.Name(), want.Name())
	}
}

func (m *world) open(path string, flags int) *sys.OpenFile {
	m.t.Helper()
	of, e := vfs.Open(m.ctx, m.ns, nil, path, flags, 0o666)
	if e != 0 {
		m.t.Fatalf("open %s: %s", path, e.Name())
	}
	return of
}

func (m *world) close(of *sys.OpenFile) { m.t.Helper(); m.ok(of.Unref(m.ctx)) }

func (m *world) write(path, data string) {
	m.t.Helper()
	of := m.open(path, abi.O_WRONLY|abi.O_CREAT|abi.O_TRUNC)
	defer m.close(of)
	m.ok(of.Ops.Write(m.ctx, sys.NewUio([]byte(data)), of.Flags()))
}

func (m *world) read(path string) string {
	m.t.Helper()
	of := m.open(path, abi.O_RDONLY)
	defer m.close(of)
	b := make([]byte, 4096)
	u := sys.NewUio(b)
	m.ok(of.Ops.Read(m.ctx, u, of.Flags()))
	return string(b[:u.Offset])
}

func (m *world) native(name string) string { return filepath.Join(m.dir, name) }

func TestFileLife(t *testing.T) {
	m := boot(t)
	m.write("/a", "hello")
	m.write("a", "hello world") // the current directory is the root
	if got := m.read("/a"); got != "hello world" {
		t.Errorf("read %q", got)
	}
	if b, _ := os.ReadFile(m.native("a")); string(b) != "hello world" {
		t.Errorf("on the host: %q", b)
	}
	if fi, _ := os.Stat(m.native("a")); fi.Mode().Perm() != 0o644 {
		t.Errorf("mode %v, want 0644 (umask)", fi.Mode())
	}
	of := m.open("/a", abi.O_RDWR)
	m.ok(of.Ops.Write(m.ctx, &sys.Uio{Iov: [][]byte{[]byte("HE"), {}, []byte("LLO")}, Resid: 5}, of.Flags()))
	a, b := make([]byte, 3), make([]byte, 100)
	u := sys.NewUio(a, b)
	m.ok(of.Ops.Read(m.ctx, u, of.Flags()))
	if got := string(a) + string(b[:u.Offset-3]); got != "HELLO world" {
		t.Errorf("scattered read %q", got)
	}
	of2 := m.open("/a", abi.O_RDONLY)
	if vfs.VnodeOf(of) != vfs.VnodeOf(of2) {
		t.Error("two opens of a file have two vnodes")
	}
	m.want("write by a reader", of2.Ops.Close(m.ctx), 0)
	of2 = m.open("/a", abi.O_WRONLY|abi.O_APPEND)
	u = sys.NewUio([]byte("!"))
	m.ok(of2.Ops.Write(m.ctx, u, of2.Flags()))
	if u.Offset != 12 {
		t.Errorf("offset after append %d", u.Offset)
	}
	m.close(of2)
	m.ok(vfs.Unlink(m.ctx, m.ns, nil, "/a"))
	var st abi.Stat
	m.ok(of.Ops.Stat(m.ctx, &st))
	if st.Nlink != 0 || st.Size != 12 {
		t.Errorf("unlinked and open: %+v", st)
	}
	if _, e := m.ns.GetPath(m.ctx, vfs.VnodeOf(of)); e != abi.ENOENT {
		t.Errorf("path of an unlinked file: %v", e)
	}
	m.close(of)
}

// TestErrors compares with Darwin's manual pages, where Linux differs, and with
// Linux elsewhere.
func TestErrors(t *testing.T) {
	m := boot(t)
	ctx, ns := m.ctx, m.ns
	m.write("f", "x")
	m.ok(vfs.Mkdir(ctx, ns, nil, "d", 0o755))
	m.ok(vfs.Mkdir(ctx, ns, nil, "d/e", 0o755))
	m.ok(vfs.Symlink(ctx, ns, "d", nil, "ld"))
	m.ok(vfs.Symlink(ctx, ns, "f", nil, "lf"))
	m.ok(vfs.Symlink(ctx, ns, "nowhere", nil, "ln"))
	m.ok(vfs.Symlink(ctx, ns, "loop", nil, "loop"))
	open := func(path string, flags int) abi.Errno {
		of, e := vfs.Open(ctx, ns, nil, path, flags, 0o644)
		if e == 0 {
			m.close(of)
		}
		return e
	}
	var st abi.Stat
	long := strings.Repeat("x", 256)
	for round := 0; round < 2; round++ { // the second with a warm plain cache
		for _, c := range []struct {
			what      string
			got, want abi.Errno
		}{
			{"unlink dir", vfs.Unlink(ctx, ns, nil, "d"), abi.EPERM},
			{"unlink nothing", vfs.Unlink(ctx, ns, nil, "none"), abi.ENOENT},
			{"unlink f/", vfs.Unlink(ctx, ns, nil, "f/"), abi.ENOTDIR},
			{"rmdir f", vfs.Rmdir(ctx, ns, nil, "f"), abi.ENOTDIR},
			{"rmdir d", vfs.Rmdir(ctx, ns, nil, "d"), abi.ENOTEMPTY},
			{"rmdir d/.", vfs.Rmdir(ctx, ns, nil, "d/."), abi.EINVAL},
			{"rmdir d/e/..", vfs.Rmdir(ctx, ns, nil, "d/e/.."), abi.ENOTEMPTY},
			{"rmdir /", vfs.Rmdir(ctx, ns, nil, "/"), abi.EISDIR},
			{"mkdir /", vfs.Mkdir(ctx, ns, nil, "/", 0o755), abi.EEXIST},
			{"mkdir d", vfs.Mkdir(ctx, ns, nil, "d", 0o755), abi.EEXIST},
			{"mkdir d/", vfs.Mkdir(ctx, ns, nil, "d/", 0o755), abi.EEXIST},
			{"mkdir f/x", vfs.Mkdir(ctx, ns, nil, "f/x", 0o755), abi.ENOTDIR},
			{"mkdir none/x", vfs.Mkdir(ctx, ns, nil, "none/x", 0o755), abi.ENOENT},
			{"symlink exists", vfs.Symlink(ctx, ns, "x", nil, "f"), abi.EEXIST},
			{"link dir", vfs.Link(ctx, ns, nil, "d", nil, "d2", true), abi.EPERM},
			{"link exists", vfs.Link(ctx, ns, nil, "f", nil, "lf", true), abi.EEXIST},
			{"rename nothing", vfs.Rename(ctx, ns, nil, "none", nil, "x", 0), abi.ENOENT},
			{"rename into itself", vfs.Rename(ctx, ns, nil, "d", nil, "d/e/x", 0), abi.EINVAL},
			{"rename f to d", vfs.Rename(ctx, ns, nil, "f", nil, "d", 0), abi.EISDIR},
			{"rename d to f", vfs.Rename(ctx, ns, nil, "d", nil, "f", 0), abi.ENOTDIR},
			{"rename excl", vfs.Rename(ctx, ns, nil, "f", nil, "lf", abi.RENAME_EXCL), abi.EEXIST},
			{"rename swap none", vfs.Rename(ctx, ns, nil, "f", nil, "none", abi.RENAME_SWAP), abi.ENOENT},
			{"rename .", vfs.Rename(ctx, ns, nil, ".", nil, "x", 0), abi.EINVAL},
			{"rename f to x/", vfs.Rename(ctx, ns, nil, "f", nil, "x/", 0), abi.ENOENT},
			{"open dir for writing", open("d", abi.O_RDWR), abi.EISDIR},
			{"open dir", open("d", abi.O_RDONLY), 0},
			{"open f with O_DIRECTORY", open("f", abi.O_DIRECTORY), abi.ENOTDIR},
			{"open f/", open("f/", abi.O_RDONLY), abi.ENOTDIR},
			{"open d/", open("d/", abi.O_RDONLY), 0},
			{"open new/ O_CREAT", open("new/", abi.O_RDWR|abi.O_CREAT), abi.ENOENT},
			{"open lf O_NOFOLLOW", open("lf", abi.O_NOFOLLOW), abi.ELOOP},
			{"open lf O_SYMLINK", open("lf", abi.O_SYMLINK), 0},
			// vn_authorize_open_existing looks for a directory first.
			{"open ld O_NOFOLLOW|O_DIRECTORY", open("ld", abi.O_NOFOLLOW|abi.O_DIRECTORY), abi.ENOTDIR},
			{"open ld O_NOFOLLOW_ANY|O_DIRECTORY", open("ld", abi.O_NOFOLLOW_ANY|abi.O_DIRECTORY), abi.ELOOP},
			{"open loop O_DIRECTORY", open("loop", abi.O_DIRECTORY), abi.ELOOP},
			{"open ld/e O_NOFOLLOW_ANY", open("ld/e", abi.O_NOFOLLOW_ANY), abi.ELOOP},
			{"open ld O_DIRECTORY", open("ld", abi.O_DIRECTORY), 0},
			{"open loop", open("loop", 0), abi.ELOOP},
			{"open excl", open("lf", abi.O_CREAT|abi.O_EXCL|abi.O_RDWR), abi.EEXIST},
			{"open excl dangling", open("ln", abi.O_CREAT|abi.O_EXCL|abi.O_RDWR), abi.EEXIST},
			{"open mode 3", open("f", 3), abi.EINVAL},
			{"open empty", open("", 0), abi.ENOENT},
			{"open long name", open(long, 0), abi.ENAMETOOLONG},
			{"open long name O_CREAT", open("d/"+long, abi.O_CREAT|abi.O_RDWR), abi.ENAMETOOLONG},
			{"open long path", open(strings.Repeat("d/../", 210), 0), abi.ENAMETOOLONG},
			{"stat f/x", vfs.Stat(ctx, ns, nil, "f/x", true, &st), abi.ENOTDIR},
			{"stat ln", vfs.Stat(ctx, ns, nil, "ln", true, &st), abi.ENOENT},
			{"lstat ln", vfs.Stat(ctx, ns, nil, "ln", false, &st), 0},
			{"lstat ln/", vfs.Stat(ctx, ns, nil, "ln/", false, &st), abi.ENOENT},
			{"lstat lf/", vfs.Stat(ctx, ns, nil, "lf/", false, &st), abi.ENOTDIR},
			{"stat d/e/../../f", vfs.Stat(ctx, ns, nil, "d/e/../../f", false, &st), 0},
			{"stat ../../f", vfs.Stat(ctx, ns, nil, "../../f", false, &st), 0},
			{"access X", vfs.Access(ctx, ns, nil, "f", abi.X_OK, true), abi.EACCES},
			{"access bad", vfs.Access(ctx, ns, nil, "f", 8, true), abi.EINVAL},
			{"truncate dir", vfs.ApplyPath(ctx, ns, nil, "d", true, &vfs.SetAttr{Valid: vfs.AttrSize}), abi.EISDIR},
			{"truncate -1", vfs.ApplyPath(ctx, ns, nil, "f", true, &vfs.SetAttr{Valid: vfs.AttrSize, Size: -1}), abi.EINVAL},
			{"chdir f", ns.Chdir(ctx, "f"), abi.ENOTDIR},
			{"stat d/e", vfs.Stat(ctx, ns, nil, "d/e", false, &st), 0},
			{"stat ld/e", vfs.Stat(ctx, ns, nil, "ld/e", false, &st), 0},
		} {
			m.want(c.what, c.got, c.want)
		}
	}
	if _, e := vfs.Readlink(ctx, ns, nil, "f"); e != abi.EINVAL {
		t.Errorf("readlink of a file: %v", e)
	}
	m.want("O_CREAT through a dangling link", open("ln", abi.O_CREAT|abi.O_RDWR), 0)
	if _, err := os.Lstat(m.native("nowhere")); err != nil {
		t.Error("the link's target was not made")
	}
	vfs.Stat(ctx, ns, nil, "ld/", false, &st)
	if st.Mode&abi.S_IFMT != abi.S_IFDIR {
		t.Error("lstat of link/ should give the directory")
	}
	// Darwin: a link with a slash is the directory it leads to.
	m.want("rename ld/ to moved", vfs.Rename(ctx, ns, nil, "ld/", nil, "moved", 0), 0)
	if fi, err := os.Lstat(m.native("moved")); err != nil || !fi.IsDir() {
		t.Error("rename of link/ did not move the directory")
	}
	if got, _ := vfs.Readlink(ctx, ns, nil, "ld"); got != "d" {
		t.Error("rename of link/ touched the link")
	}
}

func TestStatIsHosts(t *testing.T) {
	m := boot(t)
	m.write("f", "some data")
	m.ok(vfs.Link(m.ctx, m.ns, nil, "f", nil, "g", true))
	var h unix.Stat_t
	if err := unix.Stat(m.native("f"), &h); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 2; i++ {
		var st abi.Stat
		m.ok(vfs.Stat(m.ctx, m.ns, nil, "/g", true, &st))
		if st.Ino != h.Ino || st.Size != 9 || st.Nlink != 2 || uint32(st.Mode) != h.Mode ||
			st.Mtime.Sec != h.Mtim.Sec || st.Mtime.Nsec != h.Mtim.Nsec || st.UID != h.Uid || st.Blocks != h.Blocks {
			t.Errorf("%+v is not the host's %+v", st, h)
		}
		if st.Birthtime.Sec == 0 {
			t.Error("no birth time")
		}
	}
	a, e := vfs.Utimes(&[2]abi.Timespec{{Sec: 1000, Nsec: 5}, {Sec: 2000, Nsec: -2}})
	m.ok(e)
	m.ok(vfs.ApplyPath(m.ctx, m.ns, nil, "f", true, a))
	var st abi.Stat
	m.ok(vfs.Stat(m.ctx, m.ns, nil, "f", true, &st))
	if st.Atime != (abi.Timespec{Sec: 1000, Nsec: 5}) || st.Mtime.Sec != h.Mtim.Sec {
		t.Errorf("utimensat: %+v %+v", st.Atime, st.Mtime)
	}
	m.ok(vfs.ApplyPath(m.ctx, m.ns, nil, "f", true, &vfs.SetAttr{Valid: vfs.AttrMode, Mode: 0o4751}))
	m.ok(vfs.ApplyPath(m.ctx, m.ns, nil, "f", true, &vfs.SetAttr{Valid: vfs.AttrSize, Size: 3}))
	m.ok(vfs.Stat(m.ctx, m.ns, nil, "f", true, &st))
	if st.Size != 3 || st.Mode&0o777 != 0o751 {
		t.Errorf("after truncate and chmod: %+v", st)
	}
}

// TestReaddirRemoved: what is left of a directory that was removed while it was read is
// nothing, and no error, from any place.
func TestReaddirRemoved(t *testing.T) {
	m := boot(t)
	for round := range 2 {
		m.ok(vfs.Mkdir(m.ctx, m.ns, nil, "gone", 0o700))
		of := m.open("gone", abi.O_RDONLY)
		for range round {
			m.write("gone/1", "")
			m.write("gone/2", "")
			if _, _, _, e := vfs.Getdirentries(m.ctx, of, 4096, false); e != 0 {
				t.Error(e)
			}
			m.ok(vfs.Unlink(m.ctx, m.ns, nil, "gone/1"))
			m.ok(vfs.Unlink(m.ctx, m.ns, nil, "gone/2"))
		}
		m.ok(vfs.Rmdir(m.ctx, m.ns, nil, "gone"))
		for range 2 {
			buf, _, _, e := vfs.Getdirentries(m.ctx, of, 4096, false)
			if len(buf) != 0 || e != 0 {
				t.Errorf("round %d: %d bytes, %v", round, len(buf), e)
			}
			_, e = vfs.Lseek(m.ctx, of, 0, abi.SEEK_SET)
			m.ok(e)
		}
		m.close(of)
	}
}

func TestReaddir(t *testing.T) {
	m := boot(t)
	want := map[string]bool{".": true, "..": true}
	for i := 0; i < 500; i++ {
		name := strings.Repeat("n", i%40) + string(rune('a'+i%26)) + string(appendInt(nil, i))
		want[name] = true
		m.write(name, "")
	}
	of := m.open(".", abi.O_RDONLY)
	defer m.close(of)
	list := func(size int) (names []string, offs []int64) {
		for {
			buf, _, eof, e := vfs.Getdirentries(m.ctx, of, size, false)
			m.ok(e)
			for len(buf) > 0 {
				n := int(buf[16]) | int(buf[17])<<8
				k := int(buf[18]) | int(buf[19])<<8
				if n%8 != 0 || buf[21+k] != 0 {
					t.Fatalf("bad record % x", buf[:n])
				}
				names = append(names, string(buf[21:21+k]))
				off := int64(0)
				for i := 7; i >= 0; i-- {
					off = off<<8 | int64(buf[8+i])
				}
				offs = append(offs, off)
				buf = buf[n:]
			}
			if eof {
				return
			}
		}
	}
	names, offs := list(333)
	seen := map[string]bool{}
	for _, n := range names {
		if seen[n] || !want[n] {
			t.Errorf("%q twice or unexpected", n)
		}
		seen[n] = true
	}
	if len(seen) != len(want) {
		t.Errorf("%d of %d names", len(seen), len(want))
	}
	// seekdir: from any remembered position the rest follows.
	for _, i := range []int{0, 1, 77, 250, len(names) - 2} {
		_, e := vfs.Lseek(m.ctx, of, offs[i], abi.SEEK_SET)
		m.ok(e)
		rest, _ := list(4096)
		if len(rest) != len(names)-i-1 || rest[0] != names[i+1] {
			t.Errorf("after seek behind %d: %d names", i, len(rest))
		}
	}
	_, e := vfs.Lseek(m.ctx, of, 0, abi.SEEK_SET)
	m.ok(e)
	if _, _, _, e := vfs.Getdirentries(m.ctx, of, 8, false); e != abi.EINVAL {
		t.Errorf("a buffer too small: %v", e)
	}
}

func TestPaths(t *testing.T) {
	m := boot(t)
	m.ok(vfs.Mkdir(m.ctx, m.ns, nil, "/a", 0o755))
	m.ok(vfs.Mkdir(m.ctx, m.ns, nil, "/a/b", 0o755))
	m.write("/a/b/f", "1")
	child := m.ns.Fork()
	defer child.Release()
	m.ok(child.Chdir(m.ctx, "a/b"))
	cwd := child.Cwd()
	defer cwd.Unref()
	if p, _ := child.GetPath(m.ctx, cwd); p != "/a/b" {
		t.Errorf("cwd %q", p)
	}
	m.ok(vfs.Rename(m.ctx, m.ns, nil, "/a", nil, "/z", 0))
	if p, _ := child.GetPath(m.ctx, cwd); p != "/z/b" {
		t.Errorf("cwd after rename %q", p)
	}
	var st abi.Stat
	m.want("relative", vfs.Stat(m.ctx, child, nil, "f", true, &st), 0)
	m.want("dotdot", vfs.Stat(m.ctx, child, nil, "../b/f", true, &st), 0)
	if os.Geteuid() != 0 {
		return
	}
	m.ok(child.Chroot(m.ctx, "/z"))
	if p, _ := child.GetPath(m.ctx, cwd); p != "/b" {
		t.Errorf("in the jail cwd is %q", p)
	}
	m.ok(vfs.Symlink(m.ctx, m.ns, "/b/f", nil, "/z/link"))
	for i := 0; i < 2; i++ {
		m.want("absolute link in the jail", vfs.Stat(m.ctx, child, nil, "/link", true, &st), 0)
		m.want("up from the jail", vfs.Stat(m.ctx, child, nil, "/../../b/f", true, &st), 0)
		m.want("out of the jail", vfs.Stat(m.ctx, child, nil, "/z/b", true, &st), abi.ENOENT)
	}
}

// TestLinkReplacesDirectory: what was known of a path must not outlive it.
func TestLinkReplacesDirectory(t *testing.T) {
	m := boot(t)
	ctx, ns := m.ctx, m.ns
	for _, d := range []string{"/p", "/p/q", "/other", "/other/q"} {
		m.ok(vfs.Mkdir(ctx, ns, nil, d, 0o755))
	}
	m.write("/p/q/f", "old")
	m.write("/other/q/f", "new one")
	if m.read("/p/q/f")+m.read("/p/q/f") != "oldold" {
		t.Fatal("read")
	}
	m.ok(vfs.Rename(ctx, ns, nil, "/p", nil, "/gone", 0))
	m.ok(vfs.Symlink(ctx, ns, "/other", nil, "/p"))
	if got := m.read("/p/q/f"); got != "new one" {
		t.Errorf("through the new link: %q", got)
	}
	of, e := vfs.Open(ctx, ns, nil, "/p/q/f", abi.O_NOFOLLOW_ANY, 0)
	if e != abi.ELOOP {
		t.Errorf("O_NOFOLLOW_ANY: %v", e)
		m.close(of)
	}
}

// TestLinkFromOutside: a link that somebody else puts in the place of a directory
// is followed in the guest's name space, even right after the path was used.
func TestLinkFromOutside(t *testing.T) {
	m := boot(t)
	outside := t.TempDir()
	os.WriteFile(outside+"/f", []byte("secret"), 0o644)
	m.ok(vfs.Mkdir(m.ctx, m.ns, nil, "/p", 0o755))
	m.ok(vfs.Mkdir(m.ctx, m.ns, nil, "/p/q", 0o755))
	m.write("/p/q/f", "mine")
	m.read("/p/q/f")
	m.read("/p/q/f")
	if err := os.Rename(m.native("p/q"), m.native("p/old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, m.native("p/q")); err != nil {
		t.Fatal(err)
	}
	for _, flags := range []int{abi.O_RDONLY, abi.O_RDWR, abi.O_RDWR | abi.O_CREAT, abi.O_SYMLINK} {
		if of, e := vfs.Open(m.ctx, m.ns, nil, "/p/q/f", flags, 0o644); e != abi.ENOENT {
			t.Errorf("flags %x: got %s, want ENOENT", flags, e.Name())
			if e == 0 {
				m.close(of)
			}
		}
	}
	m.want("unlink", vfs.Unlink(m.ctx, m.ns, nil, "/p/q/f"), abi.ENOENT)
	if _, err := os.Stat(outside + "/f"); err != nil {
		t.Error("a file outside was removed")
	}
}

// TestLinkAttributes: what the host does not store for symbolic links is kept
// beside it, for each link by itself.
func TestLinkAttributes(t *testing.T) {
	m := boot(t)
	ctx, ns := m.ctx, m.ns
	m.ok(vfs.Symlink(ctx, ns, "nowhere", nil, "a"))
	m.ok(vfs.Symlink(ctx, ns, "nowhere", nil, "b"))
	a, e := vfs.Lookup(ctx, ns, nil, "a", false)
	m.ok(e)
	defer a.Unref()
	b, e := vfs.Lookup(ctx, ns, nil, "b", false)
	m.ok(e)
	defer b.Unref()
	m.ok(vfs.Setxattr(ctx, a, "org.example", []byte("value"), 0, abi.XATTR_CREATE))
	if e := vfs.Setxattr(ctx, a, "org.example", nil, 0, abi.XATTR_CREATE); e != abi.EEXIST {
		t.Errorf("made again: %v", e)
	}
	if e := vfs.Setxattr(ctx, b, "org.example", nil, 0, abi.XATTR_REPLACE); e != abi.ENOATTR {
		t.Errorf("replaced on another link: %v", e)
	}
	n := a.Ops.(*node)
	if v, e := n.Getxattr(ctx, "org.example"); e != 0 || string(v) != "value" {
		t.Errorf("%q, %v", v, e)
	}
	if l, e := n.Listxattr(ctx); e != 0 || len(l) != 1 || l[0] != "org.example" {
		t.Errorf("%q, %v", l, e)
	}
	m.ok(vfs.Apply(ctx, a, &vfs.SetAttr{Valid: vfs.AttrMode, Mode: 0o700}))
	var st abi.Stat
	m.ok(m.fs.root.Ops.(*node).StatPath(ctx, "a", &st))
	if st.Mode != abi.S_IFLNK|0o700 {
		t.Errorf("mode %o", st.Mode)
	}
	m.ok(b.Ops.GetAttr(ctx, &st))
	if st.Mode != abi.S_IFLNK|0o777 {
		t.Errorf("mode of the other %o", st.Mode)
	}
	m.ok(n.Removexattr(ctx, "org.example"))
	if _, e := n.Getxattr(ctx, "org.example"); e != abi.ENOATTR {
		t.Errorf("after removal: %v", e)
	}
	if m.fs.links.size != 0 {
		t.Errorf("%d bytes are still counted", m.fs.links.size)
	}
}
