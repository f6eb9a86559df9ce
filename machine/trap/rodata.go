package trap

import (
	"encoding/binary"
	"os"

	"golang.org/x/sys/unix"

	"puggle/machine"
)

func le64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// kickSignal makes a shell's thread look at its slot.
const kickSignal = unix.SIGURG

// trapSignals are the signals whose handler is the stub's.
var trapSignals = []unix.Signal{unix.SIGSYS, unix.SIGSEGV, unix.SIGBUS, unix.SIGILL, unix.SIGTRAP, unix.SIGFPE, kickSignal}

// writeFixedPages fills the pages that all shells share: stub text and RODATA.
func (m *Machine) writeFixedPages() {
	copy(m.mem.Bytes(paText, textSize), stubBlob)

	ro := m.mem.Bytes(paRodata, 2*machine.PageSize)
	le := binary.LittleEndian
	le.PutUint64(ro[0x08:], ^uint64(0))
	le.PutUint32(ro[0x10:], uint32(os.Getpid()))
	le.PutUint32(ro[0x14:], uint32(len(trapSignals)))
	prog := func(at, off int, p []insn) {
		b := marshalFilter(p)
		copy(ro[off:], b)
		le.PutUint16(ro[at:], uint16(len(p)))
		le.PutUint64(ro[at+8:], rodataBase+uint64(off))
	}
	prog(0x20, 0x400, guestFilter())
	prog(0x30, 0x600, controlFilter())
	for i := range uint64(256) { // what a failure's errno is written from
		le.PutUint64(ro[machine.PageSize+8*i:], i)
	}
	const saSiginfo, saOnstack, saRestorer = 4, 0x08000000, 0x04000000
	for i, sig := range trapSignals {
		a := ro[0x40+40*i:]
		le.PutUint64(a[0:], uint64(sig))
		le.PutUint64(a[8:], textBase+labelHandler)
		le.PutUint64(a[16:], saSiginfo|saOnstack|saRestorer)
		le.PutUint64(a[24:], textBase+labelRestorer)
		le.PutUint64(a[32:], ^uint64(0))
	}
}
