package syscalls

import (
	"fmt"
	"slices"
	"strings"

	"puggle/machine"
)

type argKind uint8

const (
	argInt  argKind = iota // sign-extended from 32 bits
	argUint                // zero-extended from 32 bits
	arg64
)

// MaxArgs is the most arguments that a call has.
const MaxArgs = 9

// entry is what dispatch needs of a row.
type entry struct {
	*Row
	nargs int
	kind  [MaxArgs]argKind
	ret   func(uint64) uint64
	as    *entry // what it is when its arguments are unpacked: see packedMsg
}

// kinds of arguments by their word in Row.Args.
var kinds = map[string]argKind{
	"int": argInt, "uint": argUint,
	"long": arg64, "size": arg64, "off": arg64, "addr": arg64, "path": arg64,
}

func same(v uint64) uint64   { return v }
func signed(v uint64) uint64 { return uint64(int64(int32(v))) }
func low(v uint64) uint64    { return uint64(uint32(v)) }

var rets = map[string]func(uint64) uint64{
	"int": signed, "uint": low, "ssize": same, "addr": same, "off": same, "u64": same,
	"kr": low, "port": low,
}

// compile makes the dispatch table of a class; it panics on a bad row, which a
// test would have found.
func compile(rows []Row) []*entry {
	n := 0
	for i := range rows {
		n = max(n, rows[i].Num+1)
	}
	t := make([]*entry, n)
	all := make([]entry, len(rows)) // in one piece: a machine boots in milliseconds
	for i := range rows {
		r, e := &rows[i], &all[i]
		e.Row, e.ret = r, rets[r.Ret]
		if e.ret == nil || t[r.Num] != nil {
			panic(fmt.Sprintf("syscalls: bad row %d %s", r.Num, r.Name))
		}
		for a := range r.arguments {
			k, ok := kinds[a.Type]
			if !ok || e.nargs == MaxArgs {
				panic(fmt.Sprintf("syscalls: bad argument %q of %s", a.Type, r.Name))
			}
			e.kind[e.nargs] = k
			e.nargs++
		}
		t[r.Num] = e
	}
	return t
}

// decode takes the call's arguments from the registers, and from the stack
// those that don't fit; false when the stack can't be read. skip is 1 for an
// indirect call, whose first register was the number.
func (c *Call) decode(r *machine.Regs, e *entry, skip int) bool {
	regs := [6]uint64{r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9}
	in := copy(c.Arg[:], regs[skip:])
	if e.nargs > in {
		var b [8 * MaxArgs]byte
		n := e.nargs - in
		if c.P.Map().CopyIn(b[:8*n], machine.Addr(r.Rsp+8)) != 0 {
			return false
		}
		for i := range n {
			c.Arg[in+i] = le.Uint64(b[8*i:])
		}
	}
	for i := range e.nargs {
		switch e.kind[i] {
		case argInt:
			c.Arg[i] = signed(c.Arg[i])
		case argUint:
			c.Arg[i] = low(c.Arg[i])
		}
	}
	return true
}

// Argument is what a row says of one argument.
type Argument struct{ Type, Name string }

// arguments goes through the row's.
func (r *Row) arguments(yield func(Argument) bool) {
	for rest := r.Args; rest != ""; {
		var a Argument
		var one string
		one, rest, _ = strings.Cut(rest, ", ")
		a.Type, a.Name, _ = strings.Cut(one, " ")
		if !yield(a) {
			return
		}
	}
}

// Arguments are those of the call's row, in order, for tracers: their values are in
// Arg.
func (c *Call) Arguments() []Argument { return slices.Collect(c.entry.arguments) }
