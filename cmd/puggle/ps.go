package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"puggle/abi"
	"puggle/control"
)

func psCmd() *cobra.Command {
	var name string
	var asJSON, long bool
	c := &cobra.Command{
		Use:   "ps",
		Short: "Show the processes of a machine",
		Long: `Ps shows the processes of a machine. STAT is R running, S asleep, T stopped, Z
ended and not yet waited for; s marks the leader of a session. Process 1 is the
kernel itself.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var l []control.Proc
			if err := control.Call(name, "ps", nil, &l); err != nil {
				return err
			}
			if asJSON {
				return printJSON(l)
			}
			w := table("PID", "PPID", "PGID", "UID", "STAT", "TTY", "TIME", "RSS", "THR", "COMMAND")
			if long {
				w = table("PID", "PPID", "PGID", "SID", "UID", "STAT", "TTY", "TIME", "VSZ", "RSS", "THR", "CALLS", "FAULTS", "HOSTPID", "COMMAND")
			}
			for _, p := range l {
				cmd := strings.Join(p.Args, " ")
				if cmd == "" {
					cmd = "(" + p.Comm + ")"
				}
				t := fmt.Sprintf("%d:%05.2f", int(p.CPU.Minutes()), p.CPU.Seconds()-60*float64(int(p.CPU.Minutes())))
				tty := p.TTY
				if tty == "" {
					tty = "-"
				}
				if long {
					w.row(p.PID, p.PPID, p.PGID, p.SID, p.UID, p.State, tty, t, sizeOf(p.VSZ), sizeOf(p.RSS), p.Threads, p.Calls, p.Faults, p.HostPID, printable(cmd))
				} else {
					w.row(p.PID, p.PPID, p.PGID, p.UID, p.State, tty, t, sizeOf(p.RSS), p.Threads, printable(cmd))
				}
			}
			return w.Flush()
		},
	}
	nameFlag(c, &name)
	jsonFlag(c, &asJSON)
	c.Flags().BoolVarP(&long, "long", "l", false, "also sessions, sizes, calls, faults, and the process on the host")
	return c
}

func killCmd() *cobra.Command {
	var name, sig string
	c := &cobra.Command{
		Use:     "kill PID...",
		Short:   "Send a signal to processes of a machine",
		Example: "  puggle kill -s KILL 17",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := signalNumber(sig)
			if err != nil {
				return err
			}
			for _, a := range args {
				pid, err := pidArg(a)
				if err != nil {
					return err
				}
				if err := control.Call(name, "kill", control.KillArgs{PID: pid, Signal: n}, nil); err != nil {
					return err
				}
			}
			return nil
		},
	}
	nameFlag(c, &name)
	c.Flags().StringVarP(&sig, "signal", "s", "TERM", "the signal, by name or by Darwin's number")
	return c
}

// signalNumber reads a signal's name, with or without SIG, or its number.
func signalNumber(s string) (int32, error) {
	if n, err := strconv.Atoi(s); err == nil {
		return int32(n), nil
	}
	want := "SIG" + strings.TrimPrefix(strings.ToUpper(s), "SIG")
	for n := abi.Signal(1); n < abi.NSIG; n++ {
		if n.String() == want {
			return int32(n), nil
		}
	}
	return 0, fmt.Errorf("%q is no signal", s)
}

func pidArg(s string) (int32, error) {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%q is no process number (puggle ps lists them)", s)
	}
	return int32(n), nil
}
