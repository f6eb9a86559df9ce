package trap

import (
	_ "embed"
	"encoding/binary"
)

//go:embed stub/stub_amd64.bin
var stubBlob []byte

// Labels of the stub, from the table behind its entries.
func stubLabel(i int) uint64 {
	return uint64(binary.LittleEndian.Uint32(stubBlob[48+4*i:]))
}

var (
	labelHandler     = stubLabel(0)
	labelRestorer    = stubLabel(1)
	labelZygote      = stubLabel(2)
	labelEnd         = stubLabel(3)
	labelAgain       = stubLabel(6)
	labelInterrupted = stubLabel(7)
)

// zygoteELF wraps the stub in the smallest ELF file that execve takes: one
// read-execute segment at 4 MB whose entry is the zygote label.
func zygoteELF() []byte {
	const base, header = 0x400000, 64 + 56
	const textOff = 0x1000
	b := make([]byte, textOff+len(stubBlob))
	le := binary.LittleEndian
	copy(b, "\x7fELF\x02\x01\x01")
	le.PutUint16(b[16:], 2)  // ET_EXEC
	le.PutUint16(b[18:], 62) // EM_X86_64
	le.PutUint32(b[20:], 1)
	le.PutUint64(b[24:], base+textOff+labelZygote)
	le.PutUint64(b[32:], 64) // program headers
	le.PutUint16(b[52:], 64)
	le.PutUint16(b[54:], 56)
	le.PutUint16(b[56:], 1)
	ph := b[64:]
	le.PutUint32(ph[0:], 1) // PT_LOAD
	le.PutUint32(ph[4:], 5) // R X
	le.PutUint64(ph[16:], base)
	le.PutUint64(ph[24:], base)
	le.PutUint64(ph[32:], uint64(len(b)))
	le.PutUint64(ph[40:], uint64(len(b)))
	le.PutUint64(ph[48:], 0x1000)
	copy(b[textOff:], stubBlob)
	return b
}
