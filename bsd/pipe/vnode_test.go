package pipe

import (
	"testing"

	"puggle/abi"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

func TestOpenFifo(t *testing.T) {
	fs := ramfs.New(1 << 20)
	v, err := fs.Add("fifo", vfs.VFIFO, 0o600, 0)
	if err != 0 {
		t.Fatal(err)
	}
	ctx := testContext()
	r, err := OpenFifo(ctx, v, abi.FREAD|abi.O_NONBLOCK)
	if err != 0 {
		t.Fatal(err)
	}
	w, err := OpenFifo(ctx, v, abi.FWRITE|abi.O_NONBLOCK)
	if err != 0 {
		t.Fatal(err)
	}
	if err := w.Ops.Write(ctx, sys.NewUio([]byte("abc")), 0); err != 0 {
		t.Fatal(err)
	}
	b := make([]byte, 8)
	u := sys.NewUio(b)
	if err := r.Ops.Read(ctx, u, 0); err != 0 || string(b[:3]) != "abc" || u.Resid != 5 {
		t.Fatalf("%v %q", err, b)
	}
	var st abi.Stat
	if err := r.Ops.Stat(ctx, &st); err != 0 || st.Mode != abi.S_IFIFO|0o600 {
		t.Fatalf("%v %o", err, st.Mode)
	}
	w.Unref(ctx)
	if err := r.Ops.Read(ctx, u, 0); err != 0 || u.Resid != 5 {
		t.Fatal("no end of file", err)
	}
	r.Unref(ctx)
	v.Unref()
}
