#include "textflag.h"

// func prefetchWrite(p *byte)
TEXT ·prefetchWrite(SB), NOSPLIT, $0-8
	MOVQ	p+0(FP), AX
	BYTE	$0x0f; BYTE $0x0d; BYTE $0x08	// PREFETCHW (AX)
	RET
