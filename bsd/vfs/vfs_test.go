package vfs_test

import (
	"fmt"
	"math/rand"
	"os"
	"sync"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/fs/hostfs"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
)

type world struct {
	ns  *vfs.Namespace
	ctx *sys.Context
}

func context(name string) *sys.Context {
	return &sys.Context{Thread: sched.NewThread(name), PID: 1,
		Cred: &sys.Cred{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())}}
}

func onHost(t *testing.T) *world {
	dir := t.TempDir()
	os.Chmod(dir, 0o755) // whatever the umask was
	fs, e := hostfs.New(dir)
	if e != 0 {
		t.Fatal(e)
	}
	return mount(t, fs)
}

func inMemory(t *testing.T) *world { return mount(t, ramfs.New(8<<20)) }

func mount(t *testing.T, fs vfs.FS) *world {
	tree, e := vfs.NewTree(fs, "test", "test", 0)
	if e != 0 {
		t.Fatal(e)
	}
	// In memory the root belongs to root; the tests run as whoever they run as.
	if e := vfs.Apply(&sys.Context{}, tree.Root(), vfs.Chown(uint32(os.Geteuid()), uint32(os.Getegid()))); e != 0 {
		t.Fatal(e)
	}
	return &world{tree.NewNamespace(), context(t.Name())}
}

func (w *world) open(t *testing.T, path string, flags int) *sys.OpenFile {
	t.Helper()
	of, e := vfs.Open(w.ctx, w.ns, nil, path, flags, 0o644)
	if e != 0 {
		t.Fatalf("open %s: %s", path, e.Name())
	}
	return of
}

// TestRamfsIsLikeHost does the same random operations in memory and on the host:
// results, errors and contents must agree. (On tmpfs and the disk file systems of
// hosts alike; sizes of directories and link counts of directories are their own.)
func TestRamfsIsLikeHost(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	a, b := onHost(t), inMemory(t)
	names := []string{"x", "y", "z", "x/a", "x/b", "y/a", "y/b", "x/a/q", "y/a/q", "z/", "x/../y", ".", "x/."}
	pick := func() string { return names[rnd.Intn(len(names))] }
	for i := 0; i < 20000; i++ {
		p, q, n := pick(), pick(), rnd.Intn(11)
		off, size, data := int64(rnd.Intn(20000)), int64(rnd.Intn(20000)), make([]byte, rnd.Intn(5000))
		rnd.Read(data)
		flags := []int{abi.O_RDWR, abi.O_RDONLY, abi.O_RDWR | abi.O_CREAT, abi.O_RDWR | abi.O_CREAT | abi.O_EXCL,
			abi.O_RDWR | abi.O_CREAT | abi.O_TRUNC, abi.O_WRONLY | abi.O_APPEND, abi.O_RDONLY | abi.O_NOFOLLOW,
			abi.O_RDONLY | abi.O_DIRECTORY}[rnd.Intn(8)]
		rflags := []uint32{0, 0, 0, abi.RENAME_EXCL, abi.RENAME_SWAP}[rnd.Intn(5)]
		do := func(w *world) string {
			var e abi.Errno
			what := ""
			switch n {
			case 0:
				what, e = "mkdir "+p, vfs.Mkdir(w.ctx, w.ns, nil, p, 0o755)
			case 1:
				what, e = "rmdir "+p, vfs.Rmdir(w.ctx, w.ns, nil, p)
			case 2:
				what, e = "unlink "+p, vfs.Unlink(w.ctx, w.ns, nil, p)
			case 3, 4:
				what = fmt.Sprintf("rename %s %s %d", p, q, rflags)
				e = vfs.Rename(w.ctx, w.ns, nil, p, nil, q, rflags)
			case 5:
				what, e = "symlink "+p+" "+q, vfs.Symlink(w.ctx, w.ns, p, nil, q)
			case 6:
				what, e = "link "+p+" "+q, vfs.Link(w.ctx, w.ns, nil, p, nil, q, false)
			case 7:
				what = fmt.Sprintf("truncate %s %d", p, size)
				e = vfs.ApplyPath(w.ctx, w.ns, nil, p, true, &vfs.SetAttr{Valid: vfs.AttrSize, Size: size})
			default:
				what = fmt.Sprintf("open %s %x write %d at %d", p, flags, len(data), off)
				var of *sys.OpenFile
				if of, e = vfs.Open(w.ctx, w.ns, nil, p, flags, 0o644); e == 0 {
					if of.Flags()&abi.FWRITE != 0 {
						u := sys.NewUio(data)
						u.Offset = off
						e = of.Ops.Write(w.ctx, u, of.Flags())
						what += fmt.Sprint(" -> ", u.Offset)
					}
					if of.Flags()&abi.FREAD != 0 {
						buf := make([]byte, 3000)
						u := sys.NewUio(buf)
						u.Offset = size / 2
						e := of.Ops.Read(w.ctx, u, of.Flags())
						what += fmt.Sprintf(" read %s %x", e.Name(), buf[:3000-u.Resid])
					}
					of.Unref(w.ctx)
				}
			}
			return what + " = " + e.Name()
		}
		if x, y := do(a), do(b); x != y {
			t.Fatalf("step %d:\nhost   %.300s\nmemory %.300s", i, x, y)
		}
		if i%50 == 0 {
			for _, name := range names {
				var sa, sb abi.Stat
				ea, eb := vfs.Stat(a.ctx, a.ns, nil, name, false, &sa), vfs.Stat(b.ctx, b.ns, nil, name, false, &sb)
				if sa.Mode&abi.S_IFMT == abi.S_IFLNK {
					sa.Mode, sb.Mode = sa.Mode&abi.S_IFMT, sb.Mode&abi.S_IFMT
				}
				if ea != eb || sa.Mode != sb.Mode || sa.Mode&abi.S_IFMT != abi.S_IFDIR && (sa.Size != sb.Size || sa.Nlink != sb.Nlink) {
					t.Fatalf("step %d: %s: %s %+v, %s %+v", i, name, ea.Name(), sa, eb.Name(), sb)
				}
			}
		}
	}
}

