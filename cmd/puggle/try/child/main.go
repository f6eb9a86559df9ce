//go:build darwin

// Child starts itself as a child process, talks to it through pipes, sends it a
// signal, and collects its status.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	if len(os.Args) > 1 {
		child()
		return
	}
	exe, err := os.Executable()
	check(err)
	cmd := exec.Command(exe, "child")
	in, err := cmd.StdinPipe()
	check(err)
	out, err := cmd.StdoutPipe()
	check(err)
	check(cmd.Start())
	lines := bufio.NewReader(out)
	fmt.Fprintln(in, "one two three")
	line, err := lines.ReadString('\n')
	check(err)
	check(cmd.Process.Signal(syscall.SIGUSR1))
	got, err := lines.ReadString('\n')
	check(err)
	in.Close()
	err = cmd.Wait()
	ee, ok := err.(*exec.ExitError)
	if !ok || ee.ExitCode() != 42 {
		check(fmt.Errorf("the child ended with %v, not with 42", err))
	}
	fmt.Printf("child %d said %q and %q, and ended with %d after %v of user time\n", cmd.Process.Pid,
		strings.TrimSpace(line), strings.TrimSpace(got), ee.ExitCode(), ee.UserTime())
}

func child() {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, syscall.SIGUSR1)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	check(err)
	fmt.Println(len(strings.Fields(line)), "words")
	fmt.Println(<-ch)
	os.Exit(42)
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
