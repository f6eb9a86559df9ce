package main

import (
	"os"

	"github.com/spf13/cobra"

	"puggle/control"
)

func ioregCmd() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "ioreg [-n NAME] [-- FLAG...]",
		Short: "Show the I/O Registry of a machine",
		Long: `Ioreg runs the machine's own /usr/sbin/ioreg. Its flags come after --: -l shows properties,
-p the plane, -r the trees of what -c (a class), -n (a name) or -k (a property) chooses, -d so
many levels, -a a property list, -i the classes that a class inherits from, -w so many columns.`,
		Example: "  puggle ioreg -n dev -- -l -p IODeviceTree",
		RunE: func(cmd *cobra.Command, args []string) error {
			status, err := execIn(name, control.ExecArgs{Args: append([]string{"/usr/sbin/ioreg"}, args...), Env: os.Environ(), Dir: "/"})
			if err == nil && status != 0 {
				return exitStatus(status)
			}
			return err
		},
	}
	nameFlag(c, &name)
	return c
}