// TestManyLocks: a file has so many locks and no more, however they come about; to give
// one up whole always works.
func TestManyLocks(t *testing.T) {
	w := inMemory(t)
	of := w.open(t, "/f", abi.O_RDWR|abi.O_CREAT)
	set := func(typ int16, start, n int64) abi.Errno {
		return vfs.RecordLock(w.ctx, of, "A", abi.F_SETLK, &abi.Flock{Type: typ, Start: start, Len: n}, sched.Forever)
	}
	made, e := int64(0), abi.Errno(0)
	for ; made < 100_000; made++ {
		if e = set(abi.F_WRLCK, 10*made, 5); e != 0 {
			break
		}
	}
	if e != abi.ENOLCK || made < 1000 {
		t.Fatalf("%d locks, then %s", made, e.Name())
	}
	for what, got := range map[string]abi.Errno{"split": set(abi.F_UNLCK, 2, 1), "split by another kind": set(abi.F_RDLCK, 2, 1)} {
		if got != abi.ENOLCK {
			t.Errorf("%s: %s", what, got.Name())
		}
	}
	if e := set(abi.F_UNLCK, 0, 5); e != 0 {
		t.Errorf("unlock: %s", e.Name())
	}
	if e := set(abi.F_RDLCK, 3, 1); e != 0 {
		t.Errorf("lock again: %s", e.Name())
	}
	if e := set(abi.F_UNLCK, 0, 0); e != 0 {
		t.Errorf("unlock all: %s", e.Name())
	}
}

