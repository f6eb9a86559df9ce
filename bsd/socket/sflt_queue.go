package socket

// packetOverhead is what a packet counts for besides the bytes in it: an mbuf's size.
const packetOverhead = 256

// size is what a packet takes of a queue, and of the total.
func (p *Packet) size() int { return packetOverhead + len(p.Data) + len(p.Name) + len(p.Control) }

// push and pop change the queues, and what is charged for them; q.mu is held.
func (q *filtered) pushIn(p Packet) {
	p.Tags = nil
	q.in = append(q.in, p)
	q.bytes += len(p.Data)
	q.incc += p.size()
	q.charge()
}

func (q *filtered) popIn() {
	q.bytes -= len(q.in[0].Data)
	q.incc -= q.in[0].size()
	q.in[0] = Packet{}
	q.in = q.in[1:]
	q.charge()
}

func (q *filtered) pushOut(p Packet) {
	p.Tags = nil
	q.out = append(q.out, p)
	q.outcc += p.size()
	q.charge()
}

func (q *filtered) popOut() {
	q.outcc -= q.out[0].size()
	q.out[0] = Packet{}
	q.out = q.out[1:]
	q.charge()
}

// flushIn forgets what has not been read.
func (q *filtered) flushIn() {
	q.in, q.incc, q.bytes = nil, 0, 0
	q.charge()
}

// charge counts what the queues hold in the total.
func (q *filtered) charge() {
	now := int64(q.incc + q.outcc)
	total.Add(now - q.charged)
	q.charged = now
}

// gone says that the protocol is closed, or about to be: nothing is queued any more.
func (q *filtered) gone() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.flushIn()
	q.out, q.outcc = nil, 0
	q.charge()
}

// Filtered is what the queues of a socket with filters hold of the total, in bytes, and whether a
// thread of the kernel is at work on them.
func (so *Socket) Filtered() (charged int64, busy bool) {
	q := so.filt.Load()
	if q == nil {
		return 0, false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.charged, q.running
}
