package main

// A row is one line of the table. Times are nanoseconds for one operation.
type row struct {
	work string // the guest's workload
	what string
	goal float64 // at the most, in multiples of native; 0 for none
	note string

	c    bool // a workload of guest/c
	many int  // of how many things it is made; it is measured once
	abs  bool // the goal is in nanoseconds
}

var rows = []row{
	{work: "compute", what: "a thousand xorshift steps: no kernel", goal: 1.05},
	{work: "null", what: "null BSD call through libSystem", goal: 4.5, note: "natively a syscall instruction"},
	{work: "rawnull", what: "the same by raw `syscall` instruction", goal: 10},
	{work: "manynull", what: "8 threads making null calls at once", goal: 20, note: "time of all CPUs for one call"},
	{work: "manyraw", what: "the same by raw `syscall` instruction"},
	{work: "clock", what: "monotonic clock", goal: 2, note: "natively the vDSO"},
	{work: "now", what: "`time.Now`: both clocks", goal: 2, note: "natively the vDSO"},
	{work: "handover", what: "hand-over between two threads and back", goal: 2, note: "Go channels, locked threads"},
	{work: "mutex", what: "mutex that nobody else wants, locked and unlocked", goal: 1.3, note: "C", c: true},
	{work: "cond", what: "hand-over between two threads and back by a condition", goal: 2, note: "C", c: true},
	{work: "touch", what: "first touch of anonymous memory, per page", goal: 1.5},
	{work: "cow", what: "copy on write after fork, per page in sequence", goal: 2, note: "C", c: true},
	{work: "mmap", what: "mmap 64 KB, touch, munmap", goal: 8},
	{work: "mprotect", what: "mprotect and back", goal: 8},
	{work: "mprotecttouch", what: "the same, and written to each time"},
	{work: "fault", what: "fault, signal handler, recover", goal: 5},
	{work: "stat", what: "stat", goal: 4},
	{work: "openclose", what: "open and close"},
	{work: "pread", what: "pread 4 KB", goal: 4},
	{work: "read1m", what: "pread 1 MB", goal: 1.2},
	{work: "write", what: "pwrite 4 KB"},
	{work: "pipe", what: "1 byte by pipe to another process and back", goal: 6},
	{work: "tcp", what: "TCP loopback ping-pong, 1 byte", goal: 6},
	{work: "http", what: "HTTP GET kept alive", goal: 3},
	{work: "exec", what: "fork, exec and wait of a small Go program", goal: 3},
	{work: "cexec", what: "fork, exec and wait of a small C program", goal: 2e6, note: "natively a static one", c: true, abs: true},
	{work: "processes", what: "1,000 processes at once", note: "Go, from the first start to the last end", many: 1000},
	{work: "threads", what: "10,000 threads at once in one process", note: "Go", many: 10000},
}
