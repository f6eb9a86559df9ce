package devfs

import (
	"os"
	"strings"
	"testing"

	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/fs/hostfs"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
)

type machine struct {
	t    *testing.T
	tree *vfs.Tree
	ns   *vfs.Namespace
	ctx  *sys.Context
	dir  string
}

// boot composes a machine as the kernel does: host files, /dev, /System, one file
// over the host's, something hidden.
func boot(t *testing.T) (*machine, *FS) {
	m := &machine{t: t, dir: t.TempDir(), ctx: &sys.Context{
		Thread: sched.NewThread("test"), PID: 1, Umask: 0o022,
		Cred: &sys.Cred{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())},
	}}
	for _, d := range []string{"usr", "usr/lib", "dev", "proc", "etc"} {
		os.Mkdir(m.dir+"/"+d, 0o755)
	}
	os.WriteFile(m.dir+"/dev/hostdevice", nil, 0o644)
	os.WriteFile(m.dir+"/proc/secret", nil, 0o644)
	os.WriteFile(m.dir+"/usr/lib/libc.so", nil, 0o644)
	os.WriteFile(m.dir+"/etc/passwd", []byte("root"), 0o644)
	os.Symlink("/dev/null", m.dir+"/tonull")
	os.Symlink("/proc/secret", m.dir+"/tosecret")
	host, e := hostfs.New(m.dir)
	m.ok(e)
	m.tree, e = vfs.NewTree(host, "apfs", "/dev/disk1s1", 0)
	m.ok(e)
	m.tree.OpenDevice = func(ctx *sys.Context, v *vfs.Vnode, rdev int32, flags int) (sys.FileOps, abi.Errno) {
		return dev.Open(ctx, v.Type == vfs.VBLK, rdev, flags)
	}
	devs := New()
	_, e = m.tree.Mount(m.ctx, "/dev", devs, "devfs", "devfs", 0)
	m.ok(e)
	own := ramfs.New(1 << 20)
	_, e = m.tree.Mount(m.ctx, "/System", own, "apfs", "/dev/disk1s2", abi.MNT_RDONLY)
	m.ok(e)
	lib, e := own.AddFile("Library/libSystem.B.dylib", 0o755, []byte("mach-o"))
	m.ok(e)
	lib.Unref()
	single := ramfs.New(1 << 20)
	v, e := single.AddFile("libSystem.B.dylib", 0o755, []byte("mach-o too"))
	m.ok(e)
	m.ok(m.tree.Cover(m.ctx, "/usr/lib/libSystem.B.dylib", v))
	m.ok(m.tree.Whiteout(m.ctx, "/proc"))
	m.ok(m.tree.Whiteout(m.ctx, "/sys"))
	m.ns = m.tree.NewNamespace()
	return m, devs
}

func (m *machine) ok(e abi.Errno) {
	m.t.Helper()
	if e != 0 {
		m.t.Fatal(e.Name())
	}
}

func (m *machine) open(path string, flags int) (*sys.OpenFile, abi.Errno) {
	return vfs.Open(m.ctx, m.ns, nil, path, flags, 0o666)
}

func (m *machine) names(path string) string {
	m.t.Helper()
	of, e := m.open(path, abi.O_RDONLY)
	m.ok(e)
	defer of.Unref(m.ctx)
	var all []string
	for {
		buf, _, eof, e := vfs.Getdirentries(m.ctx, of, 64, false)
		m.ok(e)
		for len(buf) > 0 {
			all = append(all, string(buf[21:21+int(buf[18])]))
			buf = buf[buf[16]:]
		}
		if eof {
			return " " + strings.Join(all, " ") + " "
		}
	}
}

