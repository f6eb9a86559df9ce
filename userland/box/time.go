//go:build darwin

package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// exitCode is what a shell makes of a finished command.
func exitCode(st *os.ProcessState) int {
	if ws, ok := st.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return st.ExitCode()
}

func timeCommand(args []string) int {
	o, ok := getopt(args, "lp", "[-lp] utility [argument ...]")
	if !ok || len(o.args) == 0 {
		return usage("time", "[-lp] utility [argument ...]")
	}
	c := exec.Command(o.args[0], o.args[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	start := time.Now()
	err := c.Run()
	if c.ProcessState == nil {
		(&cmd{name: "time"}).warn(o.args[0], err)
		return 127
	}
	real, user, sys := time.Since(start).Seconds(), c.ProcessState.UserTime().Seconds(), c.ProcessState.SystemTime().Seconds()
	if o.has('p') {
		fmt.Fprintf(os.Stderr, "real %.2f\nuser %.2f\nsys %.2f\n", real, user, sys)
	} else {
		fmt.Fprintf(os.Stderr, "%12.2f real %12.2f user %12.2f sys\n", real, user, sys)
	}
	if ru, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok && o.has('l') {
		fmt.Fprintf(os.Stderr, "%20d  maximum resident set size\n%20d  page reclaims\n%20d  page faults\n", ru.Maxrss, ru.Minflt, ru.Majflt)
	}
	return exitCode(c.ProcessState)
}
