package ddb

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"puggle/debug"
)

// NMI is one command of the NMI mini-monitor (and of the panic window): msg[=N] prints the
// message buffer, flag= and flag=VALUE examine and set a flag of the kernel's, debug or a
// variable of 32 bits; gdb leaves the kernel stopped for another debugger, continue lets
// it go on. leave says that the monitor is over, keep that the kernel stays stopped.
func NMI(t debug.Target, line string) (out string, leave, keep bool) {
	name, val, given := strings.Cut(strings.TrimSpace(line), "=")
	name, val = strings.TrimSpace(name), strings.TrimSpace(val)
	n, err := strconv.ParseUint(val, 0, 32)
	if err != nil && val != "" {
		return fmt.Sprintf("%s: no number\n", clip(val)), false, false
	}
	switch {
	case name == "":
		return "", false, false
	case name == "msg":
		if val == "" {
			n = maxCount
		}
		return LastLines(t.Messages(), int(min(n, maxCount))), false, false
	case name == "gdb":
		return "puggle gdb attaches\n", true, true
	case name == "continue":
		return "", true, false
	case !given:
		return "msg[=N], gdb, continue, FLAG=[VALUE]\n", false, false
	case name == "debug":
		if val != "" {
			t.SetFlags(n)
		}
		return fmt.Sprintf("debug=%#x\n", t.Flags()), false, false
	}
	a, ok := t.Symbol(name)
	var b [4]byte
	if !ok || t.Read(b[:], a) < 4 {
		return fmt.Sprintf("%s: no such flag\n", clip(name)), false, false
	}
	if val != "" {
		binary.LittleEndian.PutUint32(b[:], uint32(n))
		if err := t.Write(a, b[:]); err != nil {
			return fmt.Sprintf("%s: %v\n", clip(name), err), false, false
		}
	}
	return fmt.Sprintf("%s=%#x\n", clip(name), binary.LittleEndian.Uint32(b[:])), false, false
}
