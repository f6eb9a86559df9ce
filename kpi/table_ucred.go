package kpi

import (
	"puggle/bsd/sys"
)

func init() {
	register("sys/ucred.h", "2002", "bsd unsupported", []Row{
		{Name: "crget", Proto: "struct ucred *crget(void)", Handler: crget},
		{Name: "crdup", Proto: "struct ucred *crdup(struct ucred *cr)", Handler: crdup, Note: "of a kauth_cred_t, too"},
		{Name: "crcopy", Proto: "struct ucred *crcopy(struct ucred *cr)", Handler: crcopy},
		{Name: "crhold", Proto: "void crhold(struct ucred *cr)", Handler: crhold},
		{Name: "crfree", Proto: "void crfree(struct ucred *cr)", Handler: crfree},
	})
}

// struct ucred of the 2002 document, in code's memory: a copy of the kernel's own.
const (
	crRef     = 0 // u32
	crUID     = 4
	crNgroups = 8 // s16
	crGroups  = 12
	crSize    = crGroups + 4*sys.NGROUPS
)

// newUcred makes one with a reference; 0 if there is no memory.
func (c *Call) newUcred(from []byte) uint64 {
	a, ok := c.K.alloc.get(crSize, kindCred, c.Owner())
	if !ok {
		return 0
	}
	var b [crSize]byte
	copy(b[:], from)
	le.PutUint32(b[crRef:], 1)
	c.K.Write(a, b[:])
	return uint64(a)
}

func crget(c *Call) uint64 { return c.newUcred(nil) }

// ucred reads argument 0: a struct ucred, or the handle of the kernel's own.
func (c *Call) ucred() (b [crSize]byte, ok bool) {
	a := c.Addr(0)
	if cr, is := c.K.handle.get(a).(*sys.Cred); is {
		le.PutUint32(b[crRef:], 1)
		le.PutUint32(b[crUID:], cr.UID)
		n := min(len(cr.Groups), sys.NGROUPS)
		le.PutUint16(b[crNgroups:], uint16(n))
		for i, g := range cr.Groups[:n] {
			le.PutUint32(b[crGroups+4*i:], g)
		}
		return b, true
	}
	if !c.K.Read(b[:], a) || le.Uint32(b[crRef:]) == 0 {
		c.Panic("ucred: no credential, or one that was freed, at " + hex(a))
		return b, false
	}
	return b, true
}

func crdup(c *Call) uint64 {
	b, ok := c.ucred()
	if !ok {
		return 0
	}
	return c.newUcred(b[:])
}

// crcopy gives a credential that only the caller has: the original, if he is the only
// one who has it, or a duplicate in exchange for his reference.
func crcopy(c *Call) uint64 {
	b, ok := c.ucred()
	if !ok {
		return 0
	}
	if _, kernels := c.K.handle.get(c.Addr(0)).(*sys.Cred); !kernels {
		if le.Uint32(b[crRef:]) == 1 {
			return c.Arg(0)
		}
		crfree(c)
	}
	return c.newUcred(b[:])
}

func crhold(c *Call) uint64 {
	c.K.credMu.Lock()
	defer c.K.credMu.Unlock()
	if b, ok := c.ucred(); ok {
		c.Put32(c.Addr(0)+crRef, le.Uint32(b[crRef:])+1)
	}
	return 0
}

// crfree drops a reference. One that is freed has none, so that a second crfree shows.
func crfree(c *Call) uint64 {
	c.K.credMu.Lock()
	defer c.K.credMu.Unlock()
	b, ok := c.ucred()
	if !ok {
		return 0
	}
	n := le.Uint32(b[crRef:]) - 1
	if !c.Put32(c.Addr(0)+crRef, n) {
		return 0
	}
	if n == 0 && !c.K.alloc.putKind(c.Addr(0), kindCred) {
		return c.Panic("crfree: " + hex(c.Addr(0)) + " did not come from crget")
	}
	return 0
}
