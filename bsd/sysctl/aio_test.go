package sysctl

import (
	"encoding/binary"
	"sync/atomic"
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
)

// TestAIOLimits: the limits of asynchronous requests keep their order, and threads only become more.
func TestAIOLimits(t *testing.T) {
	var top, each, threads atomic.Int32
	top.Store(90)
	each.Store(16)
	threads.Store(4)
	s := Standard(Config{AIO: &AIO{Max: &top, ProcMax: &each, Threads: &threads, Top: 11520, Floor: 16}})
	for _, x := range []struct {
		name string
		n    uint32
		want abi.Errno
		v    *atomic.Int32
		now  int32
	}{
		{"aiomax", 15, abi.EINVAL, &top, 90}, {"aiomax", 11521, abi.EINVAL, &top, 90}, {"aiomax", 200, 0, &top, 200},
		{"aioprocmax", 201, abi.EINVAL, &each, 16}, {"aioprocmax", 15, abi.EINVAL, &each, 16}, {"aioprocmax", 200, 0, &each, 200},
		{"aiomax", 199, abi.EINVAL, &top, 200},
		{"aiothreads", 3, abi.EINVAL, &threads, 4}, {"aiothreads", 4, 0, &threads, 4}, {"aiothreads", 5, 0, &threads, 5}, {"aiothreads", 1 << 30, abi.EINVAL, &threads, 5},
	} {
		req := &Req{Ctx: &sys.Context{Cred: &sys.Cred{}}, HasNew: true, New: binary.LittleEndian.AppendUint32(nil, x.n)}
		if e := s.CallByName("kern."+x.name, req); e != x.want || x.v.Load() != x.now {
			t.Errorf("%s = %d: %v, it is %d; want %v, %d", x.name, x.n, e, x.v.Load(), x.want, x.now)
		}
	}
}
