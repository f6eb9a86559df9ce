// Package userland is the machine's small set of programs: a shell, cat, nohup and
// so on, for guests that start them by the paths that they have on a Mac. The
// host's own are ELF files, which the machine does not run.
//
// All are one Mach-O program, built from ./box and committed here compressed, with
// what it was built from (box.sum):
//
//	go run ./userland/build          builds it anew
//	go run ./userland/build -check   fails if it is not what ./box makes
//
// The kernel shows it under each of Names but those of Others: ioreg is C, for it is a
// program of IOKit.framework (./ioreg).
// It is decompressed when it is first read, once.
//
// What it does not do: it is no copy of Darwin's command set. Tools know Darwin's
// common options; the shell is described in box/sh.go.
package userland