func TestRecordLocks(t *testing.T) {
	w := inMemory(t)
	of := w.open(t, "/f", abi.O_RDWR|abi.O_CREAT)
	of2 := w.open(t, "/f", abi.O_RDWR)
	set := func(ctx *sys.Context, of *sys.OpenFile, owner any, cmd int, typ int16, start, n int64) abi.Errno {
		return vfs.RecordLock(ctx, of, owner, cmd, &abi.Flock{Type: typ, Start: start, Len: n}, sched.Forever)
	}
	want := func(what string, got, want abi.Errno) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %s, want %s", what, got.Name(), want.Name())
		}
	}
	ctx := w.ctx
	want("A 0-99", set(ctx, of, "A", abi.F_SETLK, abi.F_WRLCK, 0, 100), 0)
	want("A again, read", set(ctx, of, "A", abi.F_SETLK, abi.F_RDLCK, 40, 20), 0)
	want("B writes there", set(ctx, of, "B", abi.F_SETLK, abi.F_WRLCK, 45, 1), abi.EAGAIN)
	want("B reads there", set(ctx, of, "B", abi.F_SETLK, abi.F_RDLCK, 45, 1), 0)
	want("B reads beside", set(ctx, of, "B", abi.F_SETLK, abi.F_RDLCK, 39, 1), abi.EAGAIN)
	want("B to the end", set(ctx, of, "B", abi.F_SETLK, abi.F_WRLCK, 100, 0), 0)
	fl := &abi.Flock{Type: abi.F_WRLCK, Start: 60, Len: 1000}
	want("getlk", vfs.RecordLock(ctx, of, "C", abi.F_GETLK, fl, 0), 0)
	if fl.Type != abi.F_WRLCK || fl.Start != 60 || fl.Len != 40 {
		t.Errorf("F_GETLK: %+v", fl)
	}
	want("flock meets record locks", vfs.Flock(ctx, of2, abi.LOCK_EX|abi.LOCK_NB), abi.EAGAIN)
	want("OFD meets record locks", set(ctx, of2, nil, abi.F_OFD_SETLK, abi.F_WRLCK, 0, 1), abi.EAGAIN)
	want("negative", set(ctx, of, "A", abi.F_SETLK, abi.F_WRLCK, -1, 1), abi.EINVAL)
	want("bad type", set(ctx, of, "A", abi.F_SETLK, 77, 0, 1), abi.EINVAL)
	vfs.LockClose(of2, "A") // closing any descriptor drops the process's locks
	want("C after A closed", set(ctx, of, "C", abi.F_SETLK, abi.F_WRLCK, 0, 40), 0)
	vfs.LockClose(of, "B")
	vfs.LockClose(of, "C")

	// A deadlock: A has 0 and wants 1, B has 1 and wants 0.
	want("A has 0", set(ctx, of, "A", abi.F_SETLK, abi.F_WRLCK, 0, 1), 0)
	want("B has 1", set(ctx, of, "B", abi.F_SETLK, abi.F_WRLCK, 1, 1), 0)
	done := make(chan abi.Errno)
	actx := context("A")
	go func() { done <- set(actx, of, "A", abi.F_SETLKW, abi.F_WRLCK, 1, 1) }()
	for !actx.Thread.IsWaiting() {
		time.Sleep(time.Millisecond)
	}
	want("B closes the circle", set(context("B"), of, "B", abi.F_SETLKW, abi.F_WRLCK, 0, 1), abi.EDEADLK)
	want("B lets go", set(ctx, of, "B", abi.F_SETLK, abi.F_UNLCK, 0, 0), 0)
	want("A got it", <-done, 0)

	// A signal ends the wait.
	go func() { done <- set(actx, of, "B", abi.F_SETLKW, abi.F_WRLCK, 1, 1) }()
	for !actx.Thread.Interrupt() {
		time.Sleep(time.Millisecond)
	}
	want("interrupted", <-done, abi.EINTR)
	want("timeout", vfs.RecordLock(ctx, of, "B", abi.F_SETLKWTIMEOUT, &abi.Flock{Type: abi.F_WRLCK, Len: 1}, sched.After(time.Millisecond)), abi.ETIMEDOUT)
	vfs.LockClose(of, "A")

	// flock goes with the last close of its open file.
	want("flock", vfs.Flock(ctx, of2, abi.LOCK_EX), 0)
	want("other", vfs.Flock(ctx, of, abi.LOCK_SH|abi.LOCK_NB), abi.EAGAIN)
	of2.Unref(ctx)
	want("other, after close", vfs.Flock(ctx, of, abi.LOCK_SH|abi.LOCK_NB), 0)
	if _, e := vfs.Open(ctx, w.ns, nil, "/f", abi.O_RDWR|abi.O_EXLOCK|abi.O_NONBLOCK, 0); e != abi.EAGAIN {
		t.Errorf("O_EXLOCK: %s", e.Name())
	}
	of.Unref(ctx)
}

