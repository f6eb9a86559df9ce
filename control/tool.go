package control

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"
	"sync"

	"puggle/kernel"
	"puggle/kernserv"
	"puggle/kernserv/nextbus"
	"puggle/mach/sched"
)

// ToolArgs are the arguments of "tool": a command that works on the machine's kernel
// code and has a command line of its own. Paths in it are absolute.
type ToolArgs struct {
	Name string   `json:"name"`
	Args []string `json:"argv"`
}

// ToolOutput is an event of a tool: what it wrote, or that it waits for a line.
type ToolOutput struct {
	Out string `json:"out,omitempty"` // on standard output
	Err string `json:"err,omitempty"` // on standard error
	Ask string `json:"ask,omitempty"` // what to prompt with; ToolInput is the answer
}

// ToolInput is what the caller may say: a line that the tool has asked for. Anything
// else, and the end of the connection, ends the tool.
type ToolInput struct {
	Line *string `json:"line,omitempty"`
}

// tool is such a command in progress.
type tool struct {
	*request
	super    bool // the caller is root of the machine, as all are that the socket lets in
	name     string
	args     []string
	out, err io.Writer
	gone     <-chan struct{} // closed when the caller has gone
	lines    <-chan string
}

// ask has the caller's user give a line; false if there is nobody.
func (t *tool) ask(prompt string) (string, bool) {
	if t.event(ToolOutput{Ask: prompt}) != nil {
		return "", false
	}
	select {
	case l := <-t.lines:
		return l, true
	case <-t.gone:
		return "", false
	}
}

// tools are the commands by name; each gives an exit status.
var tools = map[string]func(t *tool) int{
	"kextload": kextload, "kextunload": kextunload, "kextstat": kextstat, "dmesg": dmesg,
	"kmodload": kextload, "kmodunload": kextunload, "kmodstat": kextstat, "kmutil": kmutil,
	"kmodsyms": kmodsyms, "ddb": ddbTool, "nmi": nmi,
	"kern_loader": kernLoader, "kl_util": klUtil, "kl_log": klLog, "nextbus": nextbusProbe,
}

func runTool(r *request) (any, error) {
	var a ToolArgs
	if err := r.decode(&a); err != nil {
		return nil, err
	}
	f := tools[a.Name]
	if f == nil {
		return nil, &RemoteError{fmt.Sprintf("this machine has no tool %q", a.Name), 125}
	}
	gone := make(chan struct{})
	lines := make(chan string)
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		defer close(gone)
		for { // a word, or the end
			l, err := r.conn.line()
			var in ToolInput
			if err != nil || json.Unmarshal(l, &in) != nil || in.Line == nil {
				return
			}
			select {
			case lines <- *in.Line:
			case <-ended:
				return
			}
		}
	}()
	t := &tool{request: r, super: true, args: a.Args, gone: gone, lines: lines, name: a.Name,
		out: toolWriter{r, func(s string) ToolOutput { return ToolOutput{Out: s} }},
		err: toolWriter{r, func(s string) ToolOutput { return ToolOutput{Err: s} }}}
	return ExecResult{f(t)}, nil
}

// toolWriter sends what is written as events.
type toolWriter struct {
	r    *request
	wrap func(string) ToolOutput
}

func (w toolWriter) Write(b []byte) (int, error) {
	if err := w.r.event(w.wrap(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// fail says what went wrong, in one line.
func (t *tool) fail(err error) int {
	fmt.Fprintln(t.err, err)
	return 1
}

// flags parses the tool's options; what is left is in t.args.
func (t *tool) flags(name, usage string, define func(*flag.FlagSet)) bool {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	define(fs)
	if err := fs.Parse(t.args); err != nil {
		fmt.Fprintf(t.err, "%s: %v\nusage: %s %s\n", name, err, name, usage)
		return false
	}
	t.args = fs.Args()
	return true
}

// dmesg prints the message buffer of kernel code.
func dmesg(t *tool) int {
	x, err := t.Sys.Extensions()
	if err != nil {
		return t.fail(err)
	}
	io.WriteString(t.out, x.Task.Messages.String())
	return 0
}

// bus is the machine's NeXTbus, with the boards that boot was told of.
type bus struct {
	mu sync.Mutex
	b  *nextbus.Bus
}

func (b *bus) get() *nextbus.Bus {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.b == nil {
		b.b = nextbus.New()
	}
	return b.b
}

// boards are the boards that can be plugged in by name.
var boards = map[string]func() nextbus.Board{
	"sum": func() nextbus.Board { return &nextbus.SumBoard{} },
}

// Plug plugs a board into the machine's NeXTbus, before kern_loader is first used.
// what is SLOT=BOARD.
func (s *Server) Plug(what string) error {
	var slot int
	n, name, ok := strings.Cut(what, "=")
	if _, err := fmt.Sscanf(n+"\n", "%d\n", &slot); err != nil || !ok {
		return fmt.Errorf("%q: a board is SLOT=NAME", what)
	}
	mk := boards[name]
	if mk == nil {
		return fmt.Errorf("there is no board named %q (sum)", name)
	}
	_, err := s.bus.get().Plug(slot, mk())
	return err
}

// Bus is the machine's NeXTbus, for kernel.Config.
func (s *Server) Bus() *nextbus.Bus { return s.bus.get() }

// loader is kern_loader, on the machine's bus.
func (s *Server) loader() (*kernserv.Loader, error) { return s.Sys.KernServers(s.bus.get(), nil) }

func klUtil(t *tool) int {
	l, err := t.loader()
	if err != nil {
		return t.fail(err)
	}
	return kernserv.UtilMain(l, t.super, t.args, t.out, t.err, t.gone)
}

// kernLoader starts kern_loader again.
func kernLoader(t *tool) int {
	if !t.super {
		return t.fail(kernel.ErrNotRoot)
	}
	if err := t.Sys.RestartKernLoader(t.args); err != nil {
		return t.fail(fmt.Errorf("kern_loader: %w", err))
	}
	return 0
}

func klLog(t *tool) int {
	l, err := t.loader()
	if err != nil {
		return t.fail(err)
	}
	th := sched.NewThread("kl_log")
	done := make(chan struct{})
	defer close(done)
	th.Pending = func() bool {
		select {
		case <-t.gone:
			return true
		default:
			return false
		}
	}
	go func() {
		select {
		case <-done:
		case <-t.gone:
			th.Interrupt()
		}
	}()
	return kernserv.LogMain(l, th, t.super, t.args, t.out, t.err)
}

func nextbusProbe(t *tool) int {
	if _, err := t.loader(); err != nil {
		return t.fail(err)
	}
	return nextbus.ProbeMain(t.bus.get(), t.args, t.out, t.err)
}
