package main

import (
	"encoding/json"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"puggle/control"
	"puggle/kernel"
)

func execCmd() *cobra.Command {
	var name, dir string
	var login bool
	c := &cobra.Command{
		Use:   "exec [flags] PROGRAM [ARG...]",
		Short: "Run a program in a machine that runs already",
		Long: `Exec starts PROGRAM in a running machine with this terminal, environment and
directory, waits for it, and exits with its status. Signals that this command
gets are passed on; when it is killed, the program gets SIGHUP.
With --login it is a login: the program and its children look services up in a
bootstrap context of their own, below the startup context, which ends with PROGRAM;
what goes on running can look nothing up any more.`,
		Example:               "  puggle exec -n dev ./hello world",
		Args:                  cobra.MinimumNArgs(1),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir == "" {
				var err error
				if dir, err = os.Getwd(); err != nil {
					return err
				}
			}
			status, err := execIn(name, control.ExecArgs{Args: args, Env: os.Environ(), Dir: dir, Login: login})
			if err != nil {
				return err
			}
			if status != 0 {
				return exitStatus(status)
			}
			return nil
		},
	}
	nameFlag(c, &name)
	c.Flags().StringVarP(&dir, "directory", "C", "", "working directory (default: this one)")
	c.Flags().BoolVar(&login, "login", false, "in a login context of its own")
	c.Flags().SetInterspersed(false)
	return c
}

// execIn runs a program with our standard files, and gives its exit status.
func execIn(name string, a control.ExecArgs) (int, error) {
	cl, err := control.Dial(name)
	if err != nil {
		return 0, err
	}
	defer cl.Close()
	a.Terminal = !kernel.Stdio().NoTerminal
	var files []*os.File
	for i, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		if _, err := unix.FcntlInt(uintptr(i), unix.F_GETFD, 0); err == nil {
			a.Fds = append(a.Fds, i)
			files = append(files, f)
		}
	}
	// Should the machine die, the terminal is still to be as it was.
	if saved, err := unix.IoctlGetTermios(0, unix.TCGETS); err == nil && a.Terminal {
		defer unix.IoctlSetTermios(0, unix.TCSETS, saved)
	}
	sigs := make(chan os.Signal, 16)
	signal.Notify(sigs, kernel.HostSignals()...)
	if err := cl.Begin("exec", a, files...); err != nil {
		return 0, err
	}
	go func() {
		for s := range sigs {
			cl.Send(control.ExecSignal{Signal: int(s.(syscall.Signal))})
		}
	}()
	var r control.ExecResult
	err = cl.Wait(&r, func(json.RawMessage) {})
	return r.Status, err
}
