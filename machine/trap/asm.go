package trap

// spinWhile spins while *w == val, at most for that many PAUSE instructions,
// and says whether the word changed.
//
//go:noescape
func spinWhile(w *uint32, val uint32, pauses uint32) bool

// cpuNumber is the host CPU that the caller is on at this moment.
func cpuNumber() uint32

// rdtsc is the time-stamp counter, read in order.
func rdtsc() uint64

// xgetbv is XCR0: the components of extended state that the host enables.
func xgetbv() uint64
