package macho

import "fmt"

// FormatError says in one line what is wrong with a file. Off is the offset
// in the (thin) file of what is wrong, or -1 when no one place is.
type FormatError struct {
	Off int64
	Msg string
}

func (e *FormatError) Error() string {
	if e.Off < 0 {
		return "mach-o: " + e.Msg
	}
	return fmt.Sprintf("mach-o: %s (at offset %#x)", e.Msg, e.Off)
}

func bad(off int64, format string, args ...any) error {
	return &FormatError{off, fmt.Sprintf(format, args...)}
}

// Limits bound what Parse and the readers of a File accept. The zero value
// means Default.
type Limits struct {
	Commands     uint32 // load commands
	CommandBytes uint32 // all load commands together, in bytes
	Sections     uint32 // sections in all segments
	Symbols      uint32 // entries of the symbol table
	Relocs       uint32 // relocation entries of one section
	LinkEdit     uint64 // one run of link-edit data (strings, opcodes, a trie), in bytes
	Slices       uint32 // architectures in a fat file
}

// Default is generous for real programs: the go command for darwin needs a
// hundredth of it.
var Default = Limits{
	Commands:     4096,
	CommandBytes: 1 << 20,
	Sections:     4096,
	Symbols:      8 << 20,
	Relocs:       8 << 20,
	LinkEdit:     512 << 20,
	Slices:       32,
}
