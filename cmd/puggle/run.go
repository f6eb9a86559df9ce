package main

import (
	"os"

	"github.com/spf13/cobra"

	"puggle/kernel"
)

func runCmd() *cobra.Command {
	var cfg kernel.Config
	var mem uint64
	c := &cobra.Command{
		Use:   "run [flags] PROGRAM [ARG...]",
		Short: "Boot a machine for one program, and end with it",
		Long: `Run boots a machine, starts PROGRAM in it with this terminal, environment and
directory, and exits with its status.`,
		Example:               "  GOOS=darwin GOARCH=amd64 go build -o hello . && puggle run ./hello",
		Args:                  cobra.MinimumNArgs(1),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg.MemSize = mem << 20
			status, err := kernel.RunProgram(cfg, args, os.Environ())
			if err != nil {
				return err
			}
			if status != 0 {
				return exitStatus(status)
			}
			return nil
		},
	}
	c.Flags().SetInterspersed(false)
	c.Flags().Uint64Var(&mem, "memory", 0, "physical memory in MB (default: the host's)")
	c.Flags().StringVar(&cfg.Root, "root", "/", "host directory to show as the root")
	c.Flags().StringVar(&cfg.BootArgs, "boot-args", "", "boot arguments, as kern.bootargs shows them")
	return c
}
