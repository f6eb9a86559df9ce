package main

// A row is one line of the table. Times are nanoseconds for one operation.
type row struct {
	work string // the guest's workload
	what string
	goal float64 // at the most, in multiples of native; 0 for none
	note string
}

var rows = []row{
	{"compute", "a thousand xorshift steps: no kernel", 1.05, ""},
	{"null", "null BSD call through libSystem", 4.5, "natively a syscall instruction"},
	{"rawnull", "the same by raw `syscall` instruction", 10, ""},
	{"manynull", "8 threads making null calls at once", 20, "time of all CPUs for one call"},
	{"manyraw", "the same by raw `syscall` instruction", 0, ""},
	{"clock", "monotonic clock", 2, "natively the vDSO"},
	{"now", "`time.Now`: both clocks", 2, "natively the vDSO"},
	{"handover", "hand-over between two threads and back", 2, "Go channels, locked threads"},
	{"touch", "first touch of anonymous memory, per page", 1.5, ""},
	{"mmap", "mmap 64 KB, touch, munmap", 8, ""},
	{"mprotect", "mprotect and back", 8, ""},
	{"fault", "fault, signal handler, recover", 5, ""},
	{"stat", "stat", 4, ""},
	{"openclose", "open and close", 0, ""},
	{"pread", "pread 4 KB", 4, ""},
	{"read1m", "pread 1 MB", 1.2, ""},
	{"write", "pwrite 4 KB", 0, ""},
	{"pipe", "1 byte by pipe to another process and back", 6, ""},
	{"tcp", "TCP loopback ping-pong, 1 byte", 6, ""},
	{"http", "HTTP GET kept alive", 3, ""},
	{"exec", "fork, exec and wait of a small Go program", 3, ""},
}
