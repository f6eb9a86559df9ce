//go:build darwin

package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func trampolineAddr() uintptr
func killAt(sp, thread, sig uintptr) uintptr
func killFrame(thread, sig uintptr)
func landingAddr() uintptr
func flagged(flags uintptr) uintptr
func segments(v uintptr)
func odd(which uintptr) uintptr

// Fixed places of frames_amd64.s: changes, the handler's mark, what killFrame found; and a
// good stack.
const (
	changes   = 0x4100000000
	mark      = 0x4100000e00
	found     = 0x4100000f00
	goodStack = 0x4200000000
	goodSize  = 0x8000
)

// threadSelf is this thread's port: a signal to the process may go to another of Go's threads.
func threadSelf() uintptr { return rawCall(0x1000000+27, 0, 0, 0, 0, 0, 0) }

// places maps them.
func places() {
	for _, m := range [][2]uintptr{{changes, 0x4000}, {goodStack, goodSize}} {
		if r := rawCall(0x2000000+197, m[0], m[1], 3, 0x1012, ^uintptr(0), 0); r != m[0] {
			fmt.Println("no memory there:", r)
			os.Exit(99)
		}
	}
}

// Where registers are in the machine context: behind the exception state.
var contextOffset = map[string]uintptr{"rax": 16, "rbx": 24, "rsp": 72, "rip": 144, "rflags": 152, "cs": 160, "fs": 168, "gs": 176,
	"xsave": 184, "mxcsr": 192 + 24, "mxcsrmask": 192 + 28, "fcw": 192}

// sigact installs the trampoline for SIGUSR2 by the call itself.
func sigact(flags uint32) {
	var sa [24]byte
	binary.LittleEndian.PutUint64(sa[:], 0x1000) // a handler, which is not called
	binary.LittleEndian.PutUint64(sa[8:], uint64(trampolineAddr()))
	binary.LittleEndian.PutUint32(sa[20:], flags)
	b := sa[:]
	if r := rawCall(0x2000000+46, 31, addressOf(b), 0, 0, 0, 0); r != 0 {
		fmt.Println("sigaction:", r)
		os.Exit(99)
	}
}

// frame takes a signal whose handler changes its frame before it returns, and says what
// the registers are then. Args: pairs of a register's name and a value; @offset for any
// place of the context, "landing" for an address where the program goes on as well.
func frame(args []string) {
	runtime.LockOSThread()
	places()
	for off := uintptr(0x1000); off < 0x4000; off += 8 {
		store(changes+off, ^uint64(0)) // what an xsave image should not be
	}
	at := uintptr(changes)
	store(at, uint64(len(args)/2))
	for i := 0; i+1 < len(args); i += 2 {
		off, ok := contextOffset[args[i]]
		if !ok {
			off = number([]string{args[i][1:]}, 0)
		}
		v := uint64(landingAddr())
		if args[i+1] != "landing" {
			v = uint64(number(args, i+1))
		}
		store(at+8, uint64(off))
		store(at+16, v)
		at += 16
	}
	sigact(0)
	killFrame(threadSelf(), 31)
	way := map[uint64]string{1: "back", 2: "landed"}[load(found+40)]
	fmt.Printf("alive: rax %#x rbx %#x flags %#x moved %v %s, handler %d\n", load(found+8), load(found+16), load(found+32),
		load(found) != load(found+24), way, load(mark+8))
}

// sigStack takes a signal with a stack of one's choice. Args: "pointer" or "alternate", and
// an address.
func sigStack(args []string) {
	runtime.LockOSThread()
	places()
	a := number(args, 1)
	if args[0] == "alternate" {
		b := make([]byte, 24)
		binary.LittleEndian.PutUint64(b, uint64(a))
		binary.LittleEndian.PutUint64(b[8:], goodSize)
		fmt.Println("sigaltstack:", rawCall(0x2000000+53, addressOf(b), 0, 0, 0, 0, 0))
		sigact(1) // SA_ONSTACK
		rawCall(0x2000000+328, threadSelf(), 31, 0, 0, 0, 0)
	} else {
		sigact(0)
		killAt(a, threadSelf(), 31)
	}
	fmt.Printf("alive: handler %d on the good stack %v\n", load(mark+8), load(mark)-goodStack < goodSize)
}

