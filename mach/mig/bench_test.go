package mig

import (
	"testing"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
)

// The null call, mach_port_type of self, without what the trap itself costs.
func BenchmarkNullCall(b *testing.B) {
	w := newWorld(b)
	n, _ := w.space.Allocate(abi.MACH_PORT_RIGHT_RECEIVE)
	rp := kernelPort(b)
	th := sched.NewThread("bench")
	data := append(append([]byte(nil), abi.NDRRecord[:]...), 0, 0, 0, 0)
	le.PutUint32(data[8:], uint32(n))
	b.ReportAllocs()
	for b.Loop() {
		k := ipc.NewMessage(w.t.SelfPort().MakeSend(), abi.MACH_MSG_TYPE_PORT_SEND, 3201, nil, data)
		k.SetReplyPort(rp.MakeSendOnce(), abi.MACH_MSG_TYPE_PORT_SEND_ONCE)
		ipc.SendFromKernel(k)
		r, _ := rp.ReceiveInKernel(th, sched.Forever)
		r.Destroy()
	}
}
