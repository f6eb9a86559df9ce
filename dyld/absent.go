package dyld

import (
	"encoding/binary"
	"maps"
	"strings"

	"puggle/abi"
)

// A Mac has every library under /usr/lib and /System/Library; here some are
// absent, and of those that are there some lack functions. A program that names
// such a symbol is loaded all the same, and each symbol is bound to a few
// instructions of its own, which call libSystem's ___puggle_absent with its name:
// that says so and aborts. It is what dyld itself does for a lazily bound symbol
// that is missing. Most programs never call most of what they are linked to.
//
// Read as data the instructions are two words that are no addresses.
// Of a program whose symbols name no library, each that is not there may be a library's.
// dlsym and weak imports still find nothing, and dlopen of an absent library fails.

// Allocator is a Memory that has room for absent symbols; without it they are errors.
type Allocator interface {
	// Allocate enters size bytes of zeros, readable and writable.
	Allocate(size uint64) (addr uint64, err error)
}

const (
	absentHandler = "___puggle_absent" // void (const char *symbol, const char *library)
	absentStub    = 16                 // bytes for each symbol
	absentMost    = 1 << 14            // symbols of one process
	absentCommon  = absentMost * absentStub
	absentStrings = absentCommon + 64
	absentText    = absentMost * 64 // bytes of all names; a library's is there once
	absentSize    = absentStrings + absentText
)

// absentee is a symbol's name and where it was to be.
type absentee struct{ name, in string }

// absent is a process's area of stubs for symbols that nothing defines.
type absent struct {
	base    uint64
	handler uint64
	n       int
	strings uint64 // used, from base on
	addrs   map[absentee]uint64
	names   map[string]uint64 // libraries', from base on
}

func (a *absent) clone() *absent {
	if a == nil {
		return nil
	}
	c := *a
	c.addrs, c.names = maps.Clone(a.addrs), maps.Clone(a.names)
	return &c
}

// systemLibrary reports whether a Mac would have the library.
func systemLibrary(path string) bool {
	return strings.HasPrefix(path, "/usr/lib/") || strings.HasPrefix(path, "/System/Library/")
}

// canStandIn reports whether a library may be absent.
func (p *Process) canStandIn(mem Memory, name string) bool {
	_, can := mem.(Allocator)
	return can && systemLibrary(name)
}

// standIn gives an address to a symbol of a system library; ok is false if it
// can't, and then the symbol is an error.
func (p *Process) standIn(e *SymbolError) (addr uint64, ok bool) {
	room, can := p.mem.(Allocator)
	if !can || !systemLibrary(e.In) && !e.oneLevel {
		return 0, false
	}
	a := p.absent
	if a == nil {
		h, found, err := p.findFlat(absentHandler)
		if err != nil || !found {
			return 0, false
		}
		base, err := room.Allocate(absentSize)
		if err != nil {
			return 0, false
		}
		a = &absent{base: base, handler: h.Addr, strings: absentStrings, addrs: map[absentee]uint64{}, names: map[string]uint64{}}
		if p.mem.Write(base+absentCommon, a.common()) != nil {
			return 0, false
		}
		p.absent = a
	}
	key := absentee{e.Name, e.In}
	if addr, ok := a.addrs[key]; ok {
		return addr, true
	}
	if a.n == absentMost {
		return 0, false
	}
	text, in := append([]byte(clip(e.Name)), 0), a.names[e.In]
	symbol := a.strings
	if in == 0 {
		in = symbol + uint64(len(text))
		text = append(append(text, clip(e.In)...), 0)
	}
	if uint64(len(text)) > absentSize-symbol {
		return 0, false
	}
	off := uint64(a.n) * absentStub
	if p.mem.Write(a.base+symbol, text) != nil || p.mem.Write(a.base+off, stub(off, symbol, in)) != nil {
		return 0, false
	}
	a.n++
	a.strings += uint64(len(text))
	a.names[e.In] = in
	a.addrs[key] = a.base + off
	return a.base + off, true
}

// stub is the code at off: a call of what all have in common, which finds where the names
// of the symbol and of the library are 3 and 7 bytes after the return address.
func stub(off, symbol, library uint64) []byte {
	b := []byte{0xe8, 0, 0, 0, 0, 0xcc, 0x0f, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0}
	binary.LittleEndian.PutUint32(b[1:], uint32(absentCommon-(off+5)))
	binary.LittleEndian.PutUint32(b[8:], uint32(symbol))
	binary.LittleEndian.PutUint32(b[12:], uint32(library))
	return b
}

// common calls the handler with base plus what the stub says, twice.
func (a *absent) common() []byte {
	b := []byte{0x58, 0x8b, 0x78, 0x03, 0x8b, 0x70, 0x07} // pop %rax; mov 3(%rax), %edi; mov 7(%rax), %esi
	b = append(b, 0x48, 0xb8)                             // movabs base, %rax
	b = binary.LittleEndian.AppendUint64(b, a.base)
	b = append(b, 0x48, 0x01, 0xc7, 0x48, 0x01, 0xc6) // add %rax, %rdi; add %rax, %rsi
	b = append(b, 0x48, 0xb8)                         // movabs handler, %rax
	b = binary.LittleEndian.AppendUint64(b, a.handler)
	// and $-16, %rsp; call *%rax; ud2
	return append(b, 0x48, 0x83, 0xe4, 0xf0, 0xff, 0xd0, 0x0f, 0x0b)
}

// seal makes what was written since the last time code.
func (p *Process) seal() error {
	if p.absent == nil {
		return nil
	}
	return p.mem.Protect(p.absent.base, absentSize, abi.VM_PROT_READ|abi.VM_PROT_EXECUTE)
}
