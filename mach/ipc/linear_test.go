package ipc

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"puggle/abi"
)

// A port is a bounded queue, and a port set a choice of several: concurrent sends
// and receives must look as if each had happened at one moment between its call and
// its return.

const linPorts = 2

// linInput is a send (of a number to a port), or a receive (from the set, or from
// one port); linOutput what came of it.
type linInput struct {
	send bool
	port int // -1: the set
	v    int32
}

type linOutput struct {
	ok   bool // else: full, or empty
	port int  // that was received from
	v    int32
}

type linState [linPorts][]int32

// linModel: where senders wait, room that a receive has made belongs to the first of
// them, who may not have used it yet, as in XNU; so "full" says nothing then.
func linModel(limit int, waiting bool) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return linState{} },
		Step: func(state, input, output any) (bool, any) {
			s, in, out := state.(linState), input.(linInput), output.(linOutput)
			switch {
			case in.send && out.ok:
				if len(s[in.port]) >= limit {
					return false, s
				}
				s[in.port] = append(slices.Clone(s[in.port]), in.v)
				return true, s
			case in.send:
				return waiting || len(s[in.port]) >= limit, s
			case out.ok:
				p := out.port
				if in.port >= 0 && in.port != p || len(s[p]) == 0 || s[p][0] != out.v {
					return false, s
				}
				s[p] = s[p][1:]
				return true, s
			case in.port >= 0:
				return len(s[in.port]) == 0, s
			}
			for _, q := range s {
				if len(q) > 0 {
					return false, s
				}
			}
			return true, s
		},
		Equal: func(a, b any) bool {
			x, y := a.(linState), b.(linState)
			for i := range x {
				if !slices.Equal(x[i], y[i]) {
					return false
				}
			}
			return true
		},
	}
}

// linHistory has threads send and receive at random; those that may wait do so
// for a moment, so that hand-overs to waiting threads are among it.
func linHistory(t *testing.T, seed uint64, limit uint32, set, waiting bool) []porcupine.Operation {
	a := newTask()
	defer a.Terminate()
	var ports [linPorts]abi.PortName
	sn := abi.PortName(0)
	if set {
		sn, _ = a.Allocate(abi.MACH_PORT_RIGHT_PORT_SET)
	}
	for i := range ports {
		ports[i], _ = a.Construct(PortOptions{Flags: abi.MPO_INSERT_SEND_RIGHT}, 0)
		want(t, "limit", a.SetAttributes(ports[i], abi.MACH_PORT_LIMITS_INFO, []uint32{limit}), 0)
		if set {
			want(t, "member", a.InsertMember(ports[i], sn), 0)
		}
	}
	index := func(n abi.PortName) int { return slices.Index(ports[:], n) }
	const threads, each = 5, 14
	var mu sync.Mutex
	var history []porcupine.Operation
	var wg sync.WaitGroup
	start := time.Now()
	for id := range threads {
		wg.Add(1)
		go func() {
			defer wg.Done()
			th, r := a.thread(), rand.New(rand.NewPCG(seed, uint64(id)))
			for n := range each {
				in := linInput{send: r.IntN(2) == 0, port: r.IntN(linPorts), v: int32(id*1000 + n)}
				if !in.send && set && r.IntN(2) == 0 {
					in.port = -1
				}
				ms := uint32(r.IntN(2))
				if in.send && !waiting {
					ms = 0
				}
				var out linOutput
				call := time.Since(start).Nanoseconds()
				if in.send {
					m := msg{bits: hbits(copySend, 0), remote: ports[in.port], id: in.v}
					switch kr := th.send(m, abi.MACH_SEND_TIMEOUT, ms); kr {
					case 0:
						out.ok = true
					case abi.MACH_SEND_TIMED_OUT:
						a.ModRefs(m.remote, abi.MACH_PORT_RIGHT_SEND, -1) // the right came back
					default:
						t.Errorf("send %#x", uint32(kr))
					}
				} else {
					from := sn
					if in.port >= 0 {
						from = ports[in.port]
					}
					b, kr := th.recv(from, abi.MACH_RCV_TIMEOUT, ms, 256)
					switch kr {
					case 0:
						out = linOutput{true, index(abi.PortName(get32(b, 12))), int32(get32(b, 20))}
					case abi.MACH_RCV_TIMED_OUT:
					default:
						t.Errorf("receive %#x", uint32(kr))
					}
				}
				ret := time.Since(start).Nanoseconds()
				mu.Lock()
				history = append(history, porcupine.Operation{ClientId: id, Input: in, Call: call, Output: out, Return: ret})
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	return history
}

func TestLinearizable(t *testing.T) {
	leakCheck(t)
	rounds := uint64(150)
	if testing.Short() {
		rounds = 40
	}
	full, empty := 0, 0
	for mode := range 4 {
		set, waiting := mode&1 != 0, mode&2 != 0
		for seed := range rounds {
			const limit = 3
			h := linHistory(t, seed, limit, set, waiting)
			for _, o := range h {
				if !o.Output.(linOutput).ok {
					if o.Input.(linInput).send {
						full++
					} else {
						empty++
					}
				}
			}
			// A history that takes too long to decide says nothing.
			if r := porcupine.CheckOperationsTimeout(linModel(limit, waiting), h, 10*time.Second); r == porcupine.Illegal {
				t.Fatalf("set %v, senders wait %v, seed %d: no order of these explains them: %+v", set, waiting, seed, h)
			}
		}
	}
	if full == 0 || empty == 0 {
		t.Errorf("no full queue (%d) or no empty one (%d) was met", full, empty)
	}
}

// The checker itself must see what is wrong.
func TestLinearizableSees(t *testing.T) {
	op := func(at int64, in linInput, out linOutput) porcupine.Operation {
		return porcupine.Operation{Input: in, Output: out, Call: at, Return: at + 1}
	}
	send := func(at int64, v int32) porcupine.Operation {
		return op(at, linInput{send: true, v: v}, linOutput{ok: true})
	}
	recv := func(at int64, v int32) porcupine.Operation {
		return op(at, linInput{}, linOutput{ok: true, v: v})
	}
	for name, h := range map[string][]porcupine.Operation{
		"out of order": {send(0, 1), send(10, 2), recv(20, 2), recv(30, 1)},
		"twice":        {send(0, 1), recv(10, 1), recv(20, 1)},
		"over limit":   {send(0, 1), send(10, 2), send(20, 3), send(30, 4)},
		"lost":         {send(0, 1), op(10, linInput{}, linOutput{})},
	} {
		if porcupine.CheckOperations(linModel(3, false), h) {
			t.Errorf("%s passes", name)
		}
	}
	if !porcupine.CheckOperations(linModel(3, false), []porcupine.Operation{send(0, 1), recv(0, 1)}) {
		t.Error("a good one does not pass")
	}
}
