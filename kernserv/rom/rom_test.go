package rom

import (
	"strings"
	"testing"

	"puggle/kernserv/nextbus"
)

// session runs lines, and gives what the terminal would show: what is typed stands behind its prompt.
func session(t *testing.T, bus *nextbus.Bus, setup func(m *Monitor), lines ...string) string {
	t.Helper()
	var out strings.Builder
	in := &typist{lines: lines, out: &out}
	m := New(bus, in, &out)
	if setup != nil {
		setup(m)
	}
	m.Run()
	return out.String()
}

// typist echoes what it types.
type typist struct {
	lines []string
	out   *strings.Builder
}

func (t *typist) Read(b []byte) (int, error) {
	if len(t.lines) == 0 {
		t.lines = []string{"b"}
	}
	s := t.lines[0] + "\n"
	t.lines = t.lines[1:]
	t.out.WriteString(s)
	return copy(b, s), nil
}

// TestTranscripts are the examples of E-2 to E-5.
func TestTranscripts(t *testing.T) {
	regs := func(m *Monitor) { m.regs["a0"], m.regs["d0"] = 0x1234, 0x1234 }
	for _, c := range []struct {
		setup func(m *Monitor)
		typed []string
		want  string
	}{
		{regs, []string{"a", "5678", "", "."}, "NeXT> a\na0: 00001234? 5678\na1: 00000000? \na2: 00000000? .\nNeXT> b\n"},
		{regs, []string{"a0", "5678", "a0", "."}, "NeXT> a0\na0: 00001234? 5678\nNeXT> a0\na0: 00005678? .\nNeXT> b\n"},
		{regs, []string{"d", "5678", "", "."}, "NeXT> d\nd0: 00001234? 5678\nd1: 00000000? \nd2: 00000000? .\nNeXT> b\n"},
		{regs, []string{"d0", "5678"}, "NeXT> d0\nd0: 00001234? 5678\nNeXT> b\n"},
		{nil, []string{"r sr", ""}, "NeXT> r sr\nsr: 00002700<trace=0,s,ipl=7>? \nNeXT> b\n"},
		{nil, []string{"s", "1", "."}, "NeXT> s\nintrstat: 00000000? 1\nintrmask: 00000000? .\nNeXT> b\n"},
		{nil, []string{"e 4000000", "12345678", "."}, "NeXT> e 4000000\n4000000: 0? 12345678\n4000004: 0? .\nNeXT> b\n"},
		{nil, []string{"e 4000000 4000000", "12345678", "."}, "NeXT> e 4000000 4000000\n4000000: 0? 12345678\n4000000: 12345678? .\nNeXT> b\n"},
		{nil, []string{"S", "S 6"}, "NeXT> S\nFunction code 5 (SD)\nNeXT> S 6\nFunction code 6 (SP)\nNeXT> b\n"},
		// Widths, formats, the last list again, and the radix.
		{nil, []string{"e 4000000", "12345678", ".", "eb 4000001", ".", "ew", ".", "e w 4000002 %d", "."},
			"NeXT> e 4000000\n4000000: 0? 12345678\n4000004: 0? .\nNeXT> eb 4000001\n4000001: 34? .\nNeXT> ew\n" +
				"4000001: BUS"},
		{nil, []string{"R", "R 10", "e 67108864", "255", ".", "R 16", "e 4000000 %ld", "ff", "."},
			"NeXT> R\nInput radix 16\nNeXT> R 10\nInput radix 10\nNeXT> e 67108864\n4000000: 0? 255\n4000004: 0? .\nNeXT> R 16\n" +
				"Input radix 16\nNeXT> e 4000000 %ld\n4000000: 255? ff\n4000004: 0? .\nNeXT> b\n"},
		{nil, []string{"e 4000000", "zz", "1", "."}, "NeXT> e 4000000\n4000000: 0? zz\nzz: no number to base 16\n4000000: 0? 1\n4000004: 0? .\nNeXT> b\n"},
	} {
		got := session(t, nextbus.New(), c.setup, c.typed...)
		if want, bus := strings.CutSuffix(c.want, "BUS"); bus && !strings.HasPrefix(got, want) || !bus && got != c.want {
			t.Errorf("%q:\n%s\nwant\n%s", c.typed, got, c.want)
		}
	}
}

// TestBus: the registers of a board are at their physical addresses; where nothing is is a bus error.
func TestBus(t *testing.T) {
	bus := nextbus.New()
	if _, err := bus.Plug(2, &nextbus.SumBoard{}); err != nil {
		t.Fatal(err)
	}
	got := session(t, bus, nil, "e f2fffff0", ".", "e 20000000", "11223344", ".", "e 20000000", ".", "e f4fffff0", "e fffffffe", "e 4fffffc", "", "e 4000000 %s", "e", "e "+strings.Repeat("4000000 ", 100), ".", "bogus", "a9", "S 9", "R 99")
	for _, want := range []string{"f2fffff0: 84? .\n", "20000000: 11223344? .\n", "f4fffff0: ", "5000000: ", "%s: no format\n", "a9: no such register\n", "0 to 7\n", "2 to 36\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func FuzzMonitor(f *testing.F) {
	f.Add("e 4000000\n1\n.\nr\n.\nS 5\nR 8\ne w 4000000 %d\n")
	f.Add("eb ffffffff\nd9\ns scr1\n7\n")
	f.Fuzz(func(t *testing.T, typed string) {
		var out strings.Builder
		New(nextbus.New(), strings.NewReader(typed), &out).Run()
		if out.Len() > 100*len(typed)+10000 {
			t.Errorf("%d bytes for %d", out.Len(), len(typed))
		}
	})
}
