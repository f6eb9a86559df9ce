// Package abi holds the constants and memory layouts that the kernel shares
// with its guests: Darwin's on x86-64, and NeXT's where they differ.
//
// It has no behaviour and imports nothing of ours. One file per header: the
// file is named after the header whose interface it follows (errno.go,
// signal.go, kern_return.go, fcntl.go, stat.go, socket.go, event.go,
// mach_message.go ...). Every constant carries Darwin's own name.
package abi
