package control

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"puggle/debug"
	"puggle/debug/ddb"
	"puggle/debug/gdb"
	"puggle/kernel"
	"puggle/kpi"
)

// GDBArgs are the arguments of "gdb". The descriptor that comes with the request is a
// connection on which gdb's remote protocol is spoken; the answer comes when it is over.
// Without a descriptor, symbol files are written, and that is all.
type GDBArgs struct {
	// Symbols is a folder for ELF symbol files, one for the kernel and each extension;
	// empty: none.
	Symbols string `json:"symbols,omitempty"`
}

// GDBFiles is the answer of "gdb" without a descriptor: the files that were written, the
// kernel's first.
type GDBFiles struct {
	Files []string `json:"files"`
}

func gdbSession(r *request) (any, error) {
	var a GDBArgs
	if err := r.decode(&a); err != nil {
		return nil, err
	}
	d, err := r.Sys.Debugger()
	if err != nil {
		return nil, err
	}
	var out GDBFiles
	if a.Symbols != "" {
		if out.Files, err = writeSymbols(d, a.Symbols); err != nil {
			return nil, err
		}
	}
	if len(r.conn.files) == 0 {
		return out, nil
	}
	c, err := net.FileConn(r.conn.files[0])
	if err != nil {
		return nil, &RemoteError{"the descriptor is no connection", 125}
	}
	defer c.Close()
	defer r.track(c)()
	return out, r.Server.serveGDB(d, c)
}

// track closes a connection when the server ends; the result forgets it.
func (s *Server) track(c net.Conn) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.debuggers == nil {
		s.debuggers = map[net.Conn]bool{}
	}
	s.debuggers[c] = true
	if s.done {
		c.Close()
	}
	return func() {
		s.mu.Lock()
		delete(s.debuggers, c)
		s.mu.Unlock()
	}
}

func (s *Server) serveGDB(d debug.Target, c net.Conn) error {
	return gdb.Serve(c, gdb.Config{Target: d, Monitor: monitor(d)})
}

// writeSymbols writes the symbol files.
func writeSymbols(d debug.Target, dir string) ([]string, error) {
	x, ok := d.(*kpi.Debugger)
	if !ok {
		return nil, errors.New("there are no symbol files")
	}
	l := []string{""}
	for name, b := range x.SymbolFiles() {
		p := filepath.Join(dir, strings.NewReplacer("/", "_", "\x00", "_").Replace("k."+name)+".elf")
		if err := os.WriteFile(p, b, 0o600); err != nil {
			return nil, err
		}
		if name == "mach_kernel" {
			l[0] = p
		} else {
			l = append(l, p)
		}
	}
	return l, nil
}

// ListenGDB opens the address that gdb may connect to: HOST:PORT (or PORT, for this host
// only), or the path of a socket.
func ListenGDB(addr string) (net.Listener, error) {
	if strings.Contains(addr, "/") {
		l, err := net.Listen("unix", addr)
		if err == nil {
			err = os.Chmod(addr, 0o600)
		}
		return l, err
	}
	if !strings.Contains(addr, ":") {
		addr = "127.0.0.1:" + addr
	} else if strings.HasPrefix(addr, ":") {
		addr = "127.0.0.1" + addr
	}
	return net.Listen("tcp", addr)
}

// ServeGDB serves debuggers that connect, one at a time, until the listener is closed.
func (s *Server) ServeGDB(sys *kernel.System, l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			defer s.track(c)()
			if d, err := sys.Debugger(); err == nil {
				s.serveGDB(d, c)
			}
		}()
	}
}

// attach makes a tool the machine's debugger.
func (t *tool) attach() (debug.Target, error) {
	d, err := t.Sys.Debugger()
	if err != nil {
		return nil, err
	}
	if !t.super {
		return nil, errors.New("only root of the machine may do this")
	}
	return d, d.Attach()
}

// nmi is the non-maskable interrupt: with DB_NMI it enters the debugger (with DB_KDB, ddb),
// without it opens the mini-monitor. Commands for that may be arguments.
func nmi(t *tool) int {
	d, err := t.Sys.Debugger()
	if err != nil {
		return t.fail(err)
	}
	switch f := d.Flags(); {
	case len(t.args) > 0:
	case f&debug.DB_NMI != 0 && f&debug.DB_KDB != 0:
		return ddbTool(t)
	case f&debug.DB_NMI != 0:
		if !t.super {
			return t.fail(errors.New("only root of the machine may do this"))
		}
		d.Halt("NMI")
		fmt.Fprintln(t.out, "the machine is stopped: puggle gdb and puggle ddb attach")
		return 0
	}
	if d, err = t.attach(); err != nil {
		return t.fail(err)
	}
	keep := false
	defer func() { d.Detach(keep) }()
	already := d.Stopped() != nil
	d.Halt("NMI")
	for _, a := range t.args {
		out, _, k := ddb.NMI(d, a)
		fmt.Fprint(t.out, out)
		keep = k
	}
	for len(t.args) == 0 {
		line, ok := t.ask("nmi> ")
		if !ok {
			keep = already
			return 0
		}
		out, leave, k := ddb.NMI(d, line)
		fmt.Fprint(t.out, out)
		if leave {
			keep = k
			return 0
		}
	}
	if len(t.args) > 0 && already && t.args[len(t.args)-1] != "continue" {
		keep = true
	}
	return 0
}
