package sched

import "math/bits"

// runQueue is a run_queue: one list for each priority, and a bitmap of those
// that are not empty. The list of the real-time priority is in order of
// deadlines, the others in order of arrival.
type runQueue struct {
	n    int
	bits [2]uint64
	head [MaxPri + 1]*Thread
	tail [MaxPri + 1]*Thread
}

// push puts t into the list of a priority: at its end, or first if it was
// interrupted within its quantum.
func (q *runQueue) push(t *Thread, pri int, first bool) {
	after := q.tail[pri]
	switch {
	case t.cpu.pri.realTime() && pri == BasePriRTQueue:
		for after != nil && after.cpu.pri.realTime() && after.cpu.pri.due() > t.cpu.pri.due() {
			after = after.cpu.prev
		}
	case first:
		after = nil
	}
	q.insert(t, pri, after)
	t.cpu.queued, t.cpu.at = true, uint8(pri)
	q.bits[pri>>6] |= 1 << (pri & 63)
	q.n++
}

// insert puts t behind after, or first if that is nil.
func (q *runQueue) insert(t *Thread, pri int, after *Thread) {
	next := q.head[pri]
	if after != nil {
		next = after.cpu.next
		after.cpu.next = t
	} else {
		q.head[pri] = t
	}
	if next != nil {
		next.cpu.prev = t
	} else {
		q.tail[pri] = t
	}
	t.cpu.prev, t.cpu.next = after, next
}

func (q *runQueue) remove(t *Thread) {
	pri := t.cpu.at
	if t.cpu.prev != nil {
		t.cpu.prev.cpu.next = t.cpu.next
	} else {
		q.head[pri] = t.cpu.next
	}
	if t.cpu.next != nil {
		t.cpu.next.cpu.prev = t.cpu.prev
	} else {
		q.tail[pri] = t.cpu.prev
	}
	if q.head[pri] == nil {
		q.bits[pri>>6] &^= 1 << (pri & 63)
	}
	t.cpu.next, t.cpu.prev, t.cpu.queued = nil, nil, false
	q.n--
}

// top is the best priority in the queue, -1 if it is empty.
func (q *runQueue) top() int {
	if q.bits[1] != 0 {
		return 127 - bits.LeadingZeros64(q.bits[1])
	}
	return 63 - bits.LeadingZeros64(q.bits[0])
}

func (q *runQueue) pop() *Thread {
	pri := q.top()
	if pri < 0 {
		return nil
	}
	t := q.head[pri]
	q.remove(t)
	return t
}

// refresh moves those whose priority has changed while they waited: what was
// used long ago is forgiven, a depression ends.
func (q *runQueue) refresh(now Deadline) {
	for w, word := range q.bits {
		for ; word != 0; word &= word - 1 {
			pri := w<<6 + bits.TrailingZeros64(word)
			for t := q.head[pri]; t != nil; {
				next := t.cpu.next
				if p := t.cpu.pri.effective(now); p > pri {
					q.remove(t)
					q.push(t, p, false)
				}
				t = next
			}
		}
	}
}
