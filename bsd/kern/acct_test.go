package kern

import (
	"testing"
	"time"
)

// TestCompT: what a comp_t stands for, decoded as lastcomm does, is within an eighth of what it was
// made of; and zero, one tick and the largest fraction are exact.
func TestCompT(t *testing.T) {
	for _, x := range []struct {
		d    time.Duration
		want uint16
	}{{0, 0}, {-time.Second, 0}, {time.Second / 64, 1}, {8191 * time.Second / 64, 8191}, {8192 * time.Second / 64, 1<<13 | 1024}} {
		if got := compT(x.d); got != x.want {
			t.Errorf("%v: %#x, want %#x", x.d, got, x.want)
		}
	}
	for d := time.Second; d < 1<<16*time.Hour; d = d*3/2 + 7 {
		c := compT(d)
		n := float64(c & 0x1fff)
		for range c >> 13 {
			n *= 8
		}
		if got, want := n/64, d.Seconds(); got < want*7/8-1 || got > want*9/8+1 {
			t.Errorf("%v is %v s", d, got)
		}
	}
}
