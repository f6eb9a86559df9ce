package vm

import (
	"testing"

	"puggle/abi"
	"puggle/machine"
)

// nullPmap forgets everything.
type nullPmap struct{ applies, ops int }

func (p *nullPmap) Apply(ops []machine.PmapOp) error {
	p.applies++
	p.ops += len(ops)
	return nil
}

func benchMap(b *testing.B, entries int) (*Map, *nullPmap) {
	f := newFakeMemory(b, 20000)
	pm := new(nullPmap)
	m := NewMap(f, pm, testLo, testHi)
	for i := range entries {
		m.Allocate(0, pageSize, Anywhere|Tag(uint8(i)))
	}
	return m, pm
}

func BenchmarkAllocateDeallocate(b *testing.B) {
	m, _ := benchMap(b, 200)
	b.ReportAllocs()
	for b.Loop() {
		a, _ := m.Allocate(0, 1<<16, Anywhere)
		m.Deallocate(a, 1<<16)
	}
}

func BenchmarkFault(b *testing.B) {
	m, _ := benchMap(b, 200)
	a, _ := m.Allocate(0, 1<<20, Anywhere)
	b.ReportAllocs()
	for b.Loop() {
		m.Fault(a, abi.VM_PROT_WRITE)
	}
}

func BenchmarkCopyIn16(b *testing.B) {
	m, _ := benchMap(b, 200)
	a, _ := m.Allocate(0, 1<<20, Anywhere)
	var buf [16]byte
	b.ReportAllocs()
	for b.Loop() {
		m.CopyIn(buf[:], a)
	}
}

func BenchmarkPin4K(b *testing.B) { benchPin(b, 4096) }
func BenchmarkPin1M(b *testing.B) { benchPin(b, 1<<20) }

func benchPin(b *testing.B, n uint64) {
	m, _ := benchMap(b, 200)
	a, _ := m.Allocate(0, 1<<20, Anywhere)
	b.ReportAllocs()
	for b.Loop() {
		p, _ := m.Pin(a, n, abi.VM_PROT_WRITE)
		p.Release()
	}
}

func BenchmarkForkExit(b *testing.B) {
	m, _ := benchMap(b, 100)
	for i := range 100 {
		m.Fault(testLo+Addr(i)<<12, abi.VM_PROT_WRITE)
	}
	b.ReportAllocs()
	for b.Loop() {
		c, _ := m.Fork(new(nullPmap))
		c.Destroy()
	}
}

func BenchmarkCopyOnWrite(b *testing.B) {
	m, _ := benchMap(b, 10)
	const n = 4096
	a, _ := m.Allocate(0, n*pageSize, Anywhere)
	m.Fault(a, abi.VM_PROT_WRITE)
	b.ReportAllocs()
	for b.Loop() {
		c, _ := m.Fork(new(nullPmap))
		// Every page that a run of faults does not enter costs one more.
		for i := Addr(0); i < n; i += copyPages {
			c.Fault(a+i<<12, abi.VM_PROT_WRITE)
		}
		c.Destroy()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/page")
}
