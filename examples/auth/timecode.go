package auth

import "time"

// TimeCode is the generator of numbers that changes with the time: two ends with the same clock,
// Start, K and seeds have the same number. The numbers are Fibonacci's, modulo 2^32, as the document
// has it: whoever has seen two of them knows the rest.
type TimeCode struct {
	Start time.Time
	K     time.Duration // how long a number is good
	A, B  uint32
}

// At is the number at a time: A for the first K, then B, then the sum of the two before. Before
// Start it is A. The document's recursion takes 2^(t/k) steps; doubling takes log2(t/k).
func (c TimeCode) At(t time.Time) uint32 {
	if t.Before(c.Start) || c.K <= 0 {
		return c.A
	}
	n := uint64(t.Sub(c.Start) / c.K)
	if n == 0 {
		return c.A
	}
	// g(n) = F(n-1) a + F(n) b
	f, next := fibonacci(n - 1)
	return f*c.A + next*c.B
}

// fibonacci gives F(n) and F(n+1) modulo 2^32: F(2n) = F(n) (2F(n+1) - F(n)) and F(2n+1) = F(n)^2 + F(n+1)^2.
func fibonacci(n uint64) (f, next uint32) {
	if n == 0 {
		return 0, 1
	}
	a, b := fibonacci(n / 2)
	f, next = a*(2*b-a), a*a+b*b
	if n%2 == 1 {
		return next, f + next
	}
	return f, next
}
