//go:build darwin

package main

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

func init() { register(map[string]tool{"tty": tty, "stty": stty}) }

func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TIOCGETA)
	return err == nil
}

func tty(args []string) int {
	o, ok := getopt(args, "s", "[-s]")
	if !ok {
		return 2
	}
	name := "not a tty"
	var st syscall.Stat_t
	if term := isTerminal(0); term && syscall.Fstat(0, &st) == nil {
		if n := ttyName(st.Rdev); n != "??" {
			name = "/dev/tty" + n
		} else {
			name = "/dev/console"
		}
	}
	if !o.has('s') {
		fmt.Fprintln(out, name)
	}
	if name == "not a tty" {
		return 1
	}
	return 0
}

type ttyFlag struct {
	name string
	word int // 0 input, 1 output, 2 control, 3 local
	bits uint64
}

var ttyFlags = []ttyFlag{
	{"icrnl", 0, unix.ICRNL}, {"inlcr", 0, unix.INLCR}, {"igncr", 0, unix.IGNCR}, {"ixon", 0, unix.IXON}, {"ixoff", 0, unix.IXOFF},
	{"ixany", 0, unix.IXANY}, {"istrip", 0, unix.ISTRIP}, {"brkint", 0, unix.BRKINT}, {"inpck", 0, unix.INPCK}, {"ignbrk", 0, unix.IGNBRK},
	{"parmrk", 0, unix.PARMRK}, {"imaxbel", 0, unix.IMAXBEL}, {"iutf8", 0, unix.IUTF8}, {"opost", 1, unix.OPOST}, {"onlcr", 1, unix.ONLCR},
	{"cread", 2, unix.CREAD}, {"parenb", 2, unix.PARENB}, {"hupcl", 2, unix.HUPCL}, {"clocal", 2, unix.CLOCAL}, {"crtscts", 2, unix.CRTSCTS},
	{"icanon", 3, unix.ICANON}, {"isig", 3, unix.ISIG}, {"iexten", 3, unix.IEXTEN}, {"echo", 3, unix.ECHO}, {"echoe", 3, unix.ECHOE},
	{"echok", 3, unix.ECHOK}, {"echoke", 3, unix.ECHOKE}, {"echonl", 3, unix.ECHONL}, {"echoctl", 3, unix.ECHOCTL},
	{"noflsh", 3, unix.NOFLSH}, {"tostop", 3, unix.TOSTOP},
}

var ttyGroups = map[string]string{
	"raw":    "-icrnl -inlcr -igncr -ixon -ixoff -istrip -brkint -opost -icanon -isig -iexten",
	"sane":   "icrnl -inlcr -igncr ixon brkint opost onlcr icanon isig iexten echo echoe echok echoke echoctl cread",
	"cbreak": "-icanon isig iexten opost icrnl", "-cbreak": "icanon",
	"nl": "-icrnl -onlcr", "-nl": "icrnl onlcr", "crt": "echoe echoke echoctl", "dec": "echoe echoke echoctl -ixany",
}

func ttyWord(t *unix.Termios, w int) *uint64 {
	return [...]*uint64{&t.Iflag, &t.Oflag, &t.Cflag, &t.Lflag}[w]
}

func ttySet(t *unix.Termios, a string) bool {
	if a == "cooked" || a == "-raw" {
		a = "sane"
	}
	if g := ttyGroups[a]; g != "" {
		for _, f := range strings.Fields(g) {
			ttySet(t, f)
		}
		return true
	}
	name := strings.TrimPrefix(a, "-")
	for _, f := range ttyFlags {
		if f.name == name {
			if name == a {
				*ttyWord(t, f.word) |= f.bits
			} else {
				*ttyWord(t, f.word) &^= f.bits
			}
			return true
		}
	}
	return false
}

func stty(args []string) int {
	o, ok := getopt(args[:min(len(args), 2)], "aegf:", "[-a | -g] [operands]")
	if len(args) > 1 && strings.HasPrefix(args[1], "-") && len(args[1]) > 2 {
		o, ok = options{args: args[1:]}, true // -echo and the like
	} else if len(args) > 2 {
		if ok && o.has('f') {
			return usage("stty", "[-a | -g] [operands] < terminal")
		}
		o.args = append(o.args, args[2:]...)
	}
	if !ok {
		return 1
	}
	c := &cmd{name: "stty"}
	t, err := unix.IoctlGetTermios(0, unix.TIOCGETA)
	if err != nil {
		return c.fail("stdin isn't a terminal")
	}
	ws, err := unix.IoctlGetWinsize(0, unix.TIOCGWINSZ)
	if err != nil {
		ws = &unix.Winsize{}
	}
	if o.has('g') {
		fmt.Fprintf(out, "gfmt1:cflag=%x:iflag=%x:lflag=%x:oflag=%x:ispeed=%d:ospeed=%d\n", t.Cflag, t.Iflag, t.Lflag, t.Oflag, t.Ispeed, t.Ospeed)
		return 0
	}
	if len(o.args) == 0 {
		fmt.Fprintf(out, "speed %d baud; %d rows; %d columns;\n", t.Ospeed, ws.Row, ws.Col)
		line := ""
		for _, f := range ttyFlags {
			s := f.name
			if *ttyWord(t, f.word)&f.bits == 0 {
				if !o.has('a') {
					continue
				}
				s = "-" + s
			}
			line += " " + s
		}
		fmt.Fprintln(out, strings.TrimSpace(line))
		return 0
	}
	resize := false
	for i := 0; i < len(o.args); i++ {
		a := o.args[i]
		number := func() uint16 {
			i++
			if i >= len(o.args) {
				c.fail("%s requires an argument", a)
				return 0
			}
			n, err := strconv.ParseUint(o.args[i], 10, 16)
			if err != nil {
				c.fail("%s: illegal number", o.args[i])
			}
			return uint16(n)
		}
		switch {
		case a == "size":
			fmt.Fprintln(out, ws.Row, ws.Col)
		case a == "rows":
			ws.Row, resize = number(), true
		case a == "cols" || a == "columns":
			ws.Col, resize = number(), true
		case a == "min":
			t.Cc[unix.VMIN] = uint8(number())
		case a == "time":
			t.Cc[unix.VTIME] = uint8(number())
		case strings.HasPrefix(a, "gfmt1:"):
			for _, kv := range strings.Split(a, ":")[1:] {
				k, v, _ := strings.Cut(kv, "=")
				p := map[string]*uint64{"cflag": &t.Cflag, "iflag": &t.Iflag, "lflag": &t.Lflag, "oflag": &t.Oflag}[k]
				if n, err := strconv.ParseUint(v, 16, 64); p != nil && err == nil {
					*p = n
				}
			}
		case !ttySet(t, a):
			return c.fail("illegal option -- %s", a)
		}
	}
	if c.status == 0 {
		if err := unix.IoctlSetTermios(0, unix.TIOCSETAW, t); err != nil {
			c.warn("tcsetattr", err)
		}
		if resize {
			if err := unix.IoctlSetWinsize(0, unix.TIOCSWINSZ, ws); err != nil {
				c.warn("TIOCSWINSZ", err)
			}
		}
	}
	return c.status
}
