package ipc

import "sync"

// transitMu guards every Port.dest. Receive rights move rarely; one lock for
// all makes the search for circles exact.
var transitMu sync.Mutex

// arrive records that p's receive right is in a message queued (or about to be)
// at dest, unless that would make a circle: a queue that can be received from
// only by receiving from itself (ipc_port_check_circularity). It reports
// whether there would be one; then p stays in limbo and the message must be
// destroyed instead of queued.
func (p *Port) arrive(dest *Port) (circular bool) {
	if !IsValid(dest) {
		return false
	}
	transitMu.Lock()
	defer transitMu.Unlock()
	for q := dest; q != nil; q = q.dest {
		if q == p {
			return true
		}
	}
	p.dest = dest
	return false
}

// depart undoes arrive. If by is not nil only a transit to by is undone.
func (p *Port) depart(by *Port) {
	transitMu.Lock()
	if by == nil || p.dest == by {
		p.dest = nil
	}
	transitMu.Unlock()
}