func TestVnodeEvents(t *testing.T) {
	for name, boot := range map[string]func(*testing.T) *world{"host": onHost, "memory": inMemory} {
		t.Run(name, func(t *testing.T) {
			w := boot(t)
			ctx, ns := w.ctx, w.ns
			vfs.Mkdir(ctx, ns, nil, "/d", 0o755)
			dir, file := w.open(t, "/d", abi.O_RDONLY), w.open(t, "/d/f", abi.O_RDWR|abi.O_CREAT)
			var mu sync.Mutex
			var onDir, onFile uint32
			watch := func(of *sys.OpenFile, got *uint32) (sys.Filter, *sys.Knote) {
				f := of.Ops.Filter(sys.EVFILT_VNODE)
				kn := &sys.Knote{Filter: sys.EVFILT_VNODE, Activate: func(hint uint32) { mu.Lock(); *got |= hint; mu.Unlock() }}
				f.Attach(kn)
				return f, kn
			}
			f1, k1 := watch(dir, &onDir)
			f2, k2 := watch(file, &onFile)
			expect := func(what string, d, f uint32) {
				t.Helper()
				if onDir != d || onFile != f {
					t.Errorf("%s: directory %#x, file %#x; want %#x, %#x", what, onDir, onFile, d, f)
				}
				onDir, onFile = 0, 0
			}
			file.Ops.Write(ctx, sys.NewUio([]byte("abc")), file.Flags())
			expect("write", 0, 2|4)
			file.Ops.Write(ctx, sys.NewUio([]byte("x")), file.Flags())
			expect("overwrite", 0, 2)
			vfs.ApplyPath(ctx, ns, nil, "/d/f", true, &vfs.SetAttr{Valid: vfs.AttrMode, Mode: 0o600})
			expect("chmod", 0, 8)
			vfs.ApplyPath(ctx, ns, nil, "/d/f", true, &vfs.SetAttr{Valid: vfs.AttrSize, Size: 100})
			expect("truncate", 0, 8)
			w.open(t, "/d/f", abi.O_RDWR|abi.O_TRUNC).Unref(ctx)
			expect("open with O_TRUNC", 0, 8)
			vfs.Link(ctx, ns, nil, "/d/f", nil, "/g", true)
			expect("link", 0, 0x10)
			vfs.Unlink(ctx, ns, nil, "/g")
			expect("unlink of one name", 0, 0x10)
			vfs.Rename(ctx, ns, nil, "/d/f", nil, "/d/h", 0)
			expect("rename", 2, 0x20)
			w.open(t, "/d/new", abi.O_RDWR|abi.O_CREAT).Unref(ctx)
			expect("create", 2, 0)
			w.open(t, "/d/new", abi.O_RDWR|abi.O_CREAT).Unref(ctx)
			expect("open what is there", 0, 0)
			vfs.Rename(ctx, ns, nil, "/d/new", nil, "/d/h", 0)
			expect("rename over it", 2, 1|0x10)
			f1.Detach(k1)
			f2.Detach(k2)
			vfs.Mkdir(ctx, ns, nil, "/d/sub", 0o755)
			expect("after detach", 0, 0)
			dir.Unref(ctx)
			file.Unref(ctx)
		})
	}
}

// TestConcurrent lets many threads work on the same few names.
func TestConcurrent(t *testing.T) {
	for name, boot := range map[string]func(*testing.T) *world{"host": onHost, "memory": inMemory} {
		t.Run(name, func(t *testing.T) {
			w := boot(t)
			var wg sync.WaitGroup
			for g := 0; g < 8; g++ {
				wg.Add(1)
				go func() {
					defer wg.Done()
					ctx, rnd := context(fmt.Sprint(g)), rand.New(rand.NewSource(int64(g)))
					names := []string{"/a", "/a/b", "/a/c", "/d", "/d/b", "/a/b/e"}
					var st abi.Stat
					for i := 0; i < 500; i++ {
						p, q := names[rnd.Intn(len(names))], names[rnd.Intn(len(names))]
						switch rnd.Intn(8) {
						case 0:
							vfs.Mkdir(ctx, w.ns, nil, p, 0o755)
						case 1:
							vfs.Rename(ctx, w.ns, nil, p, nil, q, 0)
						case 2:
							vfs.Unlink(ctx, w.ns, nil, p)
						case 3:
							vfs.Symlink(ctx, w.ns, p, nil, q)
						case 4:
							vfs.Stat(ctx, w.ns, nil, p, true, &st)
						case 5:
							if of, e := vfs.Open(ctx, w.ns, nil, "/", abi.O_RDONLY, 0); e == 0 {
								vfs.Getdirentries(ctx, of, 4096, false)
								of.Unref(ctx)
							}
						default:
							if of, e := vfs.Open(ctx, w.ns, nil, p, abi.O_RDWR|abi.O_CREAT|abi.O_APPEND, 0o644); e == 0 {
								of.Ops.Write(ctx, sys.NewUio([]byte("0123456789")), of.Flags())
								if e := of.Ops.Stat(ctx, &st); e != 0 || st.Size%10 != 0 {
									t.Errorf("appended records are torn: %d %s", st.Size, e.Name())
								}
								of.Unref(ctx)
							}
						}
					}
				}()
			}
			wg.Wait()
		})
	}
}
