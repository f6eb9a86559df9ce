package kqueue

import (
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
)

// TestAllKnotes: all kqueues together hold so many registrations and no more; those of a
// closed one are free again, and a failed one costs nothing.
func TestAllKnotes(t *testing.T) {
	before := allKnotes.Load()
	defer func(n int64) { maxAllKnotes = n }(maxAllKnotes)
	maxAllKnotes = before + 10
	h, other := newHarness(t), newHarness(t)
	for range 20 {
		h.change(abi.EBADF, 99, sys.EVFILT_READ, abi.EV_ADD, 0, 0)
	}
	for i := range uint64(10) {
		h.change(0, i, sys.EVFILT_USER, abi.EV_ADD, 0, 0)
	}
	h.change(0, 3, sys.EVFILT_USER, abi.EV_ADD, 0, 0) // is there
	h.change(abi.ENOMEM, 11, sys.EVFILT_USER, abi.EV_ADD, 0, 0)
	other.change(abi.ENOMEM, 1, sys.EVFILT_TIMER, abi.EV_ADD, 0, 1000)
	h.change(0, 3, sys.EVFILT_USER, abi.EV_DELETE, 0, 0)
	other.change(0, 1, sys.EVFILT_TIMER, abi.EV_ADD, 0, 1000)
	h.kq.Close(h.ctx)
	other.kq.Close(other.ctx)
	if n := allKnotes.Load(); n != before {
		t.Errorf("%d registrations are left", n-before)
	}
}
