// Package libkern links code into the kernel task: the linker behind kextload
// and the kernel-server loader.
//
// Plan reads relocatable x86_64 objects (MH_OBJECT), or one bundle (MH_BUNDLE
// from the ordinary linker, MH_KEXT_BUNDLE from Apple's), merges their sections
// into three segments, and says how much room they need; Plan.Link places them at an
// address, binds them to what Resolver knows and applies every relocation of
// <mach-o/x86_64/reloc.h> but thread-local ones.
//
// # Segments
//
//	__TEXT        r-x  mach header, code, stubs for far branches
//	__DATA_CONST  r--  constants, strings, constructor lists, the GOT
//	__DATA        rw-  everything else; zero-fill last
//
// Sections of other segments (a NeXT server's __LOADCMD) become part of
// __DATA and keep their names. Debugging and unwinding sections aren't loaded.
//
// # Symbols
//
// All objects share one namespace. Two strong definitions of a name are a
// *CollisionError; a strong one beats weak ones and commons, the first weak one
// beats later ones, the largest common wins. Private externs are shared by the
// objects of one link and exported to none. A weak reference to what nobody
// defines is 0. All other undefined symbols are reported at once, by an
// *UndefinedError. A branch to a symbol more than 2 GB away goes through a stub.
//
// # Hostility
//
// Objects are hostile: every offset is checked, an image is at most MaxImage
// bytes, and no input panics. What the code does once it runs is not the
// linker's concern.
package libkern
