package libkern

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strings"
)

// ELF is the image as a file for debuggers of the host, which know no Mach-O: its sections
// without their content, its symbols without their underscores and, as in SymbolFile,
// debugging information. more are symbols outside of the image.
func (img *Image) ELF(more []Symbol) []byte {
	f := elfFile{}
	f.section("", elf.Section64{}, nil)
	for i := range img.Segments {
		g := &img.Segments[i]
		for _, x := range g.Sections {
			h := elf.Section64{Type: uint32(elf.SHT_NOBITS), Addr: x.Addr, Size: x.Size, Addralign: 1, Flags: uint64(elf.SHF_ALLOC)}
			if g.Prot&4 != 0 { // VM_PROT_EXECUTE
				h.Flags |= uint64(elf.SHF_EXECINSTR)
			} else {
				h.Flags |= uint64(elf.SHF_WRITE)
			}
			f.section(elfName(x.Seg, x.Name), h, nil)
		}
	}
	alloc := len(f.headers)
	for i := range img.debug {
		x := &img.debug[i]
		f.section(elfName(x.Seg, x.Name), elf.Section64{Type: uint32(elf.SHT_PROGBITS), Addralign: 1}, x.data)
	}
	var syms, strs bytes.Buffer
	strs.WriteByte(0)
	binary.Write(&syms, binary.LittleEndian, elf.Sym64{})
	add := func(s Symbol) {
		y := elf.Sym64{Name: uint32(strs.Len()), Value: s.Addr, Shndx: uint16(elf.SHN_ABS), Info: elf.ST_INFO(elf.STB_GLOBAL, elf.STT_NOTYPE)}
		for i, h := range f.headers[1:alloc] {
			if s.Addr-h.Addr < h.Size {
				y.Shndx = uint16(i + 1)
				y.Info = elf.ST_INFO(elf.STB_GLOBAL, elf.STT_OBJECT)
				if h.Flags&uint64(elf.SHF_EXECINSTR) != 0 {
					y.Info = elf.ST_INFO(elf.STB_GLOBAL, elf.STT_FUNC)
				}
			}
		}
		strs.WriteString(strings.TrimPrefix(s.Name, "_"))
		strs.WriteByte(0)
		binary.Write(&syms, binary.LittleEndian, y)
	}
	for _, l := range [][]Symbol{img.Symbols, more} {
		for _, s := range l {
			add(s)
		}
	}
	f.section(".symtab", elf.Section64{Type: uint32(elf.SHT_SYMTAB), Addralign: 8, Entsize: 24, Link: uint32(len(f.headers) + 1), Info: 1}, syms.Bytes())
	f.section(".strtab", elf.Section64{Type: uint32(elf.SHT_STRTAB), Addralign: 1}, strs.Bytes())
	return f.bytes()
}

// elfName is a section's name in an ELF file: .text, .data, .debug_info.
func elfName(seg, name string) string {
	switch {
	case name == "__debug_str_offs": // Mach-O's names have 16 characters
		return ".debug_str_offsets"
	case strings.HasPrefix(name, "__debug_"):
		return "." + name[2:]
	case seg == "__TEXT" && name == "__text":
		return ".text"
	case seg == "__DATA" && (name == "__data" || name == "__bss"):
		return "." + name[2:]
	}
	return seg + "." + name
}

// elfFile collects the sections of an ELF file.
type elfFile struct {
	headers []elf.Section64
	body    bytes.Buffer // behind the ELF header
	names   bytes.Buffer
}

const elfHeader = 64

func (f *elfFile) section(name string, h elf.Section64, data []byte) {
	if name == "" {
		f.names.WriteByte(0)
	} else {
		h.Name = uint32(f.names.Len())
		f.names.WriteString(name)
		f.names.WriteByte(0)
	}
	if data != nil {
		for f.body.Len()%8 != 0 {
			f.body.WriteByte(0)
		}
		h.Off, h.Size = uint64(elfHeader+f.body.Len()), uint64(len(data))
		f.body.Write(data)
	}
	f.headers = append(f.headers, h)
}

// bytes is the file.
func (f *elfFile) bytes() []byte {
	n := len(f.headers)
	names := uint32(f.names.Len())
	f.names.WriteString(".shstrtab\x00")
	f.headers = append(f.headers, elf.Section64{})
	f.body.Write(make([]byte, -f.body.Len()&7))
	f.headers[n] = elf.Section64{Name: names, Type: uint32(elf.SHT_STRTAB), Off: uint64(elfHeader + f.body.Len()), Size: uint64(f.names.Len()), Addralign: 1}
	f.body.Write(f.names.Bytes())
	f.body.Write(make([]byte, -f.body.Len()&7))
	h := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_X86_64), Version: 1, Shoff: uint64(elfHeader + f.body.Len()),
		Ehsize: elfHeader, Shentsize: 64, Shnum: uint16(len(f.headers)), Shstrndx: uint16(n)}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS], h.Ident[elf.EI_DATA], h.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1
	var out bytes.Buffer
	binary.Write(&out, binary.LittleEndian, h)
	out.Write(f.body.Bytes())
	for _, s := range f.headers {
		binary.Write(&out, binary.LittleEndian, s)
	}
	return out.Bytes()
}
