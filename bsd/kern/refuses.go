package kern

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// Refuses says whether the calling thread of p ignores sig or has it blocked:
// what a terminal asks before it stops a background process.
func (p *Proc) Refuses(ctx *sys.Context, sig abi.Signal) bool {
	p.mu.Lock()
	ignored := p.ignore.Has(sig)
	var self *Uthread
	for _, ut := range p.threads {
		if &ut.Thread.Thread == ctx.Thread {
			self = ut
		}
	}
	p.mu.Unlock()
	return ignored || self != nil && self.GetMask().Has(sig)
}
