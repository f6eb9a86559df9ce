package rom

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"puggle/kernserv/nextbus"
)

// Main memory, in bytes.
const (
	ramBase = 0x04000000
	ramSize = 16 << 20
)

// Monitor is one session. It is not safe for concurrent use.
type Monitor struct {
	bus *nextbus.Bus
	in  *bufio.Scanner
	out io.Writer

	regs  map[string]uint32
	ram   map[uint32]*[4096]byte
	fcode uint32
	radix int
	last  []uint32 // addresses of the last e
}

// Lists of registers, in the order in which a command without a name opens them.
var (
	addressRegs   = []string{"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"}
	dataRegs      = []string{"d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7"}
	processorRegs = []string{"pc", "sr", "usp", "isp", "msp", "vbr", "sfc", "dfc", "cacr", "caar"}
	systemRegs    = []string{"intrstat", "intrmask", "scr1", "scr2"}
)

// spaces are the address spaces of function codes.
var spaces = [8]string{"undefined", "UD", "UP", "undefined", "undefined", "SD", "SP", "CPU"}

// New makes a monitor over a bus.
func New(bus *nextbus.Bus, in io.Reader, out io.Writer) *Monitor {
	s := bufio.NewScanner(in)
	s.Buffer(nil, 4096)
	return &Monitor{bus: bus, in: s, out: out, regs: map[string]uint32{"sr": 0x2700}, ram: map[uint32]*[4096]byte{}, fcode: 5, radix: 16}
}

// Run reads commands until b, or the end of the input.
func (m *Monitor) Run() {
	for {
		line, ok := m.ask("NeXT> ")
		if !ok {
			return
		}
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if f[0] == "b" {
			return
		}
		if !m.command(f) {
			return
		}
	}
}

func (m *Monitor) printf(format string, a ...any) { fmt.Fprintf(m.out, format, a...) }

func (m *Monitor) ask(prompt string) (string, bool) {
	m.printf("%s", prompt)
	if !m.in.Scan() {
		m.printf("\n")
		return "", false
	}
	return strings.TrimSpace(m.in.Text()), true
}

// command does one; false at the input's end.
func (m *Monitor) command(f []string) bool {
	name, args := f[0], f[1:]
	switch name[0] {
	case 'a', 'd':
		list := addressRegs
		if name[0] == 'd' {
			list = dataRegs
		}
		if len(name) == 1 && len(args) == 1 {
			name += args[0] // a 0
		}
		return m.registers(list, name, len(name) == 1)
	case 'r', 's':
		list := processorRegs
		if name == "s" {
			list = systemRegs
		}
		if len(name) == 1 {
			return m.registers(list, strings.Join(args, " "), len(args) == 0)
		}
	case 'e':
		return m.examine(name[1:], args)
	case 'S':
		m.functionCode(args)
		return true
	case 'R':
		m.setRadix(args)
		return true
	}
	m.printf("a[N], d[N], r [REG], s [REG], e[lwb] [ADDR...] [FORMAT], S [CODE], R [RADIX], b\n")
	return true
}

// registers opens one register, or all of a list.
func (m *Monitor) registers(list []string, name string, all bool) bool {
	found := false
	for _, r := range list {
		if !all && r != name {
			continue
		}
		found = true
		for {
			s, ok := m.ask(fmt.Sprintf("%s: %08x%s? ", r, m.regs[r], fields(r, m.regs[r])))
			if !ok {
				return false
			}
			if s == "." {
				return true
			}
			if s == "" {
				break
			}
			if v, ok := m.number(s); ok {
				m.regs[r] = v
				break
			}
		}
	}
	if !found {
		m.printf("%.20s: no such register\n", name)
	}
	return true
}

// fields shows the bit fields of a register that has some.
func fields(name string, v uint32) string {
	if name != "sr" {
		return ""
	}
	s := fmt.Sprintf("<trace=%d", v>>14&3)
	for _, b := range []struct {
		bit  uint
		name string
	}{{13, "s"}, {12, "m"}} {
		if v>>b.bit&1 != 0 {
			s += "," + b.name
		}
	}
	s += fmt.Sprintf(",ipl=%d", v>>8&7)
	for i, n := range []string{"x", "n", "z", "v", "c"} {
		if v>>(4-i)&1 != 0 {
			s += "," + n
		}
	}
	return s + ">"
}

