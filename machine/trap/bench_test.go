package trap

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"puggle/abi"
	"puggle/machine"
)

// threads gives n contexts of one space, all at the start of code.
func threads(b testing.TB, m *Machine, code []byte, n int) []machine.Context {
	s, c := guest(b, m, code)
	all := []machine.Context{c}
	for len(all) < n {
		c, err := s.NewContext()
		if err != nil {
			b.Fatal(err)
		}
		c.SetRegs(&machine.Regs{Rip: 0x100000, Rsp: 0x2f0000 + uint64(len(all))*0x1000})
		all = append(all, c)
	}
	return all
}

// BenchmarkThreads makes null calls from several threads at once. The time is the
// wall clock's for one call of all.
func BenchmarkThreads(b *testing.B) {
	for _, way := range []struct {
		name string
		code []byte
	}{{"fast", fastLoop}, {"raw", rawLoop}, {"work", workLoop(2000)}} {
		for _, n := range []int{1, 2, 8} {
			b.Run(fmt.Sprint(way.name, n), func(b *testing.B) {
				m := newMachine(b)
				all := threads(b, m, way.code, n)
				for _, c := range all {
					c.Run()
				}
				b.ResetTimer()
				var wg sync.WaitGroup
				for _, c := range all {
					wg.Go(func() {
						for range b.N/n + 1 {
							c.Return(7, 0, false)
							c.Run()
						}
					})
				}
				wg.Wait()
			})
		}
	}
}

// BenchmarkBeside makes null calls in one thread while another computes.
func BenchmarkBeside(b *testing.B) {
	for _, beside := range []int{1, 2} {
		b.Run(fmt.Sprint(beside), func(b *testing.B) {
			m := newMachine(b)
			var wg sync.WaitGroup
			var done []machine.Context
			for range beside {
				_, busy := guest(b, m, []byte{0xeb, 0xfe})
				done = append(done, busy)
				wg.Go(func() { busy.Run() })
			}
			all := threads(b, m, fastLoop, 1)
			all[0].Run()
			time.Sleep(10 * time.Millisecond)
			b.ResetTimer()
			for range b.N {
				all[0].Return(7, 0, false)
				all[0].Run()
			}
			b.StopTimer()
			for _, c := range done {
				c.Kick()
			}
			wg.Wait()
		})
	}
}

// BenchmarkOrder makes calls in each of which the kernel changes a protection.
func BenchmarkOrder(b *testing.B) {
	m := newMachine(b)
	s, c := guest(b, m, fastLoop)
	p, err := m.Memory().Alloc(machine.PageSize)
	if err != nil {
		b.Fatal(err)
	}
	const at = 0x700000
	if err := s.Apply([]machine.PmapOp{{Kind: machine.PmapEnter, Va: at, Pa: p, Len: machine.PageSize, Prot: 3}}); err != nil {
		b.Fatal(err)
	}
	c.Run()
	b.ResetTimer()
	for i := range b.N {
		if err := s.Apply([]machine.PmapOp{{Kind: machine.PmapProtect, Va: at, Len: machine.PageSize, Prot: abi.Prot(1 + 2*(i&1))}}); err != nil {
			b.Fatal(err)
		}
		c.Return(7, 0, false)
		c.Run()
	}
}

// BenchmarkUpcall makes calls in each of which a thread of another space runs for
// one call of its own.
func BenchmarkUpcall(b *testing.B) {
	m := newMachine(b)
	_, c := guest(b, m, fastLoop)
	ks, k := guest(b, m, fastLoop)
	ks.(*Space).SetSystem()
	c.Run()
	k.Run()
	b.ResetTimer()
	for range b.N {
		k.Return(7, 0, false)
		k.Run()
		c.Return(7, 0, false)
		c.Run()
	}
}
