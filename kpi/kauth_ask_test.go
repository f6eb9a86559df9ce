package kpi

import (
	"fmt"
	"strings"
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
	"puggle/mach/vm"
)

// listening gives a kernel task with a listener for each of two scopes, which would die if it
// were called.
func listening(t *testing.T) (*KernelTask, *sys.Context) {
	k := bare(t, Config{})
	l := []*kauthListener{{callback: opaque}}
	k.kauth.listeners = map[string][]*kauthListener{scopeVnode: l, scopeFileop: l}
	return k, &sys.Context{Thread: sched.NewThread("test"), Cred: &sys.Cred{UID: 501}}
}

// TestAuthorize: who could not be asked denies, but for the dead.
func TestAuthorize(t *testing.T) {
	k, _ := listening(t)
	for _, c := range []struct {
		answer uint64
		err    error
		want   uint64
		e      abi.Errno
	}{
		{kauthAllow, nil, kauthAllow, 0},
		{kauthDefer, nil, kauthAllow, 0},
		{kauthDeny, nil, kauthDeny, 0},
		{0, ErrDead, kauthAllow, 0},
		{0, errAsked, kauthAllow, 0},
		{0, &Panic{Reason: "test"}, kauthDeny, 0},
		{0, ErrNoMemory, kauthDeny, abi.ENOMEM},
		{0, fmt.Errorf("anything else"), kauthDeny, abi.ENOMEM},
	} {
		r, e := k.authorize(scopeVnode, kauthAllow, func(*kauthListener) (uint64, error) { return c.answer, c.err })
		if r != c.want || e != c.e {
			t.Errorf("%d, %v: %d, %v; want %d, %v", c.answer, c.err, r, e, c.want, c.e)
		}
	}
}

// TestListenersWithoutMemory: what listeners can't be asked about is denied, and what they can't
// be told of is counted.
func TestListenersWithoutMemory(t *testing.T) {
	for name, exhaust := range map[string]func(k *KernelTask) (undo func()){
		"memory": func(k *KernelTask) func() {
			was := k.cfg.MemLimit
			k.cfg.MemLimit = 0
			return func() { k.cfg.MemLimit = was }
		},
		"handles": func(k *KernelTask) func() {
			was, next := k.handle.free, k.handle.next
			k.handle.free, k.handle.next = nil, opaqueEnd
			return func() { k.handle.free, k.handle.next = was, next }
		},
	} {
		k, ctx := listening(t)
		v := file(nil, vfs.VREG, abi.Stat{})
		handles := k.Handles()
		undo := exhaust(k)
		if e := k.kauthVnode(ctx, vfs.ReadData, v, nil); e != abi.ENOMEM {
			t.Errorf("without %s: %v, want ENOMEM", name, e)
		}
		for range 2 {
			k.kauthFileop(ctx, vfs.FileOpen, v, "/a", "", false)
		}
		if m := k.Messages.String(); !strings.Contains(m, "2 are lost") {
			t.Errorf("without %s the messages are %q", name, m)
		}
		undo()
		if n := k.Handles(); n != handles {
			t.Errorf("without %s: %d handles are left, were %d", name, n, handles)
		}
	}
}

// fake is a file of which only the attributes count.
type fake struct {
	vfs.Unsupported
	st abi.Stat
}

func (f *fake) GetAttr(_ *sys.Context, st *abi.Stat) abi.Errno { *st = f.st; return 0 }
func (f *fake) Access(x *sys.Context, mode int) abi.Errno      { return vfs.Authorize(x.Cred, &f.st, mode) }

func file(m *vfs.Mount, t vfs.VType, st abi.Stat) *vfs.Vnode {
	st.Mode |= t.Mode()
	return vfs.NewVnode(m, t, &fake{st: st})
}

