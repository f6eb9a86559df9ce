package ktrace

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"puggle/abi"
	"puggle/bsd/syscalls"
	"puggle/machine"
)

var le = binary.LittleEndian

// viewer shows the arguments of one call. Everything it reads is the guest's: it is
// read once, with bounds, and what can't be read is shown as its address.
type viewer struct {
	c      *syscalls.Call
	max    int
	done   bool // the call has been made
	failed bool
}

// view shows argument i; out ones are asked again when the call has been made.
type view struct {
	show func(v *viewer, i int) string
	out  bool
}

// before shows all arguments.
func (v *viewer) before(args []syscalls.Argument) []string {
	l := make([]string, len(args))
	for i, a := range args {
		if w, ok := v.find(a); ok && !w.out {
			l[i] = w.show(v, i)
			continue
		}
		l[i] = v.plain(a, i)
	}
	return l
}

// after shows those that the call has filled.
func (v *viewer) after(args []syscalls.Argument, l []string) {
	if v.failed {
		return
	}
	for i, a := range args {
		if w, ok := v.find(a); ok && w.out {
			l[i] = w.show(v, i)
		}
	}
}

// find looks an argument up: by call and name, then by name.
func (v *viewer) find(a syscalls.Argument) (view, bool) {
	name := strings.TrimSuffix(v.c.Row().Name, "_nocancel")
	if w, ok := views[name+"."+a.Name]; ok {
		return w, true
	}
	if a.Type == "path" {
		return view{show: (*viewer).path}, true
	}
	w, ok := anyCall[a.Type+" "+a.Name]
	return w, ok
}

func (v *viewer) plain(a syscalls.Argument, i int) string {
	n := v.c.Arg[i]
	switch a.Type {
	case "int":
		return strconv.Itoa(int(int32(n)))
	case "uint":
		return strconv.FormatUint(uint64(uint32(n)), 10)
	case "size":
		return strconv.FormatUint(n, 10)
	case "off":
		return strconv.FormatInt(int64(n), 10)
	}
	return hex(n)
}

func hex(n uint64) string {
	if n == 0 {
		return "0"
	}
	return "0x" + strconv.FormatUint(n, 16)
}

// read copies n bytes in; nil if they can't be read.
func (v *viewer) read(a uint64, n int) []byte {
	if a == 0 || n <= 0 {
		return nil
	}
	b := make([]byte, n)
	if v.c.CopyIn(b, machine.Addr(a)) != 0 {
		return nil
	}
	return b
}

// bytes shows a buffer of n bytes.
func (v *viewer) bytes(a, n uint64) string {
	if n == 0 {
		return `""`
	}
	b := v.read(a, int(min(n, uint64(v.max))))
	if b == nil {
		return hex(a)
	}
	s := quote(b)
	if uint64(len(b)) < n {
		s += "..."
	}
	return s
}

// quote is a C string, with a short form for what is no text.
func quote(b []byte) string {
	var s strings.Builder
	s.WriteByte('"')
	for _, c := range b {
		switch {
		case c == '"' || c == '\\':
			s.WriteByte('\\')
			s.WriteByte(c)
		case c == '\n':
			s.WriteString(`\n`)
		case c == '\t':
			s.WriteString(`\t`)
		case c == '\r':
			s.WriteString(`\r`)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&s, `\%03o`, c)
		default:
			s.WriteByte(c)
		}
	}
	s.WriteByte('"')
	return s.String()
}

func (v *viewer) path(i int) string {
	a := v.c.Arg[i]
	if a == 0 {
		return "NULL"
	}
	s, e := v.c.String(machine.Addr(a), abi.MAXPATHLEN)
	if e != 0 {
		return hex(a)
	}
	return quote([]byte(s))
}

// failed says whether a call ended in an error, by the way of its class.
func failed(c *syscalls.Call, e abi.Errno) bool {
	if e > 0 {
		return true
	}
	return c.Row().Ret == "kr" && e == 0 && uint32(c.Ret[0]) != 0
}

// result shows what came back: the value, and the error.
func (v *viewer) result(e abi.Errno) (value, errno string) {
	if e > 0 {
		return "-1", fmt.Sprintf("%s (%s)", e.Name(), e.Error())
	}
	if e < 0 {
		return "?", "" // the call set the registers itself, or the thread has ended
	}
	n := v.c.Ret[0]
	row := v.c.Row()
	switch row.Ret {
	case "kr":
		return kernReturn(uint32(n)) + v.received(), ""
	case "port":
		return hex(uint64(uint32(n))), ""
	case "addr", "u64":
		return hex(n), ""
	case "uint":
		return strconv.FormatUint(uint64(uint32(n)), 10), ""
	case "int":
		if row.Name == "pipe" {
			return fmt.Sprintf("[%d, %d]", int32(n), int32(v.c.Ret[1])), ""
		}
		return strconv.Itoa(int(int32(n))), ""
	}
	return strconv.FormatInt(int64(n), 10), ""
}

// bit is a flag's name.
type bit struct {
	n    uint64
	name string
}

// flags shows a set of bits; those without a name as a number. zero is what none is
// called.
func flags(n uint64, zero string, bits []bit) string {
	var l []string
	for _, b := range bits {
		if n&b.n == b.n && b.n != 0 {
			l = append(l, b.name)
			n &^= b.n
		}
	}
	if n != 0 {
		l = append(l, hex(n))
	}
	if len(l) == 0 {
		return zero
	}
	return strings.Join(l, "|")
}

// oneOf shows a number by its name.
func oneOf(n int64, names map[int64]string) string {
	if s, ok := names[n]; ok {
		return s
	}
	return strconv.FormatInt(n, 10)
}
