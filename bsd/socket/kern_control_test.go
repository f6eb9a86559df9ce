package socket

import (
	"encoding/binary"
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
)

// refusal is a controller that lets nobody connect.
type refusal struct{ ends int }

func (r *refusal) Connect(*sys.Context, *ControlPCB) abi.Errno                    { return abi.EACCES }
func (r *refusal) Disconnect(*sys.Context, *ControlPCB)                           { r.ends++ }
func (r *refusal) Send(*sys.Context, *ControlPCB, []byte, int) abi.Errno          { return 0 }
func (r *refusal) Setopt(*sys.Context, *ControlPCB, int, []byte) abi.Errno        { return 0 }
func (r *refusal) Getopt(*sys.Context, *ControlPCB, int, int) ([]byte, abi.Errno) { return nil, 0 }

// TestControlRefused: a socket that a control has refused is as it was, and nobody waits in it.
func TestControlRefused(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	r := &refusal{}
	c := &Control{Name: "test.refusal", Controller: r}
	must(t, ds.Controls.Register(c))
	for _, typ := range []int{abi.SOCK_DGRAM, abi.SOCK_STREAM} {
		if c.Flags = 0; typ == abi.SOCK_STREAM {
			c.Flags = CtlStream
		}
		so, e := ds.New(ctx, abi.AF_SYSTEM, typ, abi.SYSPROTO_CONTROL)
		must(t, e)
		name := make([]byte, abi.SockaddrCtlLen)
		binary.LittleEndian.PutUint32(name[4:], c.ID)
		for r.ends = 0; r.ends < 2; {
			was := r.ends
			want(t, so.Connect(ctx, name, false), abi.EACCES)
			if r.ends != was+1 {
				t.Fatalf("Disconnect was called %d times", r.ends-was)
			}
			m := Msg{Uio: sys.NewUio(make([]byte, 1))}
			want(t, so.Recvmsg(ctx, &m, true), abi.ENOTCONN)
			want(t, send(so, ctx, []byte("x")), abi.ENOTCONN)
		}
		so.Close(ctx)
	}
	must(t, ds.Controls.Deregister(c))
}
