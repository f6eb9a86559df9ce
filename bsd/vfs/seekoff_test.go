package vfs_test

import (
	"encoding/binary"
	"testing"

	"puggle/abi"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
)

// lateDir is a directory that knows an entry's position better when the next did not fit.
type lateDir struct{ vfs.VOP }

func (d lateDir) Readdir(_ *sys.Context, off int64, emit func(*abi.Dirent) bool) abi.Errno {
	l := []abi.Dirent{{Ino: 1, Off: 1000, Name: "a"}, {Ino: 2, Off: 2000, Name: "b"}}
	for i := range l {
		if !emit(&l[i]) {
			if i > 0 {
				l[i-1].Off = 7
			}
			return 0
		}
	}
	return 0
}

// TestSeekoff: the last record's d_seekoff is the position where the directory is left.
func TestSeekoff(t *testing.T) {
	tree, e := vfs.NewTree(ramfs.New(1<<20), "test", "test", 0)
	if e != 0 {
		t.Fatal(e)
	}
	ns := tree.NewNamespace()
	defer ns.Release()
	ctx := &sys.Context{Thread: sched.NewThread("test"), Cred: &sys.Cred{}}
	of, e := vfs.Open(ctx, ns, nil, "/", abi.O_RDONLY, 0)
	if e != 0 {
		t.Fatal(e)
	}
	defer of.Unref(ctx)
	root := tree.Mounts()[0].Root
	root.Ops = lateDir{root.Ops}
	for _, c := range []struct {
		size int
		want int64
	}{{40, 7}, {4096, 2000}} {
		of.Offset = 0
		buf, _, _, e := vfs.Getdirentries(ctx, of, c.size, false)
		if e != 0 || len(buf) == 0 {
			t.Fatalf("%d bytes: %v", c.size, e)
		}
		rec := buf
		for n := binary.LittleEndian.Uint16(rec[16:]); int(n) < len(rec); n = binary.LittleEndian.Uint16(rec[16:]) {
			rec = rec[n:]
		}
		if off := int64(binary.LittleEndian.Uint64(rec[8:])); off != c.want || of.Offset != c.want {
			t.Errorf("%d bytes: d_seekoff %d, position %d, want %d", c.size, off, of.Offset, c.want)
		}
	}
}
