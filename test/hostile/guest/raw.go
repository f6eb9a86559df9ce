//go:build darwin

package main

func rawCall(nr, a, b, c, d, e, f uintptr) uintptr
func int80(nr, a uintptr) uintptr
func sysenter(nr, a uintptr) uintptr
func callAt(pc, nr, a, b, c, d, e, f uintptr) uintptr
func wrfsbase(v uintptr)
func wrgsbase(v uintptr)
func load(addr uintptr) uint64
func store(addr uintptr, v uint64)
