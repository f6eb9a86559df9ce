package main

import (
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"

	"github.com/spf13/cobra"
)

// profiles are what run and boot can record of the kernel itself, by flags that --help
// does not show. Guests' own time is not in them: they are other processes.
type profiles struct{ cpu, mem, events string }

func (p *profiles) flags(c *cobra.Command) {
	c.Flags().StringVar(&p.cpu, "cpuprofile", "", "write a CPU profile of the kernel to this file")
	c.Flags().StringVar(&p.mem, "memprofile", "", "write a profile of the kernel's allocations to this file")
	c.Flags().StringVar(&p.events, "exectrace", "", "write an execution trace of the kernel to this file")
	for _, f := range []string{"cpuprofile", "memprofile", "exectrace"} {
		c.Flags().MarkHidden(f)
	}
}

// any says whether something is recorded: it would be lost if the machine started again, which
// truncates the files.
func (p *profiles) any() bool { return p.cpu != "" || p.mem != "" || p.events != "" }

// start begins what is asked for; stop writes it.
func (p *profiles) start() (stop func(), err error) {
	var stops []func()
	stop = func() {
		for _, f := range stops {
			f()
		}
	}
	begin := func(name string, start func(f *os.File) error, end func(f *os.File)) error {
		if name == "" {
			return nil
		}
		f, err := os.Create(name)
		if err == nil {
			err = start(f)
		}
		if err == nil {
			stops = append(stops, func() { end(f); f.Close() })
		}
		return err
	}
	if err = begin(p.cpu, func(f *os.File) error { return pprof.StartCPUProfile(f) }, func(*os.File) { pprof.StopCPUProfile() }); err != nil {
		return nil, err
	}
	if p.mem != "" {
		runtime.MemProfileRate = 4096
	}
	if err = begin(p.mem, func(*os.File) error { return nil }, func(f *os.File) { pprof.Lookup("allocs").WriteTo(f, 0) }); err != nil {
		return nil, err
	}
	if err = begin(p.events, func(f *os.File) error { return trace.Start(f) }, func(*os.File) { trace.Stop() }); err != nil {
		return nil, err
	}
	return stop, nil
}
