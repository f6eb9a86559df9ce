package hostfs

import (
	"bytes"
	"os"
	"sync"
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/vm"
	"puggle/machine"
)

// memory is physical memory on the heap.
type memory struct {
	mu   sync.Mutex
	b    []byte
	next uint64
}

func (m *memory) Alloc(n uint64) (machine.Phys, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.next+n > uint64(len(m.b)) {
		return 0, machine.ErrNoMemory
	}
	p := m.next
	m.next += n
	return machine.Phys(p), nil
}
func (m *memory) Free(p machine.Phys, n uint64)         { clear(m.b[p : uint64(p)+n]) }
func (m *memory) Discard(p machine.Phys, n uint64)      { clear(m.b[p : uint64(p)+n]) }
func (m *memory) Bytes(p machine.Phys, n uint64) []byte { return m.b[p : uint64(p)+n : uint64(p)+n] }
func (m *memory) Resident() uint64                      { return 0 }
func (m *memory) Limit() uint64                         { return uint64(len(m.b)) }

type pmap struct{}

func (pmap) Apply([]machine.PmapOp) error { return nil }

func TestMappedFile(t *testing.T) {
	m := boot(t)
	vmap := vm.NewMap(&memory{b: make([]byte, 64<<20)}, pmap{}, 0x10000, 0x7fff_0000_0000)
	defer vmap.Destroy()
	m.write("f", string(bytes.Repeat([]byte("0123456789abcdef"), 1000))) // 16000 bytes
	of := m.open("f", abi.O_RDWR)
	v := vfs.VnodeOf(of)
	enter := func(private bool) machine.Addr {
		o, e := v.Object(m.ctx)
		m.ok(e)
		defer o.Unref()
		a, kr := vmap.Enter(&vm.MapSpec{Size: 16384, Flags: vm.Anywhere, Object: o, Copy: private,
			Cur: abi.VM_PROT_DEFAULT, Max: abi.VM_PROT_ALL})
		if kr != 0 {
			t.Fatalf("enter: %d", kr)
		}
		return a
	}
	shared, private := enter(false), enter(true)
	get := func(a machine.Addr, n int) string {
		t.Helper()
		b := make([]byte, n)
		if kr := vmap.CopyIn(b, a); kr != 0 {
			t.Fatalf("copyin: %d", kr)
		}
		return string(b)
	}
	put := func(a machine.Addr, s string) {
		t.Helper()
		if kr := vmap.CopyOut(a, []byte(s)); kr != 0 {
			t.Fatalf("copyout: %d", kr)
		}
	}
	pread := func(off int64, n int) string {
		b := make([]byte, n)
		u := sys.NewUio(b)
		u.Offset, u.HasOffset = off, true
		m.ok(of.Ops.Read(m.ctx, u, of.Flags()))
		return string(b[:int64(n)-u.Resid])
	}
	pwrite := func(off int64, s string) {
		u := sys.NewUio([]byte(s))
		u.Offset, u.HasOffset = off, true
		m.ok(of.Ops.Write(m.ctx, u, of.Flags()))
	}
	if got := get(shared+4096, 16) + get(shared+15996, 8); got != "0123456789abcdefcdef\x00\x00\x00\x00" {
		t.Errorf("mapped: %q", got)
	}
	pwrite(100, "written")
	if got := get(shared+100, 7); got != "written" {
		t.Errorf("write, then mapped read: %q", got)
	}
	put(shared+200, "stored")
	if got := pread(200, 6) + pread(100, 7); got != "storedwritten" {
		t.Errorf("store, then read: %q", got)
	}
	put(private+300, "mine")
	if got := pread(300, 4); got == "mine" {
		t.Error("a private store went to the file")
	}
	pwrite(8190, "border") // with dirty pages about
	if got := get(shared+8190, 6) + get(shared+200, 6); got != "borderstored" {
		t.Errorf("mapped: %q", got)
	}
	m.ok(vfs.Fsync(m.ctx, v, vfs.SyncFile))
	host, _ := os.ReadFile(m.native("f"))
	if len(host) != 16000 || string(host[200:206]) != "stored" || string(host[8190:8196]) != "border" {
		t.Errorf("after fsync: %d bytes, %q", len(host), host[200:206])
	}
	m.ok(vfs.Apply(m.ctx, v, &vfs.SetAttr{Valid: vfs.AttrSize, Size: 5000}))
	if got := get(shared+4990, 20); got[10:] != string(make([]byte, 10)) {
		t.Errorf("behind the new end: %q", got)
	}
	b := make([]byte, 1)
	if kr := vmap.CopyIn(b, shared+8192); kr == 0 {
		t.Error("a page beyond the end can be read")
	}
	// The object outlives the descriptor; what is stored last reaches the file.
	put(shared+4096, "last")
	m.close(of)
	vmap.Deallocate(shared, 16384)
	vmap.Deallocate(private, 16384)
	host, _ = os.ReadFile(m.native("f"))
	if len(host) != 5000 || string(host[4096:4100]) != "last" {
		t.Errorf("at the end: %d bytes, %q", len(host), host[4096:4100])
	}
	// The host changes the file; the next mapping shows it.
	os.WriteFile(m.native("f"), []byte("from outside"), 0o644)
	of = m.open("f", abi.O_RDONLY)
	v = vfs.VnodeOf(of)
	a := enter(true)
	if got := get(a, 12); got != "from outside" {
		t.Errorf("mapped anew: %q", got)
	}
	m.close(of)
	vmap.Deallocate(a, 16384)
	if _, e := m.tree.Root().Object(m.ctx); e != abi.ENODEV {
		t.Errorf("mapping a directory: %s", e.Name())
	}
}
