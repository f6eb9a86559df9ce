package kernserv

import (
	"strconv"
	"unicode/utf8"

	"puggle/abi"
	"puggle/machine"
)

// MaxLogText bounds a message of kern_serv_log, in bytes.
const MaxLogText = 1024

// format is the kernel's printf: %s %c %x %X %d %D %i %u %U %o %O %p and %%, with
// - and 0, a width, and l or ll for 64 bits. The format and strings are read from the kernel's
// map, byte for byte until NUL, up to MaxLogText; what can't be read is shown as
// such. D, U and O are long, as in 4.3BSD (here: as d, u and o).
func format(k Kernel, at machine.Addr, args []uint64) string {
	f := cstring(k, at)
	var out []byte
	for i := 0; i < len(f) && len(out) < MaxLogText; i++ {
		if f[i] != '%' {
			out = append(out, f[i])
			continue
		}
		var v verb
		v, i = parseVerb(f, i+1)
		if v.c == '%' || v.c == 0 {
			out = append(out, '%')
			continue
		}
		var arg uint64
		if len(args) > 0 {
			arg, args = args[0], args[1:]
		}
		out = v.append(out, k, arg)
	}
	if len(out) > MaxLogText {
		out = out[:MaxLogText]
	}
	for !utf8.Valid(out) { // what a log shows is text
		for i, c := range out {
			if c >= 0x80 {
				out[i] = '?'
			}
		}
	}
	return string(out)
}

type verb struct {
	left, zero, long bool
	width            int
	c                byte
}

func parseVerb(f string, i int) (v verb, end int) {
	for ; i < len(f); i++ {
		switch c := f[i]; {
		case c == '-':
			v.left = true
		case c == '0' && v.width == 0:
			v.zero = true
		case c >= '0' && c <= '9':
			v.width = min(v.width*10+int(c-'0'), MaxLogText)
		case c == 'l' || c == 'q' || c == 'z':
			v.long = true
		default:
			v.c = c
			return v, i
		}
	}
	return v, i
}

func (v verb) append(out []byte, k Kernel, arg uint64) []byte {
	n, signed := arg, int64(arg)
	if !v.long {
		n, signed = uint64(uint32(arg)), int64(int32(arg))
	}
	var s string
	switch v.c {
	case 's':
		s = cstring(k, machine.Addr(arg))
	case 'c':
		s = string([]byte{byte(arg)})
	case 'd', 'D', 'i':
		s = strconv.FormatInt(signed, 10)
	case 'u', 'U':
		s = strconv.FormatUint(n, 10)
	case 'o', 'O':
		s = strconv.FormatUint(n, 8)
	case 'x', 'X':
		s = strconv.FormatUint(n, 16)
	case 'p':
		s = "0x" + strconv.FormatUint(arg, 16)
	default:
		return append(out, '%', v.c)
	}
	fill := byte(' ')
	if v.zero && !v.left && v.c != 's' && v.c != 'c' {
		fill = '0'
		if s[0] == '-' {
			out, s, v.width = append(out, '-'), s[1:], v.width-1
		}
	}
	for n := v.width - len(s); n > 0 && !v.left; n-- {
		out = append(out, fill)
	}
	out = append(out, s...)
	for n := v.width - len(s); n > 0 && v.left; n-- {
		out = append(out, ' ')
	}
	return out
}

// cstring reads a string of the kernel's map.
func cstring(k Kernel, at machine.Addr) string {
	var b []byte
	for len(b) < MaxLogText {
		var part [64]byte
		// Not beyond the page: the next may not be there.
		n := min(uint64(len(part)), uint64((at|machine.PageMask)+1-at))
		if k.CopyIn(part[:n], at) != abi.KERN_SUCCESS {
			return string(b) + "(bad address)"
		}
		for i := range n {
			if part[i] == 0 {
				return string(append(b, part[:i]...))
			}
		}
		b = append(b, part[:n]...)
		at += machine.Addr(n)
	}
	return string(b)
}
