package sysctl

import (
	"puggle/abi"
	"puggle/mach/sched"
)

// Call is sysctl(2): the request of the value that mib names. Errors: EINVAL
// (length of mib), ENOENT (no such name), EISDIR (the name goes on behind a
// leaf), EPERM (writing), ENOMEM (short buffer), and the handler's.
func (t *Tree) Call(mib []int32, req *Req) abi.Errno {
	if len(mib) < 1 || len(mib) > abi.CTL_MAXNAME {
		return abi.EINVAL
	}
	t.mu.Lock()
	oid, rest, err := t.find(mib)
	return t.run(oid, rest, err, req)
}

// CallByName is sysctlbyname(2). name may end in NUL.
func (t *Tree) CallByName(name string, req *Req) abi.Errno {
	t.mu.Lock()
	var rest []int32
	err := abi.ENOENT
	oid, mib := t.byName(cString(name))
	if oid != nil {
		oid, rest, err = t.find(mib)
	}
	return t.run(oid, rest, err, req)
}

// run calls oid's handler, with the right to do so checked. It unlocks mu.
func (t *Tree) run(oid *OID, rest []int32, err abi.Errno, req *Req) abi.Errno {
	if err == 0 {
		err = t.permit(oid, req)
	}
	if err != 0 {
		t.mu.Unlock()
		return err
	}
	oid.busy++
	t.mu.Unlock()

	req.reset()
	err = oid.Handler(oid, rest, req)

	t.mu.Lock()
	if oid.busy--; oid.busy == 0 {
		t.idle.WakeupAll(sched.Awakened)
	}
	t.mu.Unlock()
	if err == 0 && req.short() {
		return abi.ENOMEM
	}
	return err
}

func (t *Tree) permit(oid *OID, req *Req) abi.Errno {
	if oid.Handler == nil {
		return abi.EINVAL
	}
	if !req.HasNew {
		return 0
	}
	switch {
	case oid.Kind&abi.CTLFLAG_WR == 0,
		oid.Kind&abi.CTLFLAG_SECURE != 0 && t.securelevel.Load() > 0,
		oid.Kind&abi.CTLFLAG_ANYBODY == 0 && !req.Ctx.Cred.IsSuser():
		return abi.EPERM
	}
	return 0
}

func cString(s string) string {
	for i := range len(s) {
		if s[i] == 0 {
			return s[:i]
		}
	}
	return s
}
