// Package macho reads Mach-O files, whoever made them, and writes small ones.
//
// It is what the kernel parses at exec, at dlopen and at kextload, so its
// input is hostile. What it promises:
//
//   - No input makes it panic, loop without end, or allocate more than its
//     Limits allow; what it allocates is also bounded by the size of the file.
//   - Every offset, size and count in a parsed File has been checked against
//     the file and against overflow. A caller may add a Segment's fields
//     without fear. What is not checked is whether addresses make sense
//     together (overlaps, alignment): that is the loader's business (package
//     dyld for programs, libkern for kernel code).
//   - An error is a *FormatError: one line, which says what is wrong and where.
//
// Parse reads the header and load commands only. Symbols, relocations, dyld's
// opcodes and the export trie are read when asked for, so that an exec costs
// two small reads. Nothing is cached: a *File does not change after Parse and
// may be shared.
//
// Fat files (32- and 64-bit headers) are opened by Slices; Select takes the
// part for one processor. x86_64 and arm64 headers are parsed alike; callers
// refuse the processor that they can't run. 32-bit images are refused.
//
// Sources: <mach-o/loader.h>, <mach-o/nlist.h>, <mach-o/fat.h>,
// <mach-o/reloc.h>, <mach-o/x86_64/reloc.h>, <mach-o/fixup-chains.h>; names are
// theirs without the prefixes that Go's package name makes idle.
package macho
