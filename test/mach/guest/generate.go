//go:build darwin

package main

import (
	"strings"

	"puggle/mach/mig/defs"
	"puggle/mig"
)

// table is one interface: its definition, and which of the pool serves it best.
type table struct {
	sub      *mig.Subsystem
	at       int // in the pool; -1: the victim's task or this one's
	routines []*mig.Routine
}

// interfaces are those that the kernel serves, with the place in the pool of a port of
// the right kind.
var interfaces = []struct {
	name string
	at   int
}{
	{"mach_port", -1}, {"task", -1}, {"mach_vm", -1}, {"vm_map", -1}, {"thread_act", 3}, {"mach_host", 2}, {"host_priv", 2},
	{"clock", 10}, {"clock_priv", 10}, {"processor_set", 11}, {"processor", 11}, {"semaphore", 13}, {"lock_set", 14},
	{"memory_entry", 15}, {"mach_voucher", 17}, {"bootstrap", 4}, {"netname", 16}, {"exc", 5}, {"mach_exc", 5}, {"notify", 5},
}

// left out are those that would end the machine, leave what is meant to stay, or stop
// the worker itself each time.
var leftOut = map[string]bool{
	"host_reboot": true, "bootstrap_create_server": true, "bootstrap_create_service": true, "bootstrap_register": true,
	"netname_check_in": true, "processor_set_create": true, "bootstrap_subset": true, "clock_alarm": true,
}

// leftOutID has their ids: a wrong id must not be one of them.
var leftOutID = map[int32]bool{}

// seldom are those after which little goes on.
var seldom = map[string]bool{
	"task_terminate": true, "task_suspend": true, "task_suspend2": true, "thread_terminate": true, "thread_suspend": true,
	"semaphore_wait": true, "semaphore_wait_signal": true, "semaphore_timedwait": true,
	"semaphore_timedwait_signal": true, "lock_acquire": true, "lock_handoff": true, "lock_handoff_accept": true,
}

func load() (l []*table, err error) {
	for _, i := range interfaces {
		path := "mach/" + i.name + ".defs"
		text, err := defs.FS.ReadFile(path)
		if err != nil {
			return nil, err
		}
		s, err := mig.Compile(path, string(text), nil, mig.FSLoader(defs.FS))
		if err != nil {
			return nil, err
		}
		t := &table{sub: s, at: i.at}
		for _, r := range s.Routines {
			if leftOut[r.Name] {
				leftOutID[int32(r.ID(s))] = true
				continue
			}
			t.routines = append(t.routines, r)
		}
		l = append(l, t)
	}
	return l, nil
}

// build makes a request: every part by its type, and now and then one thing wrong.
func (f *fuzzer) build(t *table, r *mig.Routine) []byte {
	if seldom[r.Name] && f.IntN(20) != 0 {
		r = t.routines[f.IntN(len(t.routines))]
	}
	m := f.request[:headSize]
	q := r.Request
	bits := uint32(copySend | makeSendOnce<<8)
	if q.Complex() {
		bits |= complex32
		m = le.AppendUint32(m, uint32(q.NumDescs()))
		for _, d := range q.Descs {
			for range max(d.N, 1) {
				m = f.descriptor(m, d)
			}
		}
	}
	if q.NDR {
		m = append(m, 0, 0, 0, 0, 1, 0, 0, 0)
	}
	count := 0
	for _, x := range q.Fields {
		switch x.Kind {
		case mig.Count:
			count = f.IntN(1 + min(x.Arg.Type.Count, 32))
			m = le.AppendUint32(m, uint32(count))
		case mig.Offset, mig.RetCode:
			m = le.AppendUint32(m, 0)
		case mig.Data:
			m = f.data(m, x, count)
		}
	}
	to := f.pick()
	if f.IntN(10) != 0 {
		switch {
		case t.at >= 0 && t.at < len(f.pool):
			to = f.pool[t.at]
		case f.IntN(4) == 0:
			to = self
		default:
			to = f.victim
		}
	}
	header(m, bits, len(m), to, f.reply, int32(r.ID(t.sub)))
	if f.IntN(6) == 0 {
		m = f.spoil(m)
	}
	return m
}

