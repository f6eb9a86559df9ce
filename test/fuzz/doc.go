// Package fuzz makes random kernel calls, of all classes and with arguments of all kinds,
// from programs in a machine of the test's own, and looks at the kernel while it does so
// and afterwards. test/mach does the same with Mach messages.
//
// A worker is a process (guest) whose threads make calls after the kernel's own table:
// descriptors of every kind, paths, addresses that are good, bad, read-only, beyond a
// file's end or taken away while the call runs, structures that are right but for a word.
// It may die of it, and many do. The verdict: the kernel does not panic (that ends the
// test, with the call's name); another program still gets answers; whatever is killed
// ends; and when all have ended, nothing is left of them: ports, messages, processes,
// goroutines, the host's descriptors, threads and processes, memory. The files outside
// the machine's root are as before. And it was fuzzing: workers came to their end, and
// most of BSD's calls succeeded at least once.
//
// A worker's calls follow from its seed, though not their order among its threads:
//
//	go test ./test/fuzz -args -fuzzfor=10m -seed=7
//	go test ./test/fuzz -args -fuzzfor=1m -only=sem    calls with sem in their names
//	go test ./test/fuzz -v -args -calls                which calls succeeded, and how often
package fuzz
