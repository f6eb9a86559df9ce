package machine

// lineSize is a cache line's, in bytes.
const lineSize = 64

// claimMax is how many lines Claim asks for, at most.
const claimMax = 4

// Claim tells the processor that b, a part of Memory, is read now and will soon be
// written: its first lines then come to stay, and needn't be asked for twice. It has no
// other effect.
func Claim(b []byte) {
	for i := 0; i < len(b) && i < claimMax*lineSize; i += lineSize {
		prefetchWrite(&b[i])
	}
	if n := len(b); n > 0 && n <= claimMax*lineSize {
		prefetchWrite(&b[n-1])
	}
}

//go:noescape
func prefetchWrite(p *byte)