// flags makes calls with processor flags set.
func flags(args []string) {
	runtime.LockOSThread()
	pid := uintptr(syscall.Getpid())
	if r := flagged(number(args, 0)); r != pid {
		fmt.Println("getpid:", r)
	}
	fmt.Println("alive")
}

func compat()

// compatCall makes a call from 32-bit code: int 0x80, sysenter or syscall, with a number
// of the host's.
func compatCall(args []string) {
	runtime.LockOSThread()
	if r := rawCall(0x2000000+197, 0x20000000, 0x2000, 7, 0x1012, ^uintptr(0), 0); r != 0x20000000 {
		fmt.Println("no memory there:", r)
		os.Exit(99)
	}
	gate := map[string][]byte{"int80": {0xcd, 0x80}, "sysenter": {0x0f, 0x34}, "syscall": {0x0f, 0x05}, "none": {0x90, 0x90}}[args[0]]
	code := append([]byte{0xb8, byte(number(args, 1)), 0, 0, 0, 0xbb, 77, 0, 0, 0}, gate...) // mov eax, number; mov ebx, 77
	code = append(code, 0xa3, 0, 0x10, 0, 0x20)                                              // mov [0x20001000], eax
	code = append(code, 0xea, 0, 1, 0, 0x20, 0x33, 0)                                        // jmp 0x33:0x20000100
	for len(code)%8 != 0 {
		code = append(code, 0x90)
	}
	for i := 0; i < len(code); i += 8 {
		store(0x20000000+uintptr(i), binary.LittleEndian.Uint64(code[i:]))
	}
	store(0x20000100, 0x000020001008a148) // mov rax, [0x20001008]; jmp rax
	store(0x20000108, 0x9090_9090_e0ff_0000)
	store(0x20000200, 0xc3) // ret: the page is to be there for instructions
	callAt(0x20000200, 0, 0, 0, 0, 0, 0, 0)
	compat()
	fmt.Printf("came back: %d\n", uint32(load(0x20001000)))
}

func init() {
	attacks["compat"] = compatCall
	attacks["frame"], attacks["sigstack"], attacks["flags"] = frame, sigStack, flags
	attacks["each"] = each
	attacks["jump"] = func(args []string) {
		runtime.LockOSThread()
		var v [8]uintptr
		for i := range v {
			v[i] = number(args, i)
		}
		fmt.Printf("came back to %#x: %#x\n", syscall.Getpid(), callAt(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]))
	}
	attacks["odd"] = func(args []string) { runtime.LockOSThread(); odd(number(args, 0)); fmt.Println("alive") }
	attacks["segments"] = func(args []string) { runtime.LockOSThread(); segments(number(args, 0)); fmt.Println("alive") }
}

// each runs attacks in child processes, one after the other, ends those that hang, and says
// how each ended. Args: how many seconds each may take; attacks, their words separated by
// blanks.
func each(args []string) {
	exe, _ := os.Executable()
	limit := time.Duration(number(args, 0)) * time.Second
	for _, a := range args[1:] {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		cmd := exec.CommandContext(ctx, exe, strings.Fields(a)...)
		cmd.Env = append(os.Environ(), "GOTRACEBACK=none",
			"GODEBUG=asyncpreemptoff=1") // a host that punishes split locks starts anew with each signal
		out, _ := cmd.Output()
		how := "?"
		if cmd.ProcessState != nil {
			how = cmd.ProcessState.String()
		}
		if ctx.Err() != nil {
			how = "ended"
		}
		cancel()
		fmt.Printf("%s: %s: %q\n", a, how, out)
	}
	fmt.Println("parent is well")
}