func TestCovers(t *testing.T) {
	m, _ := boot(t)
	ctx, ns := m.ctx, m.ns
	var st abi.Stat
	for i := 0; i < 2; i++ {
		for _, c := range []struct {
			path string
			want abi.Errno
			kind uint16
		}{
			{"/dev/null", 0, abi.S_IFCHR},
			{"/tonull", 0, abi.S_IFCHR},
			{"/dev/hostdevice", abi.ENOENT, 0},
			{"/proc", abi.ENOENT, 0},
			{"/proc/secret", abi.ENOENT, 0},
			{"/tosecret", abi.ENOENT, 0},
			{"/usr/lib/libSystem.B.dylib", 0, abi.S_IFREG},
			{"/usr/lib/libc.so", 0, abi.S_IFREG},
			{"/System/Library/libSystem.B.dylib", 0, abi.S_IFREG},
			{"/dev/../etc/passwd", 0, abi.S_IFREG},
			{"/System/Library/../../etc", 0, abi.S_IFDIR},
			{"/dev/../proc/secret", abi.ENOENT, 0},
			{"/usr/lib/../../dev/zero", 0, abi.S_IFCHR},
		} {
			e := vfs.Stat(ctx, ns, nil, c.path, true, &st)
			if e != c.want || e == 0 && st.Mode&abi.S_IFMT != c.kind {
				t.Errorf("stat %s: %s mode %o", c.path, e.Name(), st.Mode)
			}
		}
	}
	root := m.names("/")
	for name, shown := range map[string]bool{"System": true, "dev": true, "proc": false, "sys": false, "etc": true} {
		if strings.Contains(root, " "+name+" ") != shown || strings.Count(root, " "+name+" ") > 1 {
			t.Errorf("%s in / : %q", name, root)
		}
	}
	if l := m.names("/usr/lib"); !strings.Contains(l, " libSystem.B.dylib ") || !strings.Contains(l, " libc.so ") {
		t.Errorf("/usr/lib: %q", l)
	}
	for _, c := range []struct {
		what      string
		got, want abi.Errno
	}{
		{"rmdir mount point", vfs.Rmdir(ctx, ns, nil, "/dev"), abi.EBUSY},
		{"unlink cover", vfs.Unlink(ctx, ns, nil, "/usr/lib/libSystem.B.dylib"), abi.EBUSY},
		{"rename mount point", vfs.Rename(ctx, ns, nil, "/dev", nil, "/dev2", 0), abi.EBUSY},
		{"mkdir whiteout", vfs.Mkdir(ctx, ns, nil, "/proc", 0o755), abi.EPERM},
		{"rename over", vfs.Rename(ctx, ns, nil, "/etc/passwd", nil, "/dev/x", 0), abi.EXDEV},
		{"link over", vfs.Link(ctx, ns, nil, "/etc/passwd", nil, "/dev/x", true), abi.EXDEV},
		{"read-only", vfs.Mkdir(ctx, ns, nil, "/System/x", 0o755), abi.EROFS},
		{"read-only unlink", vfs.Unlink(ctx, ns, nil, "/System/Library/libSystem.B.dylib"), abi.EROFS},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.what, c.got.Name(), c.want.Name())
		}
	}
	for _, flags := range []int{abi.O_RDWR, abi.O_CREAT | abi.O_RDWR, abi.O_RDONLY | abi.O_TRUNC} {
		if _, e := m.open("/System/Library/libSystem.B.dylib", flags); e != abi.EROFS {
			t.Errorf("open %x of a file on a read-only mount: %s", flags, e.Name())
		}
	}
	of, e := m.open("/usr/lib/libSystem.B.dylib", abi.O_RDONLY)
	m.ok(e)
	if p, _ := ns.GetPath(ctx, vfs.VnodeOf(of)); p != "/usr/lib/libSystem.B.dylib" {
		t.Errorf("path %q", p)
	}
	of.Unref(ctx)
	if all := vfs.Getfsstat(ctx, ns); len(all) != 3 || all[1].Mntonname != "/dev" || all[0].Blocks == 0 {
		t.Errorf("getfsstat: %+v", all)
	}
	m.ok(ns.Chdir(ctx, "/System/Library"))
	cwd := ns.Cwd()
	if p, _ := ns.GetPath(ctx, cwd); p != "/System/Library" {
		t.Errorf("path %q", p)
	}
	sysdir, e := vfs.Lookup(ctx, ns, nil, "/System", true)
	m.ok(e)
	if e := m.tree.Unmount(ctx, sysdir, false); e != abi.EBUSY {
		t.Errorf("unmount in use: %s", e.Name())
	}
	cwd.Unref()
	m.ok(ns.Chdir(ctx, "/"))
	m.ok(m.tree.Unmount(ctx, sysdir, true))
	sysdir.Unref()
	if e := vfs.Stat(ctx, ns, nil, "/System", true, &st); e != abi.ENOENT {
		t.Errorf("after unmount: %s", e.Name())
	}
}

