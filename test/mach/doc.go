// Package mach runs a Go program that uses Mach in a machine of the test's own, so that
// the kernel can be looked at when the program has ended: what was made for it must be
// gone. The C programs about Mach are in test/c.
//
// The fuzzer is guest's: workers, each a process, send messages made after the .defs of
// every interface that the kernel serves, right ones and spoiled ones, to a victim's
// ports and to their own, and make the calls about names with arguments of all kinds.
// They may die of it; the kernel must not, and it must not keep anything.
//
//	go test ./test/mach -args -fuzzfor=10m -seed=7
package mach
