package dyld

import (
	"encoding/binary"
	"sync"
)

// window is how much of a segment is read, patched and written at once. One
// bit for each of its pages fits a word.
const (
	windowPages = 64
	window      = windowPages * PageSize
)

var windows = sync.Pool{New: func() any { return new([window]byte) }}

// patcher edits 64-bit words of memory a window at a time. Callers go upwards
// in addresses; going down works, but costs a window each time.
type patcher struct {
	mem   Memory
	buf   *[window]byte
	base  uint64 // address of buf[0]
	n     uint64 // bytes valid in buf
	dirty uint64 // a bit for each page of buf
}

func newPatcher(mem Memory) *patcher {
	return &patcher{mem: mem, buf: windows.Get().(*[window]byte)}
}

// close writes back what is left.
func (p *patcher) close() error {
	err := p.flush()
	windows.Put(p.buf)
	p.buf = nil
	return err
}

// word returns the 8 bytes at addr. limit is the end of what may be read:
// the end of the segment's pages. A window that has to be read starts at the
// address `from`, if addr is in the window that starts there, else at addr's page.
func (p *patcher) word(addr, limit, from uint64) ([]byte, error) {
	if off := addr - p.base; addr < p.base || off+8 > p.n {
		if err := p.flush(); err != nil {
			return nil, err
		}
		p.base = addr &^ (PageSize - 1)
		if addr-from < window-8 {
			p.base = from
		}
		p.n = min(limit-p.base, window)
		if err := p.mem.Read(p.base, p.buf[:p.n]); err != nil {
			p.n = 0
			return nil, err
		}
	}
	off := addr - p.base
	p.dirty |= 1<<(off/PageSize) | 1<<((off+7)/PageSize)
	return p.buf[off : off+8 : off+8], nil
}

func (p *patcher) flush() error {
	defer func() { p.dirty, p.n = 0, 0 }()
	for i := uint64(0); i < windowPages; {
		if p.dirty>>i&1 == 0 {
			i++
			continue
		}
		j := i
		for j < windowPages && p.dirty>>j&1 != 0 {
			j++
		}
		from, to := i*PageSize, min(j*PageSize, p.n)
		if err := p.mem.Write(p.base+from, p.buf[from:to]); err != nil {
			return err
		}
		i = j
	}
	return nil
}

func get64(b []byte) uint64    { return binary.LittleEndian.Uint64(b) }
func put64(b []byte, v uint64) { binary.LittleEndian.PutUint64(b, v) }
