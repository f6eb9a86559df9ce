package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"puggle/kernel"
)

// machineFlags are the flags of every command that boots.
func machineFlags(c *cobra.Command, cfg *kernel.Config) func() {
	var mem uint64
	var paging int64
	c.Flags().Uint64Var(&mem, "memory", 0, "physical memory in MB (default: the host's)")
	c.Flags().Int64Var(&paging, "paging", 0, "most MB of paging files when --memory is given (default: twice that; -1: none)")
	c.Flags().StringVar(&cfg.Root, "root", "/", "host directory to show as the root; the program starts in this directory if that is below it, else in /")
	c.Flags().StringVar(&cfg.Hostname, "hostname", "", "the machine's name for itself (default: the host's)")
	c.Flags().StringVar(&cfg.BootArgs, "boot-args", "", "boot arguments, as kern.bootargs shows them")
	c.Flags().Func("publish", "let connections to `[[HOST:]PORT:]GUESTPORT` of this host come to GUESTPORT of the machine (HOST: 127.0.0.1)", func(s string) error {
		l, err := kernel.ParsePublish(s)
		cfg.Publish = append(cfg.Publish, l...)
		return err
	})
	c.Flags().Func("bind", "show a file or directory of the host elsewhere, as `GUEST=HOST`", func(s string) error {
		l, err := kernel.ParseBinds(s)
		cfg.Binds = append(cfg.Binds, l...)
		return err
	})
	c.Flags().Func("cores", "have core files written to `DIR`, of programs that die of SIGSEGV, SIGABRT and the like", func(dir string) error {
		cfg.Cores = true
		abs, err := filepath.Abs(dir)
		cfg.Binds = append(cfg.Binds, kernel.Bind{Guest: "/cores", Host: abs})
		return err
	})
	return func() { cfg.MemSize, cfg.Paging = mem<<20, paging<<20 }
}

func runCmd() *cobra.Command {
	var cfg kernel.Config
	var verbose bool
	var prof profiles
	c := &cobra.Command{
		Use:   "run [flags] PROGRAM [ARG...]",
		Short: "Boot a machine for one program, and end with it",
		Long: `Run boots a machine, starts PROGRAM in it with this terminal, environment and
directory, and exits with its status. Flags for puggle come before PROGRAM.

The guest sees the host's files, as this user; /dev, the system's libraries and
processes are the machine's own.`,
		Example: `  GOOS=darwin GOARCH=amd64 go build -o hello . && puggle run ./hello
  puggle run --verbose ./hello       what it cost, on standard error
  puggle run --publish 8080 ./server reach its port 8080 from this host`,
		Args:                  cobra.MinimumNArgs(1),
		DisableFlagsInUseLine: true,
	}
	done, environ := machineFlags(c, &cfg), toolchainFlag(c, &cfg)
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "tell at the end what was done: calls, faults, times")
	prof.flags(c)
	c.Flags().SetInterspersed(false)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		done()
		env, err := environ()
		if err != nil {
			return err
		}
		stop, err := prof.start()
		if err != nil {
			return err
		}
		defer stop()
		var ended func(*kernel.System)
		if verbose {
			begin := time.Now()
			ended = func(s *kernel.System) { report(s, begin) }
		}
		status, err := kernel.RunWith(cfg, args, env, ended)
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

// report is what --verbose tells.
func report(s *kernel.System, begin time.Time) {
	up := time.Since(s.Procs.BootTime)
	st := s.Procs.Stats()
	t := s.Tasks.Totals()
	fmt.Fprintf(os.Stderr, "puggle: boot %.1f ms, run %.3f s; %d calls (%.0f/s), %d faults; %d processes started, %d execs, %d signals; %d MB of memory in use at the end\n",
		float64(s.Procs.BootTime.Sub(begin).Microseconds())/1000, up.Seconds(), t.Calls, float64(t.Calls)/up.Seconds(), t.Faults,
		st.Forks.Load(), st.Execs.Load(), st.Signals.Load(), s.Machine.Memory().Resident()>>20)
}
