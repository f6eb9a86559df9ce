package kpi

import (
	"crypto/rand"
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"time"

	"puggle/bsd/sysctl"
)

func init() {
	register("pexpert/pexpert.h", "2002", "iokit mach", []Row{
		{Name: "PE_parse_boot_arg", Proto: "boolean_t PE_parse_boot_arg(const char *name, void *value)", Handler: peParse(false)},
		{Name: "PE_parse_boot_argn", Since: "2006", Proto: "boolean_t PE_parse_boot_argn(const char *name, void *value, int size)", Handler: peParse(true)},
		{Name: "PE_enter_debugger", Proto: "void PE_enter_debugger(const char *cause)", Handler: peEnterDebugger, Note: "a panic where no debugger can come"},
	})
	register("sys/random.h", "2002", "bsd", []Row{
		{Name: "read_random", Proto: "void read_random(void *buf, u_int n)", Handler: readRandom},
		{Name: "read_frandom", Since: "2006", Proto: "void read_frandom(void *buf, u_int n)", Handler: readRandom},
		{Name: "random", Header: "libkern/libkern.h", KPI: "bsd libkern", Proto: "int random(void)", Handler: func(*Call) uint64 { return random() & 0x7fffffff }},
		{Name: "RandomULong", Header: "dev/random/randomdev.h", KPI: "bsd unsupported", Proto: "u_long RandomULong(void)", Handler: func(*Call) uint64 { return random() }},
	})
}

func random() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return binary.LittleEndian.Uint64(b[:])
}

// readRandom fills a buffer.
func readRandom(c *Call) uint64 {
	a, n := c.Addr(0), uint64(c.U32(1))
	b := make([]byte, min(n, copyMax))
	for n > 0 {
		k := min(n, uint64(len(b)))
		rand.Read(b[:k])
		if !c.K.Write(a, b[:k]) {
			return c.Panic("read_random: the buffer can't be written")
		}
		a, n = a+Addr(k), n-k
	}
	return 0
}

// peParse looks for name=value, or a flag that begins with -, in the boot arguments.
// A number is stored as an int (or in size bytes), anything else as a string, cut to
// size. Without a size a string is as long as it is, as the document warns.
func peParse(sized bool) func(*Call) uint64 {
	return func(c *Call) uint64 {
		name, ok := c.String(0, 256)
		if !ok {
			return 0
		}
		to, size := c.Addr(1), 4
		if sized {
			size = int(c.I32(2))
		}
		for _, f := range strings.Fields(c.K.cfg.BootArgs) {
			key, value, has := strings.Cut(f, "=")
			if key != name {
				continue
			}
			if !has && !strings.HasPrefix(name, "-") {
				continue
			}
			if !has {
				value = "1"
			}
			var b [8]byte
			if n, isNumber := bootNumber(value); isNumber {
				if size != 1 && size != 2 && size != 4 && size != 8 {
					size = min(max(size, 0), 8)
				}
				le.PutUint64(b[:], n)
				if !c.K.Write(to, b[:size]) {
					c.Panic("PE_parse_boot_arg: the value can't be stored")
				}
				return 1
			}
			s := append([]byte(value), 0)
			if sized {
				if size <= 0 {
					return 0
				}
				if len(s) > size {
					s = append(s[:size-1], 0)
				}
			}
			if !c.K.Write(to, s) {
				c.Panic("PE_parse_boot_arg: the value can't be stored")
			}
			return 1
		}
		return 0
	}
}

// bootNumber reads a number: decimal, 0x, 0 for octal, 0b, and a sign.
func bootNumber(s string) (uint64, bool) {
	neg := strings.HasPrefix(s, "-")
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "-"), 0, 64)
	if err != nil {
		return 0, false
	}
	if neg {
		n = -n
	}
	return n, true
}

func peEnterDebugger(c *Call) uint64 {
	s, ok := c.String(0, 256)
	if ok && !c.K.dbg.enter(c.act, s) {
		return c.Panic("Debugger: " + s + " (no debugger can come)")
	}
	return 0
}

// setVariables fills in the runtime's variables.
func (k *KernelTask) setVariables() {
	k.procHandle = k.handle.ref(kernprocKey{})
	flocks := [2]uint64{}
	for i := range flocks {
		f := &funnel{}
		f.a = k.handle.put(f)
		flocks[i] = uint64(f.a)
	}
	memory := k.cfg.Tasks.Machine.Memory().Limit()
	for _, v := range []struct {
		name  string
		value uint64
	}{
		{"mem_size", memory}, {"max_mem", memory}, {"sane_size", memory},
		{"kernel_map", uint64(k.taskHandle)}, {"kernel_task", uint64(k.taskHandle)}, {"kernproc", uint64(k.procHandle)},
		{"kernel_flock", flocks[0]}, {"network_flock", flocks[1]},
		{"boottime", uint64(time.Now().Unix())},
	} {
		k.PutU64(k.rtSymbol("_"+v.name), v.value)
	}
	if t := k.cfg.Tree; t != nil {
		at := k.rtSymbol("_console_user")
		changed := func(uid uint32) { k.PutU32(at, uid) }
		t.ConsoleChanged.Store(&changed)
		changed(t.ConsoleUser.Load())
	}
	if name, err := os.Hostname(); err == nil && len(name) < 256 {
		k.Write(k.rtSymbol("_hostname"), append([]byte(name), 0))
	}
	k.Write(k.rtSymbol("_version"), []byte("Darwin Kernel Version 22.6.0: Puggle; "+sysctl.Configuration+"_X86_64\x00"))
}

// keepTime keeps the BSD variable time, once code refers to it: a tick behind at most.
func (k *KernelTask) keepTime() {
	at := k.rtSymbol("_time")
	set := func() {
		now := time.Now()
		var b [12]byte
		le.PutUint64(b[:], uint64(now.Unix()))
		le.PutUint32(b[8:], uint32(now.Nanosecond()/1000))
		k.Write(at, b[:])
	}
	set()
	go func() {
		t := time.NewTicker(time.Duration(tickNS))
		defer t.Stop()
		for {
			select {
			case <-t.C:
				set()
			case <-k.stop:
				return
			}
		}
	}()
}

// debugFlags are the debug flags in force.
func (k *KernelTask) debugFlags() uint64 { return k.flags.Load() }

// bootFlags is the boot argument debug.
func (k *KernelTask) bootFlags() uint64 {
	for _, f := range strings.Fields(k.cfg.BootArgs) {
		if v, ok := strings.CutPrefix(f, "debug="); ok {
			n, _ := bootNumber(v)
			return n
		}
	}
	return 0
}
