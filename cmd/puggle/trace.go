package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"puggle/bsd/syscalls"
	"puggle/control"
	"puggle/debug/ktrace"
	"puggle/kernel"
)

// traceOut is where the lines go.
type traceOut struct {
	mu     sync.Mutex
	w      *bufio.Writer
	file   *os.File // to be closed; nil for standard error
	style  ktrace.Style
	asJSON bool
}

func (o *traceOut) line(l ktrace.Line) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.asJSON {
		b, _ := json.Marshal(l)
		o.w.Write(b)
	} else {
		o.w.WriteString(o.style.Format(l))
	}
	o.w.WriteByte('\n')
	if o.file == nil {
		o.w.Flush()
	}
}

// end writes the counts, if they are wanted, and closes.
func (o *traceOut) end(counts []ktrace.Count, summary bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if summary {
		if o.asJSON {
			json.NewEncoder(o.w).Encode(counts)
		} else {
			ktrace.Summary(o.w, counts)
		}
	}
	err := o.w.Flush()
	if o.file != nil {
		if e := o.file.Close(); err == nil {
			err = e
		}
	}
	return err
}

func traceCmd() *cobra.Command {
	var cfg kernel.Config
	var name, expr, file string
	var pids []int32
	var follow, all, summary, took, times, asJSON bool
	var strs int
	c := &cobra.Command{
		Use:   "trace [flags] PROGRAM [ARG...]\n  puggle trace [flags] {-p PID | -a} [-n NAME]",
		Short: "Show the kernel calls of a program as it runs",
		Long: `Trace runs PROGRAM as puggle run does and writes a line on standard error for each
kernel call when it returns: BSD calls, Mach traps, and the messages that they
carry, with the names of MIG routines. With -p or -a it watches processes of a
running machine until they end, or until ^C.

A trace of a running machine may lose lines when they come too fast; it says how
many. A trace of PROGRAM loses none.`,
		Example: `  puggle trace -f -o trace.txt ./prog      it and its children, into a file
  puggle trace -e open,stat64 ./prog        these calls only; -e '!kevent' all but that
  puggle trace -c ./prog                    how many of each, and how long
  puggle trace -n dev -p 17                 process 17 of the machine dev`,
		DisableFlagsInUseLine: true,
	}
	done, environ := machineFlags(c, &cfg), toolchainFlag(c, &cfg)
	f := c.Flags()
	nameFlag(c, &name)
	jsonFlag(c, &asJSON)
	f.Int32SliceVarP(&pids, "pid", "p", nil, "a process of a running machine")
	f.BoolVarP(&all, "all", "a", false, "all processes of a running machine")
	f.BoolVarP(&follow, "follow", "f", false, "children, too; lines begin with process/thread")
	f.StringVarP(&expr, "expr", "e", "", "calls to show, by name, with commas; !NAME,... all but those")
	f.BoolVarP(&summary, "count", "c", false, "count calls, errors and times instead")
	f.BoolVarP(&took, "times", "T", false, "end lines with how long the call took, in seconds")
	f.BoolVarP(&times, "clock", "t", false, "begin lines with the time of day")
	f.IntVarP(&strs, "strings", "s", 64, "show so much of strings and buffers, in bytes")
	f.StringVarP(&file, "output", "o", "", "write to a file instead of standard error")
	f.SetInterspersed(false)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		done()
		remote := all || len(pids) > 0
		switch {
		case remote && len(args) > 0:
			return errors.New("trace a program, or processes (-p, -a), not both")
		case !remote && len(args) == 0:
			return errors.New("trace what? a program, or processes of a running machine (-p, -a)")
		}
		names, except, err := callNames(expr)
		if err != nil {
			return err
		}
		out := &traceOut{w: bufio.NewWriter(os.Stderr), asJSON: asJSON, style: ktrace.Style{Procs: follow || all || len(pids) > 1, Times: times, Took: took}}
		if file != "" {
			if out.file, err = os.Create(file); err != nil {
				return err
			}
			out.w = bufio.NewWriterSize(out.file, 64<<10)
		}
		if remote {
			a := control.TraceArgs{PIDs: pids, Follow: follow, Except: except, Strings: strs, Quiet: summary}
			for n := range names {
				a.Names = append(a.Names, n)
			}
			return traceRemote(name, a, out, summary)
		}
		env, err := environ()
		if err != nil {
			return err
		}
		t := ktrace.New(ktrace.Config{Sink: out.line, Follow: follow, Names: names, Except: except, Strings: strs, Quiet: summary})
		cfg.Tracer = t
		status, err := kernel.RunWith(cfg, args, env, nil)
		t.Stop()
		if e := out.end(t.Counts(), summary); err == nil && e != nil {
			err = e
		}
		if err != nil {
			return err
		}
		if status != 0 {
			return exitStatus(status)
		}
		return nil
	}
	return c
}

// callNames reads -e: names of calls, which must exist.
func callNames(expr string) (names map[string]bool, except bool, err error) {
	if expr == "" {
		return nil, false, nil
	}
	expr, except = strings.CutPrefix(expr, "!")
	known := map[string]bool{}
	for _, r := range syscalls.Coverage() {
		known[r.Name] = true
	}
	names = map[string]bool{}
	for n := range strings.SplitSeq(expr, ",") {
		found := false
		// A call has several rows: with _nocancel, with 64, and so on.
		for _, full := range []string{n, n + "_nocancel", n + "64", n + "_trap"} {
			if known[full] {
				names[full], found = true, true
			}
		}
		if !found {
			return nil, false, fmt.Errorf("there is no call named %q (puggle syscalls lists them)", n)
		}
	}
	return names, except, nil
}

// traceRemote watches processes of a running machine.
func traceRemote(name string, a control.TraceArgs, out *traceOut, summary bool) error {
	cl, err := control.Dial(name)
	if err != nil {
		return err
	}
	defer cl.Close()
	if err := cl.Begin("trace", a); err != nil {
		return err
	}
	sig := make(chan os.Signal, 1)
	signal.Notify(sig, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-sig
		cl.Send(struct {
			Stop bool `json:"stop"`
		}{true})
		signal.Reset() // the second one ends us
	}()
	var counts []ktrace.Count
	err = cl.Wait(&counts, func(raw json.RawMessage) {
		var ev control.TraceEvent
		if json.Unmarshal(raw, &ev) != nil {
			return
		}
		for _, l := range ev.Lines {
			out.line(l)
		}
		if ev.Lost > 0 {
			io.WriteString(os.Stderr, fmt.Sprintf("puggle: %d lines lost\n", ev.Lost))
		}
	})
	if e := out.end(counts, summary); err == nil {
		err = e
	}
	return err
}
