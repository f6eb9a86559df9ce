//go:build darwin

package main

import (
	"os/signal"
	"syscall"
	_ "unsafe" // for linkname
)

// Go's runtime handles most signals at start. What was there before it did:
//
//go:linkname fwdSig runtime.fwdSig
var fwdSig [32]uintptr

// handlingSig says which ones the runtime handles; it gives those the default
// action in a child that it forks.
//
//go:linkname handlingSig runtime.handlingSig
var handlingSig [32]uint32

//go:linkname setsig runtime.setsig
func setsig(sig uint32, handler uintptr)

const sigDfl, sigIgn = 0, 1

// restoreSignals puts the dispositions back that the program was started with, all
// but those that the runtime needs. A tool then dies of SIGPIPE, SIGQUIT or
// SIGTERM, or does not, exactly as a C program would, and its children inherit
// what it has inherited.
func restoreSignals() {
	for s := uint32(1); s < 32; s++ {
		switch syscall.Signal(s) {
		case syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGURG, syscall.SIGPROF:
			continue
		}
		if handlingSig[s] == 0 && fwdSig[s] != sigIgn {
			continue
		}
		if fwdSig[s] == sigIgn {
			signal.Ignore(syscall.Signal(s))
			continue
		}
		setDefault(syscall.Signal(s))
	}
}

// setDefault gives a signal its default action.
func setDefault(s syscall.Signal) {
	handlingSig[s] = 0
	setsig(uint32(s), sigDfl)
}

// ignored says whether the program was started with the signal ignored.
func ignored(s syscall.Signal) bool { return fwdSig[s] == sigIgn }

// ignoreSignal ignores a signal, here and in what is executed from here.
func ignoreSignal(s syscall.Signal) { signal.Ignore(s) }
