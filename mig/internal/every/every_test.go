package every

import (
	"reflect"
	"testing"
	"time"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/mig"
	"puggle/mach/sched"
	"puggle/mach/vm"
)

func ports(t *testing.T) *ipc.Port {
	p, kr := ipc.AllocKernel(nil, abi.IKOT_NONE, nil)
	if kr != 0 {
		t.Fatal(kr)
	}
	return p
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestRoundTrip(t *testing.T) {
	live, msgs := ipc.Counts()
	cl := &mig.Client{Thread: sched.NewThread("test"), Until: sched.After(20 * time.Second)}
	var kept *ipc.Port
	oneway := int32(0)
	s := &EveryServer{
		Scalars: func(_ *mig.Call, _ *ipc.Port, a int32, b uint64, c byte, e int16) (int64, int16, bool, abi.KernReturn) {
			return int64(a) + int64(b) + int64(c), -e, true, 0
		},
		Arrays: func(_ *mig.Call, _ *ipc.Port, a [2]int32, b [5]byte, c, d []uint16, room int, h int32) ([]uint16, [2]int32, [5]byte, []uint16, abi.KernReturn) {
			if h != 77 {
				return nil, a, b, nil, abi.KERN_FAILURE
			}
			return append(d, c...), [2]int32{a[1], a[0]}, b, c[:room], 0
		},
		Strings: func(_ *mig.Call, _ *ipc.Port, a, b string) (string, string, abi.KernReturn) { return b, a, 0 },
		Memory: func(_ *mig.Call, _ *ipc.Port, a, b, c mig.Memory) (ipc.Copy, [][2]int32, [][6]uint32, abi.KernReturn) {
			raw, kr := b.Bytes(1 << 20)
			if kr != 0 || c.Size() != 24 || len(raw) != 16 || raw[0] != 1 {
				return nil, nil, nil, abi.KERN_INVALID_ARGUMENT
			}
			return a.Take(), [][2]int32{{5, 6}}, [][6]uint32{{9, 8, 7, 6, 5, 4}}, 0
		},
		Ports: func(_ *mig.Call, _ *ipc.Port, a, b mig.Right, c mig.Rights) (*ipc.Port, mig.Poly, []*ipc.Port, []*ipc.Port, []*ipc.Port, []uint16, abi.KernReturn) {
			kept = a.Take()
			l := c.Take()
			return kept.MakeSendOnce(), mig.Poly{Port: b.Take(), Type: b.Type()}, l, []*ipc.Port{kept.MakeSend(), nil, kept.MakeSend()},
				[]*ipc.Port{kept.MakeSend()}, []uint16{1, 2, 3}, 0
		},
		Oneway: func(_ *mig.Call, _ *ipc.Port, a int32) abi.KernReturn { oneway = a; return 0 },
		Old: func(_ *mig.Call, _ *ipc.Port, r mig.Poly, a int32) abi.KernReturn {
			if r.Type != abi.MACH_MSG_TYPE_PORT_SEND_ONCE {
				return abi.KERN_INVALID_RIGHT
			}
			return abi.KernReturn(a)
		},
	}
	server, kr := ipc.AllocKernel(nil, abi.IKOT_NONE, mig.NewTable(s).Serve)
	if kr != 0 {
		t.Fatal(kr)
	}

	d, e, f, kr := Scalars(cl, server, -1, 10, 3, 4)
	equal(t, "scalars", []any{d, e, f, kr}, []any{int64(12), int16(-4), true, abi.KERN_SUCCESS})

	dd, ee, ff, gg, kr := Arrays(cl, server, [2]int32{1, 2}, [5]byte{1, 2, 3, 4, 5}, []uint16{7, 8, 9}, []uint16{1}, 2, 77)
	equal(t, "arrays", []any{dd, ee, ff, gg, kr}, []any{[]uint16{1, 7, 8, 9}, [2]int32{2, 1}, [5]byte{1, 2, 3, 4, 5}, []uint16{7, 8}, abi.KERN_SUCCESS})
	if _, _, _, _, kr = Arrays(cl, server, [2]int32{}, [5]byte{}, make([]uint16, 8), nil, 2, 77); kr != mig.MIG_ARRAY_TOO_LARGE {
		t.Errorf("too many elements: %d", kr)
	}
	if _, _, _, _, kr = Arrays(cl, server, [2]int32{}, [5]byte{}, nil, nil, 2, 1); kr != abi.KERN_FAILURE {
		t.Errorf("a server's error: %d", kr)
	}

	a, b, kr := Strings(cl, server, "first", "second, and longer than twenty bytes")
	equal(t, "strings", []any{a, b, kr}, []any{"second, and longer ", "first", abi.KERN_SUCCESS})

	c, l, one, kr := Memory(cl, server, vm.NewCopy([]byte("hello")), [][2]int32{{1, 2}, {3, 4}}, [][6]uint32{{}})
	if kr != 0 || c.Size() != 5 {
		t.Fatalf("memory: %d", kr)
	}
	c.Discard()
	equal(t, "memory", []any{l, one}, []any{[][2]int32{{5, 6}}, [][6]uint32{{9, 8, 7, 6, 5, 4}}})

	mine, other := ports(t), ports(t)
	so, any1, many, three, var1, n, kr := Ports(cl, server, mine, mig.Poly{Port: other.MakeSendOnce(), Type: abi.MACH_MSG_TYPE_PORT_SEND_ONCE}, []*ipc.Port{other.MakeSend(), nil})
	if kr != 0 || kept != mine || so != mine || any1.Port != other || any1.Type != abi.MACH_MSG_TYPE_PORT_SEND_ONCE ||
		len(many) != 2 || many[0] != other || many[1] != nil || len(three) != 3 || three[0] != mine || three[1] != nil || len(var1) != 1 || len(n) != 3 {
		t.Errorf("ports: %d %v %v %v %v %v", kr, so, any1, many, three, var1)
	}
	other.DestroyKernel()
	for _, p := range append(append(many, three...), var1...) {
		ipc.ReleaseSend(p)
	}
	ipc.ReleaseReceive(kept)

	if kr = Oneway(cl, server, 42); kr != 0 || oneway != 42 {
		t.Errorf("simpleroutine: %d, %d", kr, oneway)
	}
	if kr = Old(cl, server, 5); kr != 5 {
		t.Errorf("return code: %d", kr)
	}
	if kr = Tokens(cl, server); kr != mig.MIG_BAD_ID {
		t.Errorf("a routine that is not served: %d", kr)
	}
	server.DestroyKernel()
	if kr = Old(cl, server, 5); kr != mig.MIG_SERVER_DIED && kr != abi.MACH_SEND_INVALID_DEST {
		t.Errorf("a dead server: %d", kr)
	}
	if p, m := ipc.Counts(); p != live || m != msgs {
		t.Errorf("%d ports and %d messages before, %d and %d after", live, msgs, p, m)
	}
}
