package kernel

import (
	"fmt"
	"sort"
	"strings"
	"sync"

	"puggle/abi"
	"puggle/bsd/sysctl"
)

// NVRAM is what a machine remembers from one boot to the next: Open Firmware's variables, of which
// boot-args is what the kernel is started with. Its text is a line NAME=VALUE for each. Methods may
// be called concurrently.
type NVRAM struct {
	mu   sync.Mutex
	vars map[string]string
}

// Bounds of an NVRAM, in bytes and variables: a Macintosh has 8 KB.
const (
	nvramSize = 8 << 10
	nvramName = 64
)

// bootArgsVar is the variable that holds the boot arguments.
const bootArgsVar = "boot-args"

// ParseNVRAM reads the text that String gives. Errors are one line.
func ParseNVRAM(text string) (*NVRAM, error) {
	n := &NVRAM{}
	for _, l := range strings.Split(text, "\n") {
		if l == "" {
			continue
		}
		if name, value, ok := strings.Cut(l, "="); !ok || n.Set(name, value) != 0 {
			return nil, fmt.Errorf("NVRAM: %.40q is no NAME=VALUE", l)
		}
	}
	return n, nil
}

// String is all variables, by name.
func (n *NVRAM) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text()
}

func (n *NVRAM) text() string {
	lines := make([]string, 0, len(n.vars))
	for k, v := range n.vars {
		lines = append(lines, k+"="+v+"\n")
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}

// Get is one variable.
func (n *NVRAM) Get(name string) (string, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	v, ok := n.vars[name]
	return v, ok
}

// Set sets a variable: EINVAL for a name that is none or a value that is more than a line, ENOSPC
// when there is no room.
func (n *NVRAM) Set(name, value string) abi.Errno {
	if name == "" || len(name) > nvramName || strings.ContainsAny(name, "=\n\x00 \t") || strings.ContainsAny(value, "\n\x00") {
		return abi.EINVAL
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	size := len(n.text()) + len(name) + len(value) + 2
	if old, ok := n.vars[name]; ok {
		size -= len(name) + len(old) + 2
	}
	if size > nvramSize {
		return abi.ENOSPC
	}
	if n.vars == nil {
		n.vars = map[string]string{}
	}
	n.vars[name] = value
	return 0
}

// Delete removes a variable: ENOENT.
func (n *NVRAM) Delete(name string) abi.Errno {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.vars[name]; !ok {
		return abi.ENOENT
	}
	delete(n.vars, name)
	return 0
}

// NVRAM is the machine's.
func (s *System) NVRAM() *NVRAM { return s.cfg.NVRAM }

// startNVRAM gives a machine its own if it was booted without one. Boot arguments that somebody
// set or removed in an earlier life count, and not those of the command.
func (c *Config) startNVRAM() {
	if c.NVRAM == nil {
		c.NVRAM = &NVRAM{}
		c.NVRAM.Set(bootArgsVar, c.BootArgs)
	} else {
		c.BootArgs, _ = c.NVRAM.Get(bootArgsVar)
	}
}

// nvramOID is machdep.nvram: all variables, a line each, as they are now. Root sets one by writing
// NAME=VALUE, and removes one by writing NAME.
func (s *System) nvramOID() *sysctl.OID {
	return sysctl.Proc(abi.OID_AUTO, "nvram", abi.CTLTYPE_STRING|abi.CTLFLAG_RW, "A", "Open Firmware's variables",
		func(_ *sysctl.OID, _ []int32, req *sysctl.Req) abi.Errno {
			if e := req.OutString(s.cfg.NVRAM.String()); e != 0 || !req.HasNew {
				return e
			}
			text, e := req.InString(nvramSize)
			if e != 0 {
				return e
			}
			if name, value, ok := strings.Cut(text, "="); ok {
				return s.cfg.NVRAM.Set(name, value)
			}
			return s.cfg.NVRAM.Delete(text)
		})
}
