package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// machRow is one line of the table of Mach: a workload of guest/c/mach.c, and what it
// is compared with, another one's name, or a native workload of guest/c/c.c.
type machRow struct {
	work, what string
	base, than string
	native     bool // base is native
	oneCPU     bool // both on one CPU
	goal       float64
}

var machRows = []machRow{
	{work: "machrpc", what: "`mach_msg` there and back between two tasks, 32 bytes, one CPU", base: "pingpong", than: "a native pipe ping-pong, one CPU", native: true, oneCPU: true, goal: 3},
	{work: "machrpc", what: "the same, all CPUs", base: "pingpong", than: "the native one, all CPUs", native: true},
	{work: "machmig", what: "null call by MIG: `mach_port_type` of self", base: "machnull", than: "the null BSD call", goal: 2},
	{work: "machtrap", what: "the same by its trap", base: "machnull", than: "the null BSD call"},
	{work: "machool", what: "1 MB out of line: sent, received, one byte touched, deallocated", base: "machcopy", than: "copying it into fresh memory", goal: .2},
	{work: "machool", what: "the same", base: "machwarm", than: "copying it into memory written before"},
	{work: "machports1k", what: "look-up of a name, 1,000 ports in the task", base: "machports10", than: "10 ports"},
	{work: "machports100k", what: "look-up of a name, 100,000 ports in the task", base: "machports10", than: "10 ports", goal: 2},
	{work: "machset1k", what: "a message sent and received by a set of 1,000 ports", base: "machset10", than: "a set of 10"},
	{work: "machset10k", what: "a message sent and received by a set of 10,000 ports", base: "machset10", than: "a set of 10", goal: 2},
	{work: "machvm", what: "`vm_allocate` and `vm_deallocate` of 64 KB, untouched", base: "machnull", than: "the null BSD call", goal: 3},
}

// machTimes are nanoseconds by workload; those on one CPU apart.
type machTimes map[machKey][]float64

type machKey struct {
	work   string
	oneCPU bool
}

// measureMach does one round, each workload once.
func (m machTimes) measure(p *programs, ms int) error {
	done := map[machKey]bool{}
	for _, r := range machRows {
		for i, work := range []string{r.work, r.base} {
			k := machKey{work, r.oneCPU}
			if done[k] {
				continue
			}
			done[k] = true
			fmt.Fprintf(os.Stderr, "\rmach: %-20s", work)
			cmd := []string{p.puggle, "run", p.cMach}
			if i == 1 && r.native {
				cmd = []string{p.cNative}
			}
			ns, err := measureOn(r.oneCPU, work, ms, cmd)
			if err != nil {
				return fmt.Errorf("%s: %w", work, err)
			}
			m[k] = append(m[k], ns)
		}
	}
	return nil
}

// measureOn is measure, on one CPU if that is wanted: programs inherit it.
func measureOn(oneCPU bool, work string, ms int, cmd []string) (float64, error) {
	if !oneCPU {
		return measure(work, ms, cmd...)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var old, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &old); err != nil {
		return 0, err
	}
	for i := range len(old) * 64 {
		if old.IsSet(i) {
			one.Set(i)
			break
		}
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return 0, err
	}
	defer unix.SchedSetaffinity(0, &old)
	return measure(work, ms, cmd...)
}

// render makes the table of Mach.
func (m machTimes) render() string {
	var b strings.Builder
	b.WriteString("\nMach:\n\n| what | time | compared with | | ratio | goal | |\n|---|---:|---|---:|---:|---:|---|\n")
	for _, r := range machRows {
		t, of := median(m[machKey{r.work, r.oneCPU}]), median(m[machKey{r.base, r.oneCPU}])
		goal := ""
		if r.goal > 0 {
			goal = fmt.Sprintf("%g", r.goal)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %.2f | %s | %s |\n", r.what, span(t), r.than, span(of), t/of, goal, verdict(t/of, r.goal))
	}
	return b.String()
}
