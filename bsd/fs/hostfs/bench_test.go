package hostfs

import (
	"testing"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

func benchWorld(b *testing.B) *world {
	dir := b.TempDir()
	fs, e := New(dir)
	if e != 0 {
		b.Fatal(e)
	}
	tree, e := vfs.NewTree(fs, "apfs", "x", 0)
	if e != 0 {
		b.Fatal(e)
	}
	w := &world{dir: dir, fs: fs, tree: tree, ns: tree.NewNamespace(), ctx: &sys.Context{Cred: &sys.Cred{UID: fs.uid, GID: fs.gid}}}
	for _, d := range []string{"/a", "/a/b", "/a/b/c"} {
		vfs.Mkdir(w.ctx, w.ns, nil, d, 0o755)
	}
	of, e := vfs.Open(w.ctx, w.ns, nil, "/a/b/c/file", abi.O_CREAT|abi.O_RDWR, 0o644)
	if e != 0 {
		b.Fatal(e)
	}
	of.Ops.Write(w.ctx, sys.NewUio(make([]byte, 4096)), of.Flags())
	of.Unref(w.ctx)
	b.ReportAllocs()
	b.ResetTimer()
	return w
}

func BenchmarkStat(b *testing.B) {
	b.Run("host", func(b *testing.B) {
		w := benchWorld(b)
		path := w.native("a/b/c/file")
		var st unix.Stat_t
		for i := 0; i < b.N; i++ {
			unix.Stat(path, &st)
		}
	})
	b.Run("guest", func(b *testing.B) {
		w := benchWorld(b)
		var st abi.Stat
		for i := 0; i < b.N; i++ {
			if e := vfs.Stat(w.ctx, w.ns, nil, "/a/b/c/file", true, &st); e != 0 {
				b.Fatal(e)
			}
		}
	})
}

func BenchmarkOpenClose(b *testing.B) {
	b.Run("host", func(b *testing.B) {
		w := benchWorld(b)
		path := w.native("a/b/c/file")
		for i := 0; i < b.N; i++ {
			fd, _ := unix.Open(path, unix.O_RDONLY, 0)
			unix.Close(fd)
		}
	})
	b.Run("guest", func(b *testing.B) {
		w := benchWorld(b)
		for i := 0; i < b.N; i++ {
			of, e := vfs.Open(w.ctx, w.ns, nil, "/a/b/c/file", abi.O_RDONLY, 0)
			if e != 0 {
				b.Fatal(e)
			}
			of.Unref(w.ctx)
		}
	})
}

func BenchmarkRead4K(b *testing.B) {
	w := benchWorld(b)
	of, _ := vfs.Open(w.ctx, w.ns, nil, "/a/b/c/file", abi.O_RDONLY, 0)
	buf := make([]byte, 4096)
	for i := 0; i < b.N; i++ {
		u := sys.Uio{Iov: [][]byte{buf}, Resid: 4096}
		of.Ops.Read(w.ctx, &u, of.Flags())
	}
}

func BenchmarkCreateUnlink(b *testing.B) {
	w := benchWorld(b)
	for i := 0; i < b.N; i++ {
		of, e := vfs.Open(w.ctx, w.ns, nil, "/a/b/new", abi.O_RDWR|abi.O_CREAT, 0o644)
		if e != 0 {
			b.Fatal(e)
		}
		of.Unref(w.ctx)
		vfs.Unlink(w.ctx, w.ns, nil, "/a/b/new")
	}
}
