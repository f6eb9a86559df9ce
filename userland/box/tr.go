//go:build darwin

package main

import (
	"bytes"
	"strings"
)

var trClasses = map[string]func(byte) bool{
	"alpha":  func(b byte) bool { return b|32 >= 'a' && b|32 <= 'z' },
	"digit":  func(b byte) bool { return b >= '0' && b <= '9' },
	"alnum":  func(b byte) bool { return b|32 >= 'a' && b|32 <= 'z' || b >= '0' && b <= '9' },
	"upper":  func(b byte) bool { return b >= 'A' && b <= 'Z' },
	"lower":  func(b byte) bool { return b >= 'a' && b <= 'z' },
	"space":  func(b byte) bool { return b == ' ' || b >= 9 && b <= 13 },
	"blank":  func(b byte) bool { return b == ' ' || b == 9 },
	"punct":  func(b byte) bool { return b > 32 && b < 127 && !(b|32 >= 'a' && b|32 <= 'z' || b >= '0' && b <= '9') },
	"cntrl":  func(b byte) bool { return b < 32 || b == 127 },
	"print":  func(b byte) bool { return b >= 32 && b < 127 },
	"graph":  func(b byte) bool { return b > 32 && b < 127 },
	"xdigit": func(b byte) bool { return b >= '0' && b <= '9' || b|32 >= 'a' && b|32 <= 'f' },
}

// trSet expands a string of tr: ranges, classes, escapes. Bytes, not characters.
func trSet(s string) []byte {
	var set []byte
	next := func() byte {
		b := s[0]
		s = s[1:]
		if b != '\\' || s == "" {
			return b
		}
		b = s[0]
		if b >= '0' && b <= '7' {
			n := 0
			for i := 0; i < 3 && s != "" && s[0] >= '0' && s[0] <= '7'; i++ {
				n = n*8 + int(s[0]-'0')
				s = s[1:]
			}
			return byte(n)
		}
		s = s[1:]
		if i := strings.IndexByte("abfnrtv", b); i >= 0 {
			return "\a\b\f\n\r\t\v"[i]
		}
		return b
	}
	for s != "" {
		if strings.HasPrefix(s, "[:") {
			if name, rest, ok := strings.Cut(s[2:], ":]"); ok && trClasses[name] != nil {
				for b := range 256 {
					if trClasses[name](byte(b)) {
						set = append(set, byte(b))
					}
				}
				s = rest
				continue
			}
		}
		lo := next()
		if len(s) >= 2 && s[0] == '-' {
			s = s[1:]
			hi := next()
			for b := int(lo); b <= int(hi); b++ {
				set = append(set, byte(b))
			}
			continue
		}
		set = append(set, lo)
	}
	return set
}

func tr(args []string) int {
	o, ok := getopt(args, "Ccdsu", "[-Ccsu] string1 string2 | [-Ccu] -d string1 | [-Ccu] -s string1")
	if !ok {
		return 1
	}
	need := 2
	if o.has('d') != o.has('s') {
		need = 1
	}
	if len(o.args) < need || len(o.args) > 2 {
		return usage("tr", "[-Ccsu] string1 string2")
	}
	one := trSet(o.args[0])
	if o.has('c') || o.has('C') {
		var rest []byte
		for b := range 256 {
			if bytes.IndexByte(one, byte(b)) < 0 {
				rest = append(rest, byte(b))
			}
		}
		one = rest
	}
	var two []byte
	if len(o.args) > 1 {
		two = trSet(o.args[1])
	}
	var to [256]int
	var squeeze [256]bool
	for b := range to {
		to[b] = b
	}
	if o.has('d') {
		for _, b := range one {
			to[b] = -1
		}
	} else if len(two) > 0 {
		for i := len(one) - 1; i >= 0; i-- {
			to[one[i]] = int(two[min(i, len(two)-1)])
		}
	}
	if o.has('s') {
		last := two
		if len(o.args) == 1 {
			last = one
		}
		for _, b := range last {
			squeeze[b] = true
		}
	}
	prev := -1
	buf := make([]byte, 64<<10)
	for {
		n, err := readFd(0, buf)
		if n <= 0 || err != nil {
			return 0
		}
		res := buf[:0]
		for _, b := range buf[:n] {
			t := to[b]
			if t < 0 || t == prev && squeeze[t] {
				continue
			}
			prev = t
			res = append(res, byte(t))
		}
		out.Write(res)
		if n < len(buf) || o.has('u') {
			out.Flush()
		}
	}
}
