// Puggle runs programs built for macOS in a Mach/BSD kernel of its own, and
// boots, watches and extends that kernel. See puggle --help.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"puggle/control"
	"puggle/kernel"
)

// Exit statuses that are no guest's.
const (
	statusFailed = 1   // a tool's question had no good answer
	statusFault  = 125 // the fault is ours, or the command line's
)

// exitStatus is an error that only carries the status to exit with.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// The groups of the commands in the help.
const (
	groupRun     = "run"
	groupMachine = "machine"
	groupKernel  = "kernel"
)

// commands are the subcommands by group; each makes its own.
var commands = []struct {
	group string
	make  func() *cobra.Command
}{
	{groupRun, tryCmd}, {groupRun, runCmd}, {groupRun, traceCmd}, {groupRun, toolchainCmd},
	{groupMachine, bootCmd}, {groupMachine, execCmd}, {groupMachine, listCmd}, {groupMachine, shutdownCmd},
	{groupMachine, psCmd}, {groupMachine, killCmd}, {groupMachine, sysctlCmd}, {groupMachine, vmmapCmd},
	{groupMachine, vmStatCmd}, {groupMachine, zprintCmd}, {groupMachine, lsmpCmd}, {groupMachine, portsCmd}, {groupMachine, ioregCmd},
	{groupKernel, syscallsCmd}, {groupKernel, kpiCmd}, {groupKernel, migCmd}, {groupKernel, sdkCmd}, {groupKernel, kextCmd}, {groupKernel, klLdCmd}, {groupKernel, gdbCmd},
}

func rootCmd() *cobra.Command {
	root := &cobra.Command{
		Use:   "puggle",
		Short: "A Mach/BSD kernel that runs macOS programs on Linux",
		Long: `Puggle is the Mach/BSD kernel of NeXTSTEP and Mac OS X as an ordinary process.
It runs Mach-O programs (x86-64) at native speed, without root and without a Mac.

  puggle try                          see it work: builds and runs a small set of programs
  puggle run ./prog arg...            run one program
  puggle trace ./prog arg...          the same, showing its kernel calls
  puggle boot --name dev &            a machine that stays, for puggle exec, ps, ...
  GOOS=darwin GOARCH=amd64 go test    runs under puggle, once go_darwin_amd64_exec is on PATH

Exit status: that of the guest program, 128+n if signal n ended it, 126 or 127 if
it can't be run, 125 if the fault is puggle's or the command line's; 1 from the
commands that only show something, if they can't.`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddGroup(&cobra.Group{ID: groupRun, Title: "Run a program in a machine of its own:"},
		&cobra.Group{ID: groupMachine, Title: "A machine that stays:"},
		&cobra.Group{ID: groupKernel, Title: "The kernel itself, and code for it:"})
	for _, c := range commands {
		cmd := c.make()
		cmd.GroupID = c.group
		root.AddCommand(cmd)
	}
	for _, mk := range toolCmds {
		cmd := mk()
		cmd.GroupID = groupKernel
		root.AddCommand(cmd)
	}
	root.AddCommand(manCmd(root))
	tellUsage(root)
	return root
}

// version is what go install or the checkout says of this build, and of the Go in it.
func version() string {
	v := "unknown"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if v = info.Main.Version; v == "" || v == "(devel)" {
		v = "devel"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v += " " + s.Value
			}
		}
	}
	return fmt.Sprintf("%s (%s %s/%s)", v, info.GoVersion, runtime.GOOS, runtime.GOARCH)
}

// tellUsage has c and all below it answer a wrong number of arguments with what they
// take, and a wrong flag with where to read more.
func tellUsage(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if check(c, args) != nil {
				return fmt.Errorf("usage: %s (%s --help tells more)", c.UseLine(), c.CommandPath())
			}
			return nil
		}
	}
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w (%s --help lists the flags)", err, c.CommandPath())
	})
	for _, sub := range c.Commands() {
		tellUsage(sub)
	}
}

// explain is err, with what was most likely meant when a program's name stands where a
// command's should.
func explain(err error, args []string) error {
	if len(args) == 0 || !strings.HasPrefix(err.Error(), "unknown command") {
		return err
	}
	if st, e := os.Stat(args[0]); e == nil && st.Mode().IsRegular() {
		return fmt.Errorf("unknown command %q; to run that program: puggle run %s", args[0], strings.Join(args, " "))
	}
	return err
}

// byName are the commands that a link to puggle may be named after: as in the manuals,
// without puggle in front.
var byName = []string{"mig", "kl_ld", "kl_util", "kl_log", "kextload", "kextunload", "kextstat", "kmodload", "kmodunload", "kmodstat", "kmodsyms", "kmutil", "ddb"}

func main() {
	root := rootCmd()
	if name := filepath.Base(os.Args[0]); slices.Contains(byName, name) {
		root.SetArgs(append([]string{name}, os.Args[1:]...))
	}
	err := root.Execute()
	if err == nil {
		return
	}
	var st exitStatus
	if errors.As(err, &st) {
		os.Exit(int(st))
	}
	fmt.Fprintln(os.Stderr, "puggle:", explain(err, os.Args[1:]))
	var start *kernel.StartError
	var remote *control.RemoteError
	switch {
	case errors.As(err, &start):
		os.Exit(start.Status)
	case errors.As(err, &remote) && remote.Status != 0:
		os.Exit(remote.Status)
	case errors.As(err, &remote):
		os.Exit(statusFailed)
	}
	os.Exit(statusFault)
}
