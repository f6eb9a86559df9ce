//go:build darwin

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

func init() { register(map[string]tool{"test": test, "[": test, "expr": expr}) }

// test evaluates as POSIX says: by the number of arguments where it matters, for
// which the descent below, with its look ahead for binary operators, is enough.
func test(args []string) int {
	name, args := args[0], args[1:]
	if strings.HasSuffix(name, "[") {
		if len(args) == 0 || args[len(args)-1] != "]" {
			fmt.Fprintln(os.Stderr, "[: missing ]")
			return 2
		}
		args = args[:len(args)-1]
	}
	t := &tester{args: args}
	if len(args) == 0 {
		return 1
	}
	ok := t.or()
	if t.err == "" && len(t.args) > 0 {
		t.err = t.args[0] + ": unexpected operator"
	}
	if t.err != "" {
		fmt.Fprintf(os.Stderr, "%s: %s\n", name, t.err)
		return 2
	}
	if ok {
		return 0
	}
	return 1
}

type tester struct {
	args []string
	err  string
}

func (t *tester) peek() string {
	if len(t.args) == 0 {
		return ""
	}
	return t.args[0]
}

func (t *tester) next() string {
	if len(t.args) == 0 {
		if t.err == "" {
			t.err = "argument expected"
		}
		return ""
	}
	a := t.args[0]
	t.args = t.args[1:]
	return a
}

func (t *tester) or() bool {
	v := t.and()
	for t.peek() == "-o" {
		t.next()
		w := t.and()
		v = v || w
	}
	return v
}

func (t *tester) and() bool {
	v := t.not()
	for t.peek() == "-a" {
		t.next()
		w := t.not()
		v = v && w
	}
	return v
}

func (t *tester) not() bool {
	if t.peek() == "!" && len(t.args) > 1 && !(len(t.args) == 3 && binaryTests[t.args[1]] != nil) {
		t.next()
		return !t.not()
	}
	return t.primary()
}

var binaryTests = map[string]func(t *tester, a, b string) bool{
	"=": func(_ *tester, a, b string) bool { return a == b }, "==": func(_ *tester, a, b string) bool { return a == b },
	"!=": func(_ *tester, a, b string) bool { return a != b },
	"<":  func(_ *tester, a, b string) bool { return a < b }, ">": func(_ *tester, a, b string) bool { return a > b },
	"-eq": func(t *tester, a, b string) bool { return t.num(a) == t.num(b) },
	"-ne": func(t *tester, a, b string) bool { return t.num(a) != t.num(b) },
	"-lt": func(t *tester, a, b string) bool { return t.num(a) < t.num(b) },
	"-le": func(t *tester, a, b string) bool { return t.num(a) <= t.num(b) },
	"-gt": func(t *tester, a, b string) bool { return t.num(a) > t.num(b) },
	"-ge": func(t *tester, a, b string) bool { return t.num(a) >= t.num(b) },
	"-nt": func(_ *tester, a, b string) bool {
		x, e1 := os.Stat(a)
		y, e2 := os.Stat(b)
		return e1 == nil && (e2 != nil || x.ModTime().After(y.ModTime()))
	},
	"-ot": func(_ *tester, a, b string) bool {
		x, e1 := os.Stat(a)
		y, e2 := os.Stat(b)
		return e2 == nil && (e1 != nil || x.ModTime().Before(y.ModTime()))
	},
	"-ef": func(_ *tester, a, b string) bool {
		x, e1 := os.Stat(a)
		y, e2 := os.Stat(b)
		return e1 == nil && e2 == nil && os.SameFile(x, y)
	},
}

func (t *tester) num(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil && t.err == "" {
		t.err = s + ": bad number"
	}
	return n
}

func modeIs(bits uint16) func(string) bool {
	return func(s string) bool {
		var st unix.Stat_t
		return unix.Stat(s, &st) == nil && st.Mode&unix.S_IFMT == bits
	}
}

func modeHas(bits uint16) func(string) bool {
	return func(s string) bool {
		var st unix.Stat_t
		return unix.Stat(s, &st) == nil && st.Mode&bits != 0
	}
}

