package ipc

import (
	"math/rand/v2"
	"testing"

	"puggle/abi"
)

// hostile runs messages of a guest that knows its names but no rules.
func hostile(t *testing.T, data []byte) {
	a, b := newTask(), newTask()
	k, _ := AllocKernel(nil, abi.IKOT_HOST, func(p *Port, q *Kmsg) *Kmsg {
		if q.ID()&1 != 0 {
			return nil
		}
		return q.NewReply(nil, q.Body())
	})
	var names [16]abi.PortName
	for i := range 5 {
		names[i], _ = a.Construct(PortOptions{Flags: abi.MPO_INSERT_SEND_RIGHT}, 0)
	}
	names[5], _ = a.Allocate(abi.MACH_PORT_RIGHT_PORT_SET)
	a.InsertMember(names[1], names[5])
	names[6] = a.CopyOut(k.MakeSend(), moveSend)
	bp, _ := b.Allocate(abi.MACH_PORT_RIGHT_RECEIVE)
	names[7] = give(t, b, bp, a, makeSend)
	names[8] = give(t, b, bp, a, makeOnce)
	names[9] = a.SpecialReplyPort()
	names[10] = abi.MACH_PORT_DEAD
	for i := 11; i < 16; i++ {
		names[i] = names[i-11] + 0x400
	}
	next := func() byte {
		if len(data) == 0 {
			return 0
		}
		c := data[0]
		data = data[1:]
		return c
	}
	types := [...]abi.MsgType{0, 16, 17, 18, 19, 20, 21, 22}
	for len(data) > 0 {
		m := msg{
			bits:   hbits(types[next()&7], types[next()&7]),
			remote: names[next()&15], local: names[next()&15], id: int32(next()),
		}
		for range next() & 3 {
			n, ty := names[next()&15], types[next()&7]
			switch next() % 6 {
			case 0, 1, 2:
				m.descs = append(m.descs, portDesc(n, ty))
			case 3:
				m.descs = append(m.descs, oolDesc(base+0x100, uint32(next()), 1, 0, next()&3, next()&1 != 0))
			case 4:
				for i := range 4 {
					put32(a.mem.b[:], 0x200+4*i, uint32(names[next()&15]))
				}
				m.descs = append(m.descs, oolDesc(base+0x200, uint32(next()&3), 2, byte(ty), 0, false))
			case 5:
				d := oolDesc(0, uint32(n), 4, byte(ty), 0, false)
				d[8] = next() & 3
				m.descs = append(m.descs, d)
			}
		}
		if next()&7 == 0 { // any bytes at all
			raw := m.bytes()
			for range 4 {
				raw[int(next())%len(raw)] = next()
			}
			if next()&1 == 0 {
				put32(raw, 4, uint32(len(raw)))
				a.send25(raw, abi.SEND_TIMEOUT)
			} else {
				a.mem.CopyOut(base, raw)
				a.Msg(a.th, a.mem, a.mem, &MsgArgs{Addr: base, Option: abi.MACH_SEND_MSG | abi.MACH_SEND_TIMEOUT, Send: uint32(len(raw))})
			}
		} else {
			a.send(m, abi.MACH_SEND_TIMEOUT|abi.MsgOption(next()&1)*abi.MACH_SEND_NOTIFY, 0)
		}
		n := names[next()&15]
		switch next() % 8 {
		case 0:
			a.recv(n, abi.MACH_RCV_TIMEOUT|abi.MACH_RCV_LARGE, 0, uint32(next()))
		case 1:
			a.recv25(n, uint32(next()), 0)
		case 2:
			a.poll(n)
		case 3:
			b.poll(bp)
		case 4:
			a.ModRefs(n, abi.PortRight(next()%7), int32(int8(next())))
		case 5:
			if so, kr := a.ExtractRight(names[next()&7], makeOnce); kr == 0 {
				prev, kr := a.RequestNotification(n, []int32{0101, 0102, 0105, 0106, 0110}[next()%5], uint32(next()&1), so)
				if kr != 0 {
					Release(so, moveOnce)
				}
				Release(prev, moveOnce)
			}
		case 6:
			a.MoveMember(n, names[next()&15])
		case 7:
			a.Deallocate(n)
		}
	}
	a.Terminate()
	b.Terminate()
	k.DestroyKernel()
}

func FuzzMessages(f *testing.F) {
	f.Add([]byte("a message"))
	f.Fuzz(hostile)
}

func TestHostile(t *testing.T) {
	leakCheck(t)
	rounds := 400
	if testing.Short() {
		rounds = 50
	}
	rng := rand.New(rand.NewPCG(4, 4))
	for range rounds {
		b := make([]byte, 2000)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		hostile(t, b)
	}
}