// TestMayUse asks for rights on files as their owner (501), another user and the super-user.
func TestMayUse(t *testing.T) {
	rw, ro, noexec := &vfs.Mount{}, &vfs.Mount{Flags: abi.MNT_RDONLY}, &vfs.Mount{Flags: abi.MNT_NOEXEC}
	own := abi.Stat{UID: 501, Mode: 0o644}
	plain := file(rw, vfs.VREG, own)
	flagged := func(f uint32) *vfs.Vnode { st := own; st.Flags = f; return file(rw, vfs.VREG, st) }
	dir := func(mode uint16, flags uint32) *vfs.Vnode {
		return file(rw, vfs.VDIR, abi.Stat{UID: 77, Mode: mode, Flags: flags})
	}
	const denied, never = abi.EACCES, abi.EPERM
	for _, c := range []struct {
		name               string
		v, dvp             *vfs.Vnode
		rights             vfs.Rights
		owner, other, root abi.Errno
	}{
		{"read", plain, nil, vfs.ReadData | vfs.AccessOnly, 0, 0, 0},
		{"write", plain, nil, vfs.WriteData, 0, denied, 0},
		{"execute", plain, nil, vfs.Execute, denied, denied, denied},
		{"execute without exec", file(noexec, vfs.VREG, abi.Stat{Mode: 0o755}), nil, vfs.Execute, denied, denied, denied},
		{"look", plain, nil, vfs.ReadAttributes | vfs.ReadSecurity, 0, 0, 0},
		{"attributes", plain, nil, vfs.WriteAttributes, 0, denied, 0},
		{"attributes, writable", file(rw, vfs.VREG, abi.Stat{UID: 501, Mode: 0o466}), nil, vfs.WriteAttributes, 0, 0, 0},
		{"security", plain, nil, vfs.WriteSecurity, 0, denied, 0},
		{"ownership", plain, nil, vfs.TakeOwnership, denied, denied, 0},
		{"link", plain, nil, vfs.LinkTarget, 0, 0, 0},
		{"link, immutable", flagged(abi.SF_IMMUTABLE), nil, vfs.LinkTarget, never, never, never},
		{"immutable", flagged(abi.UF_IMMUTABLE), nil, kauthCheckImmutable, never, never, never},
		{"not immutable", plain, nil, kauthCheckImmutable, 0, 0, 0},
		{"no matter that it is immutable", flagged(abi.UF_IMMUTABLE), nil, vfs.WriteSecurity | kauthNoImmutable, 0, denied, 0},
		{"append", flagged(abi.UF_APPEND), nil, vfs.AppendData, 0, denied, 0},
		{"write what is appended to", flagged(abi.UF_APPEND), nil, vfs.WriteData, never, never, never},
		{"read what is immutable", flagged(abi.UF_IMMUTABLE), nil, vfs.ReadData, 0, 0, 0},
		{"delete nowhere", plain, nil, vfs.Delete, abi.EINVAL, abi.EINVAL, abi.EINVAL},
		{"delete", plain, dir(0o777, 0), vfs.Delete, 0, 0, 0},
		{"delete in a closed folder", plain, dir(0o755, 0), vfs.Delete, denied, denied, 0},
		{"delete in a sticky folder", plain, dir(0o1777, 0), vfs.Delete, 0, denied, 0},
		{"delete in an immutable folder", plain, dir(0o777, abi.SF_IMMUTABLE), vfs.Delete, never, never, never},
		{"read only", file(ro, vfs.VREG, own), nil, vfs.ReadData, 0, 0, 0},
		{"write read only", file(ro, vfs.VREG, own), nil, vfs.WriteData, abi.EROFS, abi.EROFS, abi.EROFS},
		{"security read only", file(ro, vfs.VDIR, own), nil, vfs.WriteSecurity, abi.EROFS, abi.EROFS, abi.EROFS},
		{"a device read only", file(ro, vfs.VCHR, own), nil, vfs.WriteData, 0, denied, 0},
	} {
		for uid, want := range map[uint32]abi.Errno{501: c.owner, 502: c.other, 0: c.root} {
			if e := mayUse(&sys.Context{Cred: &sys.Cred{UID: uid, GID: 99}}, c.rights, c.v, c.dvp); e != want {
				t.Errorf("%s by %d: %v, want %v", c.name, uid, e, want)
			}
		}
	}
}

// closes counts how often a file is closed.
type closes struct {
	sys.FileOps
	n int
}

func (c *closes) Close(*sys.Context) abi.Errno { c.n++; return 0 }

// TestUPLWithoutHandle: a list that finds no handle is freed, and its file is still the caller's.
func TestUPLWithoutHandle(t *testing.T) {
	k := bare(t, Config{})
	at, kr := k.Map.Allocate(0, 4096, vm.Anywhere)
	if kr != 0 {
		t.Fatal(kr)
	}
	list, _, kr := k.Map.GetUPL(at, 4096, 0)
	if kr != 0 {
		t.Fatal(kr)
	}
	bytes, blocks := k.MemoryInUse()
	k.handle.free, k.handle.next = nil, opaqueEnd
	ops := &closes{}
	f := sys.NewOpenFile(ops, abi.FREAD)
	if _, ok := (&Call{K: k}).newUPL(list, f); ok {
		t.Fatal("there is a handle")
	}
	if ops.n != 0 {
		t.Error("the file was closed")
	}
	if f.Unref(&sys.Context{Thread: sched.NewThread("test"), Cred: rootCred}); ops.n != 1 {
		t.Errorf("the file was closed %d times", ops.n)
	}
	if b, n := k.MemoryInUse(); b != bytes || n != blocks || k.uplCount.Load() != 0 {
		t.Errorf("%d bytes in %d blocks, were %d in %d; %d lists", b, n, bytes, blocks, k.uplCount.Load())
	}
	// Nobody holds the page any more.
	if !k.Write(at, []byte{1}) {
		t.Error("the page can't be written")
	}
}

// TestStatfsOfGoneMounts: what vfs_statfs gave of mounts that are gone is freed.
func TestStatfsOfGoneMounts(t *testing.T) {
	k := bare(t, Config{})
	_, blocks := k.MemoryInUse()
	for i := range 5 {
		m, b := &vfs.Mount{}, []byte{byte(i), 1}
		at := k.putStatfs(m, b)
		if again := k.putStatfs(m, b); at == 0 || again != at {
			t.Errorf("the struct is at %#x, and then at %#x", at, again)
		}
		if _, n := k.MemoryInUse(); n != blocks+1 {
			t.Errorf("after %d mounts %d blocks, were %d", i+1, n, blocks)
		}
	}
}

// TestOpensEnd: there is an end to what code may have open.
func TestOpensEnd(t *testing.T) {
	var n vnodes
	for range maxOpens {
		if !n.reserve() {
			t.Fatal("too early")
		}
	}
	if n.reserve() {
		t.Error("one too many")
	}
	n.unreserve()
	if !n.reserve() {
		t.Error("one was closed")
	}
}
