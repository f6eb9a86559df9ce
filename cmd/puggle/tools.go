package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"puggle/kernserv"
	"puggle/kext"
	"puggle/mig"
)

// oldStyle is a command with options of its own, as its manual has them.
func oldStyle(name, args, short, long string, run func(args []string) int) *cobra.Command {
	return &cobra.Command{
		Use: name + " " + args, Short: short, Long: long, DisableFlagParsing: true, DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && (args[0] == "--help" || args[0] == "-h") {
				return cmd.Help()
			}
			if st := run(args); st != 0 {
				return exitStatus(st)
			}
			return nil
		},
	}
}

func migCmd() *cobra.Command {
	return oldStyle("mig", "[options] FILE.defs...", "Compile interface definitions to C and Go",
		`Mig is the Mach Interface Generator: it makes the two ends of a message interface
from a .defs file, in C (-user, -server, -header, -sheader, -iheader) and in Go
(-go). Errors carry file:line:column. It needs no machine.`,
		func(args []string) int { return mig.Main(args, os.Stdin, os.Stdout, os.Stderr) })
}

func klLdCmd() *cobra.Command {
	return oldStyle("kl_ld", "-n NAME -i INSTANCE -l LOAD_COMMANDS [-u UNLOAD_COMMANDS] [-d LOADABLE] -o OUTPUT INPUT...",
		"Link a loadable kernel server",
		`Kl_ld joins relocatable objects and the server's load and unload commands into a
relocatable that kl_util -a takes (Writing Loadable Kernel Servers, A-2). It needs
no machine.`,
		func(args []string) int { return kernserv.LinkMain(args, os.Stderr) })
}

func kextCmd() *cobra.Command {
	c := &cobra.Command{Use: "kext", Short: "Make bundles of kernel extensions"}
	c.AddCommand(&cobra.Command{
		Use:   "pack OBJECT... INFO.plist NAME.kext",
		Short: "Write a bundle of relocatable objects and a property list",
		Long: `Pack joins the objects and writes a bundle that kextload takes. The property list
may leave out CFBundleExecutable and CFBundlePackageType. Symbols that are left
undefined are listed on standard error: OSBundleLibraries has to name who has them.`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			n := len(args)
			info, err := os.ReadFile(args[n-2])
			if err != nil {
				return err
			}
			var objs [][]byte
			for _, a := range args[:n-2] {
				b, err := os.ReadFile(a)
				if err != nil {
					return err
				}
				objs = append(objs, b)
			}
			undefined, err := kext.Pack(objs, info, args[n-1])
			for _, u := range undefined {
				fmt.Fprintln(os.Stderr, "undefined:", u)
			}
			return err
		},
	})
	return c
}
