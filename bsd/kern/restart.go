package kern

import (
	"puggle/abi"
	"puggle/mach/sched"
)

// PendingRestarts says of p's thread th, whose wait a signal has ended, whether
// the signal's handler has SA_RESTART: what msleep's ERESTART means.
func (p *Proc) PendingRestarts(th *sched.Thread) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ut := range p.threads {
		if &ut.Thread.Thread != th {
			continue
		}
		due := (ut.siglist | p.siglist) &^ ut.sigmask
		if due == 0 {
			return true
		}
		sig := due.first()
		return p.catch.Has(sig) && p.acts[sig].Flags&abi.SA_RESTART != 0
	}
	return false
}