func isLink(s string) bool {
	var st unix.Stat_t
	return unix.Lstat(s, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFLNK
}

func mayAccess(mode uint32) func(string) bool {
	return func(s string) bool { return unix.Access(s, mode) == nil }
}

var unaryTests = map[string]func(string) bool{
	"-n": func(s string) bool { return s != "" }, "-z": func(s string) bool { return s == "" },
	"-e": func(s string) bool { _, err := os.Stat(s); return err == nil },
	"-s": func(s string) bool { st, err := os.Stat(s); return err == nil && st.Size() > 0 },
	"-f": modeIs(unix.S_IFREG), "-d": modeIs(unix.S_IFDIR), "-p": modeIs(unix.S_IFIFO), "-S": modeIs(unix.S_IFSOCK),
	"-b": modeIs(unix.S_IFBLK), "-c": modeIs(unix.S_IFCHR), "-h": isLink, "-L": isLink,
	"-u": modeHas(unix.S_ISUID), "-g": modeHas(unix.S_ISGID), "-k": modeHas(unix.S_ISVTX),
	"-r": mayAccess(unix.R_OK), "-w": mayAccess(unix.W_OK), "-x": mayAccess(unix.X_OK),
	"-t": func(s string) bool { n, err := strconv.Atoi(s); return err == nil && isTerminal(n) },
	"-O": func(s string) bool {
		var st unix.Stat_t
		return unix.Stat(s, &st) == nil && int(st.Uid) == os.Geteuid()
	},
	"-G": func(s string) bool {
		var st unix.Stat_t
		return unix.Stat(s, &st) == nil && int(st.Gid) == os.Getegid()
	},
}

func (t *tester) primary() bool {
	if len(t.args) >= 3 {
		if f := binaryTests[t.args[1]]; f != nil {
			a, b := t.args[0], t.args[2]
			t.args = t.args[3:]
			return f(t, a, b)
		}
	}
	if t.peek() == "(" && len(t.args) > 1 {
		t.next()
		v := t.or()
		if t.next() != ")" && t.err == "" {
			t.err = "closing paren expected"
		}
		return v
	}
	if f := unaryTests[t.peek()]; f != nil && len(t.args) > 1 {
		t.next()
		return f(t.next())
	}
	return t.next() != ""
}

// expr knows | & comparisons + - * / % : and parentheses.
func expr(args []string) int {
	e := &exprs{args: args[1:]}
	if len(e.args) > 0 && e.args[0] == "--" {
		e.args = e.args[1:]
	}
	v := e.level(0)
	if e.err == "" && len(e.args) > 0 || len(args) < 2 {
		e.err = "syntax error"
	}
	if e.err != "" {
		fmt.Fprintln(os.Stderr, "expr:", e.err)
		return 2
	}
	fmt.Fprintln(out, v)
	if exprNull(v) {
		return 1
	}
	return 0
}

type exprs struct {
	args []string
	err  string
}

var exprLevels = [...]string{"|", "&", "= == > >= < <= !=", "+ -", "* / %", ":"}

func exprNull(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return s == "" || err == nil && n == 0
}

func (e *exprs) level(n int) string {
	if n == len(exprLevels) {
		return e.primary()
	}
	v := e.level(n + 1)
	for len(e.args) > 0 && e.err == "" && strings.Contains(" "+exprLevels[n]+" ", " "+e.args[0]+" ") {
		op := e.args[0]
		e.args = e.args[1:]
		v = e.apply(op, v, e.level(n+1))
	}
	return v
}

func (e *exprs) primary() string {
	if len(e.args) == 0 {
		e.err = "syntax error"
		return ""
	}
	a := e.args[0]
	e.args = e.args[1:]
	if a != "(" {
		return a
	}
	v := e.level(0)
	if len(e.args) == 0 || e.args[0] != ")" {
		e.err = "syntax error"
		return ""
	}
	e.args = e.args[1:]
	return v
}

func (e *exprs) apply(op, a, b string) string {
	truth := func(v bool) string {
		if v {
			return "1"
		}
		return "0"
	}
	x, e1 := strconv.ParseInt(a, 10, 64)
	y, e2 := strconv.ParseInt(b, 10, 64)
	c := strings.Compare(a, b)
	if e1 == nil && e2 == nil {
		c = 0
		if x < y {
			c = -1
		} else if x > y {
			c = 1
		}
	}
	switch op {
	case "|":
		if !exprNull(a) {
			return a
		}
		if b == "" {
			return "0"
		}
		return b
	case "&":
		if exprNull(a) || exprNull(b) {
			return "0"
		}
		return a
	case "=", "==":
		return truth(c == 0)
	case "!=":
		return truth(c != 0)
	case "<":
		return truth(c < 0)
	case "<=":
		return truth(c <= 0)
	case ">":
		return truth(c > 0)
	case ">=":
		return truth(c >= 0)
	case ":":
		re, err := basicRegexp("^" + strings.TrimPrefix(b, "^"))
		if err != nil {
			e.err = err.Error()
			return ""
		}
		m := re.FindStringSubmatch(a)
		switch {
		case re.NumSubexp() > 0 && m == nil:
			return ""
		case re.NumSubexp() > 0:
			return m[1]
		case m == nil:
			return "0"
		}
		return strconv.Itoa(len([]rune(m[0])))
	}
	if e1 != nil || e2 != nil {
		e.err = "not a decimal number: '" + a + "', '" + b + "'"
		return ""
	}
	switch op {
	case "+":
		x += y
	case "-":
		x -= y
	case "*":
		x *= y
	default:
		if y == 0 {
			e.err = "division by zero"
			return ""
		}
		if op == "/" {
			x /= y
		} else {
			x %= y
		}
	}
	return strconv.FormatInt(x, 10)
}
