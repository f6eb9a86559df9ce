package control

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/sysctl"
	"puggle/mach/sched"
)

// SysctlArgs are the arguments of "sysctl". Without names all values are given.
type SysctlArgs struct {
	Names []string `json:"names,omitempty"`
	// Set is a value to be set in the one name, as text.
	Set *string `json:"set,omitempty"`
}

// SysctlValue is one value.
type SysctlValue struct {
	Name  string `json:"name"`
	Type  string `json:"type"` // the format: I, Q, A, S,timeval ...
	Value string `json:"value"`
	Descr string `json:"description,omitempty"`
	Write bool   `json:"writable"`
	Error string `json:"error,omitempty"`
}

func sysctls(r *request) (any, error) {
	var a SysctlArgs
	if err := r.decode(&a); err != nil {
		return nil, err
	}
	t := r.Sys.Sysctl.Tree
	q := &query{t, &sys.Context{Thread: sched.NewThread("sysctl"), Cred: ownerCred()}}
	if a.Set != nil {
		if len(a.Names) != 1 {
			return nil, &RemoteError{"one name, to set it", 125}
		}
		if err := q.set(a.Names[0], *a.Set); err != nil {
			return nil, err
		}
	}
	l := []SysctlValue{}
	if len(a.Names) == 0 {
		a.Names = []string{""}
	}
	for _, n := range a.Names {
		found, err := q.below(n)
		if err != nil {
			return nil, err
		}
		l = append(l, found...)
	}
	return l, nil
}

// query asks the tree as a guest would.
type query struct {
	t   *sysctl.Tree
	ctx *sys.Context
}

// ask gives the bytes of a value.
func (q *query) ask(mib []int32, new []byte) ([]byte, abi.Errno) {
	req := &sysctl.Req{Ctx: q.ctx, HasOld: true, OldLen: 1 << 20, HasNew: new != nil, New: new}
	e := q.t.Call(mib, req)
	b, _ := req.Result()
	return b, e
}

func words(b []byte) (l []int32) {
	for ; len(b) >= 4; b = b[4:] {
		l = append(l, int32(binary.LittleEndian.Uint32(b)))
	}
	return l
}

func text(b []byte) string {
	s, _, _ := strings.Cut(string(b), "\x00")
	return s
}

// below lists the value of that name, or all values under a node of that name;
// "" is the root.
func (q *query) below(name string) ([]SysctlValue, error) {
	var prefix []int32
	if name != "" {
		b, e := q.ask([]int32{0, 3}, []byte(name))
		if e != 0 {
			return nil, fmt.Errorf("%s: no such value (puggle sysctl -a lists them)", name)
		}
		prefix = words(b)
		if o := q.t.Lookup(name); o != nil && (o.Kind&abi.CTLTYPE != abi.CTLTYPE_NODE || o.Handler != nil) {
			return []SysctlValue{q.value(prefix, name)}, nil
		}
	}
	var l []SysctlValue
	at := append([]int32{0, 2}, prefix...)
	for {
		b, e := q.ask(at, nil)
		next := words(b)
		if e != 0 || len(next) < len(prefix) || len(l) > 1<<16 {
			return l, nil
		}
		for i, n := range prefix {
			if next[i] != n {
				return l, nil
			}
		}
		nb, _ := q.ask(append([]int32{0, 1}, next...), nil)
		if v := q.value(next, text(nb)); !strings.HasPrefix(v.Name, "sysctl.") && v.Type != "N" {
			l = append(l, v)
		}
		at = append([]int32{0, 2}, next...)
	}
}

func (q *query) value(mib []int32, name string) SysctlValue {
	v := SysctlValue{Name: name}
	var kind uint32
	if b, e := q.ask(append([]int32{0, 4}, mib...), nil); e == 0 && len(b) > 4 {
		kind = binary.LittleEndian.Uint32(b)
		v.Type = text(b[4:])
		v.Write = kind&abi.CTLFLAG_WR != 0
	}
	if b, e := q.ask(append([]int32{0, 5}, mib...), nil); e == 0 {
		v.Descr = text(b)
	}
	b, e := q.ask(mib, nil)
	if e != 0 {
		v.Error = e.Error()
		return v
	}
	v.Value = format(kind, v.Type, b)
	return v
}

// format prints a value as sysctl(8) does.
func format(kind uint32, typ string, b []byte) string {
	le := binary.LittleEndian
	switch {
	case kind&abi.CTLTYPE == abi.CTLTYPE_STRING:
		return text(b)
	case typ == "S,timeval" && len(b) == 16, typ == "S,bsd_timeval" && len(b) == 16:
		return fmt.Sprintf("{ sec = %d, usec = %d }", le.Uint64(b), le.Uint32(b[8:]))
	case typ == "S,loadavg" && len(b) >= 24:
		scale := float64(max(le.Uint64(b[16:]), 1))
		return fmt.Sprintf("{ %.2f %.2f %.2f }", float64(le.Uint32(b))/scale, float64(le.Uint32(b[4:]))/scale, float64(le.Uint32(b[8:]))/scale)
	case kind&abi.CTLTYPE == abi.CTLTYPE_INT && len(b) >= 4:
		var l []string
		for _, n := range words(b) {
			if strings.HasPrefix(typ, "IU") {
				l = append(l, strconv.FormatUint(uint64(uint32(n)), 10))
			} else {
				l = append(l, strconv.Itoa(int(n)))
			}
		}
		return strings.Join(l, " ")
	case kind&abi.CTLTYPE == abi.CTLTYPE_QUAD && len(b) == 8, (typ == "Q" || typ == "L") && len(b) == 8:
		return strconv.FormatInt(int64(le.Uint64(b)), 10)
	}
	if len(b) > 64 {
		return fmt.Sprintf("%s... (%d bytes)", hex.EncodeToString(b[:64]), len(b))
	}
	return hex.EncodeToString(b)
}

// set parses a value as its type wants it.
func (q *query) set(name, val string) error {
	o := q.t.Lookup(name)
	if o == nil {
		return fmt.Errorf("%s: no such value (puggle sysctl -a lists them)", name)
	}
	var b []byte
	switch o.Kind & abi.CTLTYPE {
	case abi.CTLTYPE_STRING:
		b = append([]byte(val), 0)
	case abi.CTLTYPE_INT, abi.CTLTYPE_QUAD:
		n, err := strconv.ParseInt(val, 0, 64)
		if err != nil {
			return fmt.Errorf("%s: %q is no number", name, val)
		}
		if o.Kind&abi.CTLTYPE == abi.CTLTYPE_INT {
			if int64(int32(n)) != n && int64(uint32(n)) != n {
				return fmt.Errorf("%s: %s does not fit an int", name, val)
			}
			b = binary.LittleEndian.AppendUint32(nil, uint32(n))
		} else {
			b = binary.LittleEndian.AppendUint64(nil, uint64(n))
		}
	default:
		return fmt.Errorf("%s: a value of type %s can't be set from here", name, o.Fmt)
	}
	req := &sysctl.Req{Ctx: q.ctx, HasNew: true, New: b}
	switch e := q.t.CallByName(name, req); e {
	case 0:
		return nil
	case abi.EPERM:
		return fmt.Errorf("%s: can't be set (read only, or only by root)", name)
	default:
		return fmt.Errorf("%s: %v", name, e)
	}
}
