// Package toolchain makes and finds a Go toolchain that runs in the machine, for
// tests that run the go command: the host's is an ELF file, which a guest can't
// execute.
//
// Build makes a GOROOT of this host's own tree by symbolic links, with go and its
// tools built for darwin/amd64; it is kept in the user's cache directory under the
// version's name, with links to what it was made from, and takes a minute or two
// the first time. Find says where it is, Environ what a program must have in its
// environment to use it, and ForTest what it must see so that it need not know.
//
// Two processes that build at once do it twice; the last one's stays. What it does
// not do: keep up with a GOROOT that changes without changing its version, and
// remove what earlier versions have left.
package toolchain