// number reads one in the input radix; it says what is wrong with another.
func (m *Monitor) number(s string) (uint32, bool) {
	v, err := strconv.ParseUint(strings.TrimPrefix(s, "0x"), m.radix, 32)
	if err != nil {
		m.printf("%.20s: no number to base %d\n", s, m.radix)
	}
	return uint32(v), err == nil
}

// printfFormat is what e takes of printf's formats.
var printfFormat = regexp.MustCompile(`^%[-0]?[0-9]{0,2}l?[xXduoc]$`)

// examine is e: each address is shown and may be changed, one after the other, or a list of several
// again and again.
func (m *Monitor) examine(size string, args []string) bool {
	if size == "" && len(args) > 0 && (args[0] == "l" || args[0] == "w") {
		size, args = args[0], args[1:]
	}
	width, ok := map[string]int{"": 4, "l": 4, "w": 2, "b": 1}[size]
	if !ok {
		m.printf("e%.20s: l, w or b\n", size)
		return true
	}
	format := "%x"
	if n := len(args); n > 0 && args[n-1][0] == '%' {
		if format, args = args[n-1], args[:n-1]; !printfFormat.MatchString(format) {
			m.printf("%.20s: no format\n", format)
			return true
		}
	}
	format = strings.NewReplacer("l", "", "u", "d").Replace(format)
	if len(args) > 0 {
		m.last = nil
	}
	for _, s := range args {
		a, ok := m.number(s)
		if !ok {
			return true
		}
		m.last = append(m.last, a)
	}
	if len(m.last) == 0 {
		m.printf("which address?\n")
		return true
	}
	at := m.last
	for i := 0; ; {
		a := at[i%len(at)]
		if len(at) == 1 {
			a += uint32(i * width)
		}
		v, err := m.read(a, width)
		if err != nil {
			m.printf("%x: %v\n", a, err)
			return true
		}
		s, ok := m.ask(fmt.Sprintf("%x: "+format+"? ", a, v))
		switch {
		case !ok:
			return false
		case s == ".":
			return true
		case s != "":
			v, ok := m.number(s)
			if !ok {
				continue // the same again
			}
			if err := m.write(a, width, v); err != nil {
				m.printf("%x: %v\n", a, err)
				return true
			}
		}
		i++
	}
}

// page gives the part of main memory that begins at a, nil elsewhere.
func (m *Monitor) page(a uint32, width int) []byte {
	if a < ramBase || a-ramBase > uint32(ramSize-width) || a%uint32(width) != 0 {
		return nil
	}
	p := m.ram[a>>12]
	if p == nil {
		p = new([4096]byte)
		m.ram[a>>12] = p
	}
	return p[a&4095:][:width]
}

// read reads at a physical address; the 680x0 has the high byte first.
func (m *Monitor) read(a uint32, width int) (v uint32, err error) {
	b := m.page(a, width)
	if b == nil {
		return m.bus.Read(a, width)
	}
	for _, x := range b {
		v = v<<8 | uint32(x)
	}
	return v, nil
}

func (m *Monitor) write(a uint32, width int, v uint32) error {
	b := m.page(a, width)
	if b == nil {
		return m.bus.Write(a, width, v)
	}
	for i := range b {
		b[i] = byte(v >> (8 * (width - 1 - i)))
	}
	return nil
}

func (m *Monitor) functionCode(args []string) {
	if len(args) > 0 {
		v, ok := m.number(args[0])
		if !ok {
			return
		}
		if v > 7 {
			m.printf("a function code is 0 to 7\n")
			return
		}
		m.fcode = v
	}
	m.printf("Function code %d (%s)\n", m.fcode, spaces[m.fcode])
}

// setRadix is R. Its own argument is a decimal number, whatever the radix is.
func (m *Monitor) setRadix(args []string) {
	if len(args) > 0 {
		v, err := strconv.Atoi(args[0])
		if err != nil || v < 2 || v > 36 {
			m.printf("a radix is 2 to 36\n")
			return
		}
		m.radix = v
	}
	m.printf("Input radix %d\n", m.radix)
}
