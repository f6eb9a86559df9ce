// Puggle runs programs built for macOS in a Mach/BSD kernel of its own, and
// boots, watches and extends that kernel. See puggle --help.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"puggle/kernel"
)

// exitStatus is an error that only carries the status to exit with.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func main() {
	root := &cobra.Command{
		Use:   "puggle",
		Short: "A Mach/BSD kernel that runs macOS programs on Linux",
		Long: `Puggle is the Mach/BSD kernel of NeXTSTEP and Mac OS X as an ordinary process.
It runs Mach-O programs (x86-64) at native speed, without root and without a Mac.

  puggle try                          see it work: builds and runs a small set of programs
  puggle run ./prog arg...            run one program
  GOOS=darwin GOARCH=amd64 go test    runs under puggle, once go_darwin_amd64_exec is on PATH

Exit status: that of the guest program, 128+n if signal n ended it, 126 or 127 if
it can't be run, 125 if the fault is puggle's.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(runCmd(), tryCmd(), syscallsCmd())
	if err := root.Execute(); err != nil {
		var st exitStatus
		if errors.As(err, &st) {
			os.Exit(int(st))
		}
		fmt.Fprintln(os.Stderr, "puggle:", err)
		var se *kernel.StartError
		if errors.As(err, &se) {
			os.Exit(se.Status)
		}
		os.Exit(125)
	}
}