func TestDevices(t *testing.T) {
	m, devs := boot(t)
	read := func(path string, n int) []byte {
		of, e := m.open(path, abi.O_RDWR)
		m.ok(e)
		defer of.Unref(m.ctx)
		b := make([]byte, n)
		b[0] = 1
		u := sys.NewUio(b)
		m.ok(of.Ops.Read(m.ctx, u, of.Flags()))
		return b[:int64(n)-u.Resid]
	}
	if len(read("/dev/null", 8)) != 0 || string(read("/dev/zero", 4)) != "\x00\x00\x00\x00" {
		t.Error("null or zero")
	}
	if a, b := read("/dev/random", 16), read("/dev/urandom", 16); len(a) != 16 || string(a) == string(b) {
		t.Error("random")
	}
	if _, e := m.open("/dev/tty", abi.O_RDWR); e != abi.ENXIO {
		t.Errorf("a device without driver: %s", e.Name())
	}
	// A driver comes, its node appears, d_open and last d_close are called.
	opened, closed := 0, 0
	sw := &dev.Cdevsw{
		Open:  func(*sys.Context, int32, int) abi.Errno { opened++; return 0 },
		Close: func(*sys.Context, int32, int) abi.Errno { closed++; return 0 },
		Ioctl: func(_ *sys.Context, d int32, cmd uint64, data []byte, _ int) abi.Errno {
			data[0] = byte(dev.Minor(d))
			return 0
		},
	}
	major := dev.CdevswAdd(-20, sw)
	if major != 20 || dev.CdevswAdd(major, sw) != -1 || dev.CdevswAdd(64, sw) != -1 {
		t.Fatalf("major %d", major)
	}
	m.ok(devs.Make(Node{Name: "toy", Mode: 0o666, Dev: dev.Makedev(major, 7)}))
	a, e := m.open("/dev/toy", abi.O_RDWR)
	m.ok(e)
	b, e := m.open("/dev/toy", abi.O_RDONLY)
	m.ok(e)
	data := []byte{0}
	m.ok(b.Ops.Ioctl(m.ctx, 1, data))
	a.Unref(m.ctx)
	if opened != 2 || closed != 0 || data[0] != 7 {
		t.Errorf("opened %d closed %d data %v", opened, closed, data)
	}
	m.ok(devs.Remove("toy"))
	b.Unref(m.ctx)
	if closed != 1 || dev.CdevswRemove(major, sw) != major {
		t.Errorf("closed %d", closed)
	}
	// The files of a guest that is root live beside.
	user := *m.ctx
	user.Cred = &sys.Cred{UID: 1234, GID: 1234}
	if _, e := vfs.Mknod(&user, m.ns, nil, "/dev/null2", vfs.VCHR, 0o666, dev.Makedev(3, 2)); e != abi.EPERM {
		t.Errorf("mknod by a user: %s", e.Name())
	}
	m.ctx.Cred = &sys.Cred{}
	m.ok(vfs.Mkdir(m.ctx, m.ns, nil, "/dev/mine", 0o755))
	v, e := vfs.Mknod(m.ctx, m.ns, nil, "/dev/mine/null", vfs.VCHR, 0o666, dev.Makedev(3, 2))
	m.ok(e)
	v.Unref()
	read("/dev/mine/null", 1)
}

type fakeTable struct{ files map[int]*sys.OpenFile }

func (f fakeTable) Get(fd int) (*sys.OpenFile, abi.Errno) {
	if of := f.files[fd]; of != nil {
		return of.Ref(), 0
	}
	return nil, abi.EBADF
}
func (f fakeTable) List() []int { return []int{1, 5} }

func TestFdesc(t *testing.T) {
	m, devs := boot(t)
	of, e := m.open("/etc/passwd", abi.O_RDONLY)
	m.ok(e)
	devs.SetFdesc(func(*sys.Context) Fdesc { return fakeTable{map[int]*sys.OpenFile{1: of, 5: of}} })
	if l := m.names("/dev/fd"); l != " . .. 1 5 " {
		t.Errorf("/dev/fd: %q", l)
	}
	of2, e := m.open("/dev/stdout", abi.O_RDONLY)
	m.ok(e)
	if of2 != of || of.Refs() != 2 {
		t.Errorf("opening /dev/fd/1 is no dup (refs %d)", of.Refs())
	}
	of2.Unref(m.ctx)
	if _, e := m.open("/dev/fd/5", abi.O_WRONLY); e != abi.EACCES {
		t.Errorf("more than the descriptor allows: %s", e.Name())
	}
	if _, e := m.open("/dev/fd/6", abi.O_RDONLY); e != abi.EBADF {
		t.Errorf("no such descriptor: %s", e.Name())
	}
	var st abi.Stat
	m.ok(vfs.Stat(m.ctx, m.ns, nil, "/dev/fd/5", true, &st))
	if st.Size != 4 || of.Refs() != 1 {
		t.Errorf("stat of /dev/fd/5: %+v, refs %d", st, of.Refs())
	}
	of.Unref(m.ctx)
}
