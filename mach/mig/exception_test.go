package mig

import (
	"testing"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/mach/task"
)

// handler answers exception messages with fn's data until its port dies.
func handler(p *ipc.Port, fn func(k *ipc.Kmsg) (data []byte, reply bool)) chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		th := sched.NewThread("handler")
		for {
			k, kr := p.ReceiveInKernel(th, sched.Forever)
			if kr != 0 {
				return
			}
			if data, ok := fn(k); ok {
				ipc.SendFromKernel(k.NewReply(nil, data))
			}
			k.Destroy()
		}
	}()
	return done
}

func reply(kr abi.KernReturn, words ...uint32) []byte {
	var e Encoder
	e.PutRaw(abi.NDRRecord[:])
	e.Raw32(uint32(kr))
	for _, w := range words {
		e.Raw32(w)
	}
	return e
}

func TestExceptionDefault(t *testing.T) {
	w := newWorld(t)
	w.cl.Thread = &w.th.Thread
	p := kernelPort(t)
	var got []*ipc.Kmsg
	var id int32
	var code uint64
	done := handler(p, func(k *ipc.Kmsg) ([]byte, bool) {
		id = k.ID()
		d := k.Descs()
		if len(d) == 2 && convertPortToThread(d[0].Port) == w.th && convertPortToTask(d[1].Port) == w.t {
			got = append(got, k)
		}
		code = le.Uint64(k.Body()[k.DataOffset()+8+8:])
		return reply(0), true
	})
	w.t.Exceptions.Set(1<<abi.EXC_BAD_ACCESS, task.ExceptionAction{Port: p, Behavior: abi.EXCEPTION_DEFAULT | abi.MACH_EXCEPTION_CODES})
	if w.k.Exception(w.th, abi.EXC_ARITHMETIC, 1, 0) {
		t.Error("an exception nobody asked for was handled")
	}
	if !w.k.Exception(w.th, abi.EXC_BAD_ACCESS, 1, 0x7f00dead0000) {
		t.Error("not handled")
	}
	if id != 2405 || len(got) != 1 || code != 1 {
		t.Errorf("id %d, %d good messages, code %d", id, len(got), code)
	}
	w.t.Exceptions.Set(abi.EXC_MASK_VALID, task.ExceptionAction{})
	p.DestroyKernel()
	<-done
}

func TestExceptionState(t *testing.T) {
	w := newWorld(t)
	p := kernelPort(t)
	w.th.Context().Regs().Rip = 0x1000
	done := handler(p, func(k *ipc.Kmsg) ([]byte, bool) {
		// NDR, exception, count, 2 codes, flavor, count, state
		b := k.Body()[8+4+4+8+4:]
		n := int(le.Uint32(b))
		state := make([]uint32, n)
		for i := range state {
			state[i] = le.Uint32(b[4+4*i:])
		}
		state[32] += 2 // rip
		return reply(0, append([]uint32{abi.X86_THREAD_STATE64, uint32(n)}, state...)...), true
	})
	w.th.Exceptions.Set(1<<abi.EXC_BREAKPOINT, task.ExceptionAction{Port: p, Behavior: abi.EXCEPTION_STATE, Flavor: abi.X86_THREAD_STATE64})
	if !w.k.Exception(w.th, abi.EXC_BREAKPOINT, 2, 0) {
		t.Fatal("not handled")
	}
	if rip := w.th.Context().Regs().Rip; rip != 0x1002 {
		t.Errorf("rip %#x", rip)
	}
	w.th.Exceptions.Set(abi.EXC_MASK_VALID, task.ExceptionAction{})
	p.DestroyKernel()
	<-done
}

// A handler that fails, or drops the message, leaves it to the next.
func TestExceptionFallsThrough(t *testing.T) {
	w := newWorld(t)
	bad, lost, good := kernelPort(t), kernelPort(t), kernelPort(t)
	d1 := handler(bad, func(*ipc.Kmsg) ([]byte, bool) { return reply(abi.KERN_FAILURE), true })
	d2 := handler(lost, func(*ipc.Kmsg) ([]byte, bool) { return nil, false })
	asked := 0
	d3 := handler(good, func(*ipc.Kmsg) ([]byte, bool) { asked++; return reply(0), true })
	set := func(e *task.ExceptionPorts, p *ipc.Port) {
		e.Set(1<<abi.EXC_BAD_INSTRUCTION, task.ExceptionAction{Port: p, Behavior: abi.EXCEPTION_DEFAULT})
	}
	set(&w.th.Exceptions, bad)
	set(&w.t.Exceptions, lost)
	if w.k.Exception(w.th, abi.EXC_BAD_INSTRUCTION, 1, 0) {
		t.Error("nobody handled it")
	}
	set(&w.k.Host.Exceptions, good)
	if !w.k.Exception(w.th, abi.EXC_BAD_INSTRUCTION, 1, 0) || asked != 1 {
		t.Error("the host's handler was not asked")
	}
	for _, p := range []*ipc.Port{bad, lost, good} {
		p.DestroyKernel()
	}
	<-d1
	<-d2
	<-d3
	if w.k.Exception(w.th, abi.EXC_BAD_INSTRUCTION, 1, 0) {
		t.Error("dead handlers handle")
	}
}
