//go:build darwin

package main

import (
	"encoding/binary"
	"fmt"
	"unsafe"
)

//go:linkname syscall_syscall9 syscall.syscall9
func syscall_syscall9(fn, a1, a2, a3, a4, a5, a6, a7, a8, a9 uintptr) (r1, r2 uintptr, err uintptr)

// call calls a function of libSystem, which keeps none of its arguments. What they
// point to is moved to the heap, where it stays in place.
//
//go:uintptrescapes
//go:noinline
func call(fn uintptr, a ...uintptr) uint32 {
	var x [9]uintptr
	copy(x[:], a)
	r, _, _ := syscall_syscall9(fn, x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8])
	return uint32(r)
}

// kr is a kern_return_t as an error.
type kr uint32

func (k kr) Error() string { return fmt.Sprintf("kern_return_t %#x", uint32(k)) }

func must(what string, code uint32) {
	if code != 0 {
		panic(fmt.Sprintf("%s: %v", what, kr(code)))
	}
}

type port = uint32

var le = binary.LittleEndian

var self = port(call(mach_task_self_addr))

const (
	sendMsg    = 1
	rcvMsg     = 2
	sendTimed  = 0x10
	rcvTimed   = 0x100
	trailAudit = 3 << 24

	moveReceive  = 16
	moveSend     = 17
	moveSendOnce = 18
	copySend     = 19
	makeSend     = 20
	makeSendOnce = 21

	complex32 = 1 << 31

	rightSend    = 0
	rightReceive = 1
	rightSet     = 3

	headSize = 24
)

func newPort() port {
	var p port
	must("mach_port_allocate", call(mach_port_allocate_addr, uintptr(self), rightReceive, uintptr(unsafe.Pointer(&p))))
	must("mach_port_insert_right", call(mach_port_insert_right_addr, uintptr(self), uintptr(p), uintptr(p), makeSend))
	return p
}

// endPort gives up a port that newPort made.
func endPort(p port) {
	call(mach_port_mod_refs_addr, uintptr(self), uintptr(p), rightReceive, ^uintptr(0))
	call(mach_port_destroy_addr, uintptr(self), uintptr(p))
}

// header fills in a message's header.
func header(m []byte, bits uint32, size int, remote, local port, id int32) {
	for i, v := range []uint32{bits, uint32(size), remote, local, 0, uint32(id)} {
		le.PutUint32(m[4*i:], v)
	}
}

func remoteOf(m []byte) port { return le.Uint32(m[8:]) }
func localOf(m []byte) port  { return le.Uint32(m[12:]) }
func idOf(m []byte) int32    { return int32(le.Uint32(m[20:])) }
func sizeOf(m []byte) int    { return int(le.Uint32(m[4:])) }

// msg is mach_msg; m is the message to send and the room for the one received.
func msg(m []byte, option uint32, send int, from port, ms uint32) uint32 {
	return call(mach_msg_addr, uintptr(unsafe.Pointer(&m[0])), uintptr(option), uintptr(send), uintptr(len(m)), uintptr(from), uintptr(ms), 0)
}

// destroy gives back what a received message brought.
func destroy(m []byte) { call(mach_msg_destroy_addr, uintptr(unsafe.Pointer(&m[0]))) }

// cstring is a NUL-terminated copy with room.
func cstring(s string) []byte { return append([]byte(s), make([]byte, 129)...) }

func bootstrapPort() port {
	var p port
	must("bootstrap port", call(task_get_special_port_addr, uintptr(self), 4, uintptr(unsafe.Pointer(&p))))
	return p
}