func (f *fuzzer) descriptor(m []byte, d mig.Field) []byte {
	dispositions := []uint32{moveReceive, moveSend, moveSendOnce, copySend, makeSend, makeSendOnce}
	disp := dispositions[f.IntN(6)]
	if s := int(d.Arg.Type.Sent); s > 0 && f.IntN(8) != 0 {
		disp = uint32(s)
	}
	switch d.Kind {
	case mig.DescPort:
		m = le.AppendUint32(m, f.pick())
		m = le.AppendUint32(m, 0)
		return le.AppendUint32(m, disp<<16)
	case mig.DescOOL:
		m = le.AppendUint64(m, f.address())
		m = le.AppendUint32(m, f.Uint32N(2)|f.Uint32N(2)<<8|1<<24)
		return le.AppendUint32(m, f.Uint32N(0x10000))
	}
	m = le.AppendUint64(m, f.address())
	m = le.AppendUint32(m, f.Uint32N(2)|1<<8|disp<<16|2<<24)
	return le.AppendUint32(m, f.Uint32N(64))
}

// data is a value in line.
func (f *fuzzer) data(m []byte, x mig.Field, count int) []byte {
	t := x.Arg.Type
	switch {
	case t.Kind == mig.CString:
		names := []string{"NetMessage", "one", strings.Repeat("x", 200)}
		s := make([]byte, (t.Count+3)&^3)
		copy(s[:t.Count], names[f.IntN(3)])
		return append(m, s...)
	case t.Kind == mig.VarArray:
		for i := 0; i < count*t.Elem.Size(); i += 4 {
			m = le.AppendUint32(m, uint32(f.integer()))
		}
		return m
	case t.Kind == mig.Scalar && t.Bits <= 32:
		v := uint32(f.integer())
		if strings.Contains(t.Name, "port_name") || f.IntN(6) == 0 {
			v = f.pick()
		}
		return le.AppendUint32(m, v)
	case t.Kind == mig.Scalar && t.Bits == 64:
		switch {
		case strings.Contains(t.Name, "size"):
			return le.AppendUint64(m, f.size())
		case strings.Contains(t.Name, "address"), strings.Contains(t.Name, "offset"):
			return le.AppendUint64(m, f.address())
		}
		return le.AppendUint64(m, f.integer())
	}
	for i := 0; i < (x.Size+3)&^3; i += 4 {
		m = le.AppendUint32(m, uint32(f.integer()))
	}
	return m
}

// integer is small most of the time, and at an edge otherwise.
func (f *fuzzer) integer() uint64 {
	switch f.IntN(8) {
	case 0:
		return ^uint64(0) - f.Uint64N(3)
	case 1:
		return 1<<31 - 1 + f.Uint64N(3)
	case 2:
		return f.Uint64()
	case 3:
		return 1 << f.UintN(64)
	}
	return f.Uint64N(24)
}

func (f *fuzzer) address() uint64 {
	switch f.IntN(10) {
	case 0:
		return f.integer()
	case 1:
		return 0x7fffffe00000 + f.Uint64N(0x20000) // the commpage and what is above
	case 2:
		return 0x100000000 + f.Uint64N(0x1000000) // where programs are
	}
	return f.memory + f.Uint64N(16)<<12
}

func (f *fuzzer) size() uint64 {
	if f.IntN(5) == 0 {
		return f.integer()
	}
	return f.Uint64N(1 << f.UintN(20))
}

// spoil makes one thing wrong.
func (f *fuzzer) spoil(m []byte) []byte {
	switch f.IntN(6) {
	case 0:
		m = m[:headSize+f.IntN(len(m)-headSize+1)&^3]
		le.PutUint32(m[4:], uint32(len(m)))
	case 1:
		m = append(m, make([]byte, 4*f.IntN(30))...)
		le.PutUint32(m[4:], uint32(len(m)))
	case 2:
		le.PutUint32(m, le.Uint32(m)^complex32)
	case 3:
		if id := int32(idOf(m)) + int32(f.IntN(9)) - 4; !leftOutID[id] {
			le.PutUint32(m[20:], uint32(id))
		}
	case 4:
		if len(m) > headSize {
			m[headSize+f.IntN(len(m)-headSize)] ^= 1 << f.UintN(8)
		}
	case 5:
		if len(m) >= headSize+4 {
			le.PutUint32(m[headSize:], f.Uint32N(6))
		}
	}
	return m
}
