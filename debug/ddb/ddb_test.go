package ddb

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"puggle/debug/still"
)

// TestTable wants each command of the document (Kernel Programming, pages 169 to 172) to be
// there, if only to say why not.
func TestTable(t *testing.T) {
	for _, n := range strings.Fields("break c continue call cond cpu d delete dk dl dm dmacro dp dr ds dv dwatch dx examine gdb lt macro " +
		"match print reboot s step search set show trace until w write watch x xb xf") {
		k := find(n)
		if k == nil {
			t.Errorf("there is no %s", n)
		} else if k.do == nil && k.absent == "" {
			t.Errorf("%s does nothing and says nothing", n)
		}
	}
	for i := range commands {
		if k := &commands[i]; k.absent == "" && (k.do == nil || k.help == "") {
			t.Errorf("%s: a column is empty", k.names)
		}
	}
}

// TestFormats shows memory in each format.
func TestFormats(t *testing.T) {
	s := still.New(4096)
	copy(s.Memory, "Puggle\x00\xff\xfe")
	s.Halt("test")
	c := New(Config{Target: s})
	for _, x := range [][2]string{
		{"x/bx memory,2", "0x100000000:  0x50 0x75\n"}, {"x/bd memory+7", "0x100000007:  -1\n"}, {"x/bu memory+7", "0x100000007:  255\n"},
		{"x/bo memory", "0x100000000:  0120\n"}, {"x/bc memory+5,2", "0x100000005:  e \\000\n"}, {"x/bz memory+7", "0x100000007:  -0x1\n"},
		{"x/s memory", "0x100000000: \"Puggle\"\n"}, {"x/hx memory+7", "0x100000007:  0xfeff\n"}, {"x/lx *(memory) - *memory + memory", "0x100000000:  0x67677550\n"},
		{"x/qx memory", "0x100000000:  0xff00656c67677550\n"}, {"x/a memory", "still`memory\n"},
		{"x/m memory", "0x100000000: 50 75 67 67 6c 65 00 ff fe 00 00 00 00 00 00 00  Puggle..........\n"},
		{"x/i memory", "instructions are not printed: gdb does it (x/i)\n"},
		{"x/bx .", "0x100000000:  0x50\n"}, {"xf", "0x100000001:  0x75\n"}, {"xb", "0x100000000:  0x50\n"},
		{"show $rip", "$rip = 0x100000000\n"}, {"set $v = 10; show $v", "$v = 0x10\n"}, {"set $radix = 0t10; set $v 10; show $v", "$v = 0xa\n"},
	} {
		if out, _ := c.Do(x[0]); out != x[1] {
			t.Errorf("%s: %q, want %q", x[0], out, x[1])
		}
	}
}

// TestConditions: there are so many at the most, one may be replaced then; a breakpoint that is set
// again has none.
func TestConditions(t *testing.T) {
	s := still.New(4096)
	s.Halt("test")
	c := New(Config{Target: s})
	do := func(line, want string) {
		t.Helper()
		if out, _ := c.Do(line); out != want {
			t.Errorf("%s: %q, want %q", line, out, want)
		}
	}
	for i := range maxConds + 1 {
		do(fmt.Sprintf("break memory+%x", i), "")
	}
	for i := range maxConds {
		do(fmt.Sprintf("cond memory+%x 1", i), "")
	}
	do(fmt.Sprintf("cond memory+%x 1", maxConds), "too many conditions\n")
	do("cond memory+3f 2", "")
	for i := range maxConds - 1 {
		do(fmt.Sprintf("cond memory+%x", i), "")
	}
	do("cond", "0x10000003f still`memory: 2\n")
	if err := s.ClearBreak(still.Base + 0x3f); err != nil { // somebody else
		t.Fatal(err)
	}
	do("break memory+3f", "")
	do("cond", "")
}

func FuzzDo(f *testing.F) {
	for _, s := range []string{"break memory; show all", "x/lx memory,10; xf; xb", "macro a x/s memory; a", "set $rax = (1+2)*3 - -4", "search/b memory 5 ff,100",
		"write/h memory 1 2 3", "macro b b; b", "until", "match/p", "step ,5", "x/m memory,ffffffffffffffff", "help; dk; msg 2; trace; ds", "x ((((((1", "set $radix 24; x zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		s := still.New(8192)
		s.Halt("fuzz")
		stop := make(chan struct{})
		timer := time.AfterFunc(time.Minute, func() { close(stop) })
		defer timer.Stop()
		c := New(Config{Target: s, Cancel: stop})
		for range 2 {
			if out, _ := c.Do(line); len(out) > maxOut+1<<20 {
				t.Errorf("%d bytes of output", len(out))
			}
		}
		NMI(s, line)
	})
}
