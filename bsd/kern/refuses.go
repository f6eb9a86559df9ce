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
	threads := p.threads
	p.mu.Unlock()
	if ignored {
		return true
	}
	for _, ut := range threads {
		if &ut.Thread.Thread == ctx.Thread {
			return ut.GetMask().Has(sig)
		}
	}
	return false
}
