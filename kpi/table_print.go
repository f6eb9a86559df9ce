package kpi

import (
	"fmt"
	"io"

	"puggle/debug"
)

func init() {
	register("libkern/libkern.h", "1990", "libkern", []Row{
		{Name: "printf", Proto: "int printf(const char *format, ...)", KPI: "libkern bsd"},
		{Name: "vprintf", Proto: "void vprintf(const char *format, va_list ap)"},
		{Name: "kprintf", Header: "pexpert/pexpert.h", Proto: "void kprintf(const char *format, ...)", Since: "2002", KPI: "mach libkern", Note: "to the serial line, with debug=0x8"},
		{Name: "IOLog", Header: "IOKit/IOLib.h", Proto: "void IOLog(const char *format, ...)", Since: "2002", KPI: "iokit"},
		{Name: "IOLogv", Header: "IOKit/IOLib.h", Proto: "void IOLogv(const char *format, va_list ap)", Since: "2006", KPI: "iokit"},
		{Name: "log", Header: "sys/systm.h", Proto: "int log(int level, const char *format, ...)", KPI: "bsd"},
		{Name: "uprintf", Header: "sys/systm.h", Proto: "int uprintf(const char *format, ...)", KPI: "bsd", Note: "to the console, not to the caller's terminal"},
		{Name: "sprintf", Proto: "int sprintf(char *s, const char *format, ...)"},
		{Name: "snprintf", Proto: "int snprintf(char *s, size_t n, const char *format, ...)", Since: "2002"},
		{Name: "scnprintf", Proto: "int scnprintf(char *s, size_t n, const char *format, ...)", Since: "2006"},
		{Name: "vsnprintf", Proto: "int vsnprintf(char *s, size_t n, const char *format, va_list ap)", Since: "2002"},
		{Name: "vsprintf", Proto: "int vsprintf(char *s, const char *format, va_list ap)", Since: "2002"},
		{Name: "panic", Header: "kern/debug.h", Proto: "void panic(const char *format, ...)", KPI: "mach libkern bsd", Note: "ends the extension, not the machine"},
		{Name: "Assert", Header: "kern/assert.h", Proto: "void Assert(const char *file, int line, const char *expression)", Since: "2002", KPI: "mach libkern unsupported"},
		{Name: "Debugger", Header: "kern/debug.h", Proto: "void Debugger(const char *message)", Since: "2002", KPI: "mach unsupported", Handler: peEnterDebugger, Note: "a panic where no debugger can come"},
		{Name: "kpi_write", Header: "-", Proto: "void kpi_write(int level, const char *s, size_t n)", Since: "2006", KPI: "runtime", Handler: kpiWrite},
		{Name: "kpi_panic", Header: "-", Proto: "void kpi_panic(const char *s)", Since: "2006", KPI: "runtime", Handler: kpiPanic},
	})
}

// Levels of kpi_write beyond syslog's; rt/printf.c has the same.
const (
	levelPrintf  = 100
	levelKprintf = 101
	levelIOLog   = 102
)

// maxMessage bounds one piece of a message, in bytes.
const maxMessage = 4096

func kpiWrite(c *Call) uint64 {
	n := c.Arg(2)
	if n > maxMessage {
		return c.Panic("a message is too long")
	}
	b := make([]byte, n)
	if !c.K.Read(b, c.Addr(1)) {
		return c.Panic("a message can't be read")
	}
	s := string(b)
	if l := c.I32(0); l < levelPrintf {
		// What log writes carries its level, as syslog shows it.
		s = fmt.Sprintf("<%d>%s", l, s)
	}
	if c.I32(0) == levelKprintf {
		c.K.serial(s)
		return 0
	}
	c.K.print(s)
	return 0
}

// serial is where kprintf writes: to the serial line, if DB_KPRT asks for it.
func (k *KernelTask) serial(s string) {
	w := k.cfg.Serial
	if w == nil {
		w = k.cfg.Console
	}
	if w != nil && k.debugFlags()&debug.DB_KPRT != 0 {
		io.WriteString(w, s)
	}
}

// diagnose says what the kernel itself has noticed: in the message buffer, on the console
// with DB_PRT, and as a line of the log, with its level, with DB_SLOG.
func (k *KernelTask) diagnose(s string) {
	f := k.debugFlags()
	line := s
	if f&debug.DB_SLOG != 0 {
		line = "<7>" + s
	}
	k.Messages.WriteString(line)
	if k.cfg.Console != nil && f&debug.DB_PRT != 0 {
		io.WriteString(k.cfg.Console, s)
	}
}

func kpiPanic(c *Call) uint64 {
	s, ok := c.K.String(c.Addr(0), 1024)
	if !ok {
		s = "(the message can't be read)"
	}
	return c.Panic(s)
}
