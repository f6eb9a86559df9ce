package nextbus

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// MaxRepeat bounds one command of the probe.
const MaxRepeat = 1 << 20

const probeUsage = `usage: nextbus list
       nextbus read  SLOT board|slot OFFSET [8|16|32] [repeat N] [step]
       nextbus write SLOT board|slot OFFSET [8|16|32] VALUE [repeat N] [step]
step goes on to the next address after each access. Numbers are as in C.`

// probe is one command of the NeXTbus Probe.
type probe struct {
	write  bool
	slot   int
	space  Space
	off    uint32
	width  int
	value  uint32
	repeat int
	step   bool
}

// ProbeMain is the NeXTbus Probe as a command: it reads and writes the registers of
// boards, by an offset in a board's or a slot's space, and repeats that, with or without going
// on to the next address. Bytes are not swapped. Each value read is a line on
// stdout. The exit status is 0, 1 for a bus error, 2 for wrong usage.
func ProbeMain(b *Bus, args []string, stdout, stderr io.Writer) int {
	if len(args) == 1 && args[0] == "list" {
		b.List(stdout)
		return 0
	}
	p, err := parseProbe(args)
	if err != nil {
		fmt.Fprintf(stderr, "nextbus: %v\n%s\n", err, probeUsage)
		return 2
	}
	if err := p.run(b, stdout); err != nil {
		fmt.Fprintf(stderr, "nextbus: %v\n", err)
		return 1
	}
	return 0
}

func parseProbe(args []string) (p probe, err error) {
	if len(args) < 4 || args[0] != "read" && args[0] != "write" {
		return p, errors.New("list, read or write is needed")
	}
	p = probe{write: args[0] == "write", width: 4, repeat: 1}
	if p.slot, err = strconv.Atoi(args[1]); err != nil || p.slot < 0 || p.slot >= NumSlots {
		return p, fmt.Errorf("%.40q is not a slot", args[1])
	}
	switch args[2] {
	case "board":
	case "slot":
		p.space = SlotSpace
	default:
		return p, fmt.Errorf("%.40q is neither board nor slot", args[2])
	}
	off, err := strconv.ParseUint(args[3], 0, 32)
	if err != nil || off >= uint64(p.space.Size()) {
		return p, fmt.Errorf("%.40q is not an offset in the %v space", args[3], p.space)
	}
	p.off = uint32(off)
	args = args[4:]
	if n := len(args); n > 0 && !(p.write && n == 1) {
		if w := map[string]int{"8": 1, "16": 2, "32": 4}[args[0]]; w != 0 {
			p.width, args = w, args[1:]
		}
	}
	if p.write {
		if len(args) == 0 {
			return p, errors.New("there is no value to write")
		}
		v, err := strconv.ParseUint(args[0], 0, 8*p.width)
		if err != nil {
			return p, fmt.Errorf("%.40q is not a %d-bit value", args[0], 8*p.width)
		}
		p.value, args = uint32(v), args[1:]
	}
	for len(args) > 0 {
		switch {
		case args[0] == "step":
			p.step, args = true, args[1:]
		case args[0] == "repeat" && len(args) > 1:
			if p.repeat, err = strconv.Atoi(args[1]); err != nil || p.repeat < 1 || p.repeat > MaxRepeat {
				return p, fmt.Errorf("%.40q is not a number of times from 1 to %d", args[1], MaxRepeat)
			}
			args = args[2:]
		default:
			return p, fmt.Errorf("what is %.40q?", args[0])
		}
	}
	return p, nil
}

// Address is the physical address of an offset in a slot's space.
func Address(slot int, space Space, off uint32) uint32 {
	if space == SlotSpace {
		return 0xf000_0000 | uint32(slot)<<24 | off&(1<<24-1)
	}
	return uint32(slot)<<28 | off&(1<<28-1)
}

func (p probe) run(b *Bus, out io.Writer) error {
	for i := range p.repeat {
		off := uint64(p.off)
		if p.step {
			off += uint64(i * p.width)
		}
		if off >= uint64(p.space.Size()) {
			return fmt.Errorf("the %v space ends", p.space)
		}
		addr := Address(p.slot, p.space, uint32(off))
		if p.write {
			if err := b.Write(addr, p.width, p.value); err != nil {
				return err
			}
			continue
		}
		v, err := b.Read(addr, p.width)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%08x: %0*x\n", addr, 2*p.width, v); err != nil {
			return err
		}
	}
	return nil
}

// List prints the slots as they are seen from the back.
func (b *Bus) List(out io.Writer) {
	for _, n := range BackOrder {
		line := fmt.Sprintf("slot %d: ", n)
		s := b.Slot(n)
		switch {
		case n == 0:
			line += "CPU board"
		case s == nil:
			line += "empty"
		default:
			m, id := s.Board.ID()
			line += fmt.Sprintf("manufacturer %#04x, board %#04x", m, id)
			if s.nbic.asserted() {
				line += ", interrupting"
			}
		}
		fmt.Fprintln(out, strings.TrimSpace(line))
	}
}
