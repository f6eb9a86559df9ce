// Package dyld binds programs: what Darwin's dynamic linker does inside a
// process, done here by the kernel, at exec and at dlopen.
//
// A Process is the dynamic linker's view of one address space: the images in
// it, in load order. Load takes the main executable, finds the libraries it
// needs through a Loader, asks a Memory to map each image, and applies rebases
// and binds through the same Memory. It covers LC_DYLD_INFO (regular, lazy,
// weak and threaded opcodes) and chained fix-ups (64-bit formats, all
// three formats of imports), the indirect symbols and relocations of before, two-level and flat namespaces, re-exports, weak
// imports, weak definitions, export tries and plain symbol tables.
//
// # Invariants
//
//   - All binding is done before the program runs: lazy pointers are
//     bound at load, and dyld_stub_binder is never called.
//   - A fix-up is applied only inside the file-backed part of a writable
//     segment of its own image. Fix-ups are applied in address order, a window
//     of pages at a time, and only pages that changed are written back.
//   - Work and memory are bounded by the size of the files: at most
//     maxFixups fix-ups an image, maxImages images a process.
//   - Images never move and their fields don't change once Load or Dlopen that
//     added them has returned, so Clone (fork) shares them.
//
// # The shared region
//
// Prelink places libraries at fixed addresses and binds them once; a Process
// that is given the Shared region takes such images as they are, and Map may
// map their patched bytes copy-on-write with no fix-ups at all.
//
// # Locks
//
// The lock of infos, then Process.mu. Process.mu is held across calls of Loader and Memory, so these must not
// call back into the Process. An Object's tables are built once, under its own
// sync.Once.
//
// # What it does not do
//
// Nothing here runs guest code: initialisers and terminators are returned as
// lists, in the order to call them. Exported resolver functions
// (N_SYMBOL_RESOLVER) are bound to their stub. Dlclose counts but never
// unmaps, which POSIX allows. Versions of libraries are not compared.
//
// Sources: <mach-o/loader.h>, <mach-o/fixup-chains.h>, dyld(1), dlopen(3),
// dlsym(3), dladdr(3).
package dyld
