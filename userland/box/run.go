//go:build darwin

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

func init() {
	register(map[string]tool{"env": env, "printenv": printenv, "nohup": nohup, "nice": nice, "which": which})
}

// lookPath finds a command as execvp does.
func lookPath(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrDot) {
		err = nil
	}
	return path, err
}

// become executes a command in place of this program; it returns only on
// failure, with the status for it: 127 if there is no such command, 126 if it
// can't be run. A file that is no program is given to the shell.
func become(c *cmd, args, env []string) int {
	out.Flush()
	path, err := lookPath(args[0])
	if err == nil {
		err = syscall.Exec(path, args, env)
		if err == syscall.ENOEXEC && isScript(path) {
			err = syscall.Exec("/bin/sh", append([]string{"sh", path}, args[1:]...), env)
		}
	} else {
		err = fs.ErrNotExist
	}
	c.warn(args[0], err)
	if errors.Is(err, fs.ErrNotExist) {
		return 127
	}
	return 126
}

// isScript says whether a file that the kernel would not execute looks like text.
func isScript(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var b [256]byte
	n, _ := f.Read(b[:])
	line, _, _ := strings.Cut(string(b[:n]), "\n")
	return !strings.Contains(line, "\x00")
}

func env(args []string) int {
	o, ok := getopt(args, "0iP:S:u:v", "[-0iv] [-u name] [name=value ...] [utility [argument ...]]")
	if !ok {
		return 1
	}
	c := &cmd{name: "env"}
	environ := os.Environ()
	if o.has('i') {
		environ = nil
	}
	rest := args[1:]
	for len(rest) > 0 && len(rest) > len(o.args) { // -u may be given more than once
		a := rest[0]
		rest = rest[1:]
		if name, ok := strings.CutPrefix(a, "-u"); ok {
			if name == "" && len(rest) > 0 {
				name = rest[0]
			}
			environ = slices.DeleteFunc(environ, func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
		}
	}
	rest = o.args
	if o.has('S') {
		rest = append(strings.Fields(o.value['S']), rest...)
	}
	if len(rest) > 0 && rest[0] == "-" {
		environ, rest = nil, rest[1:]
	}
	for len(rest) > 0 && strings.Contains(rest[0], "=") {
		name, _, _ := strings.Cut(rest[0], "=")
		environ = slices.DeleteFunc(environ, func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
		environ = append(environ, rest[0])
		os.Setenv(name, rest[0][len(name)+1:]) // PATH counts for the search
		rest = rest[1:]
	}
	if len(rest) > 0 {
		if o.has('P') {
			os.Setenv("PATH", o.value['P'])
		}
		return become(c, rest, environ)
	}
	end := "\n"
	if o.has('0') {
		end = "\x00"
	}
	for _, kv := range environ {
		fmt.Fprint(out, kv, end)
	}
	return 0
}

func printenv(args []string) int {
	if len(args) == 1 {
		for _, kv := range os.Environ() {
			fmt.Fprintln(out, kv)
		}
		return 0
	}
	status := 0
	for _, a := range args[1:] {
		if v, ok := os.LookupEnv(a); ok {
			fmt.Fprintln(out, v)
		} else {
			status = 1
		}
	}
	return status
}

// nohup ignores SIGHUP and puts what would go to a terminal into nohup.out.
func nohup(args []string) int {
	if len(args) > 1 && args[1] == "--" {
		args = args[1:]
	}
	if len(args) < 2 {
		usage("nohup", "[--] utility [arguments]")
		return 127
	}
	c := &cmd{name: "nohup"}
	if isTerminal(1) {
		name := "nohup.out"
		fd, err := syscall.Open(name, syscall.O_RDWR|syscall.O_CREAT|syscall.O_APPEND, 0o600)
		if err != nil {
			name = os.Getenv("HOME") + "/nohup.out"
			fd, err = syscall.Open(name, syscall.O_RDWR|syscall.O_CREAT|syscall.O_APPEND, 0o600)
		}
		if err != nil {
			c.fail("can't open a nohup.out file")
			return 127
		}
		fmt.Fprintln(os.Stderr, "appending output to", name)
		syscall.Dup2(fd, 1)
		syscall.Close(fd)
	}
	if isTerminal(2) {
		syscall.Dup2(1, 2)
	}
	ignoreSignal(syscall.SIGHUP)
	return become(c, args[1:], os.Environ())
}

func nice(args []string) int {
	inc := 10
	rest := args[1:]
	if len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' {
		num := strings.TrimPrefix(rest[0], "-n")
		if num == "" && len(rest) > 1 {
			rest = rest[1:]
			num = rest[0]
		} else {
			num = strings.TrimPrefix(num, "-")
		}
		if _, err := fmt.Sscanf(num, "%d", &inc); err != nil {
			return usage("nice", "[-n increment] utility [argument ...]")
		}
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return usage("nice", "[-n increment] utility [argument ...]")
	}
	c := &cmd{name: "nice"}
	prio, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
	if err == nil {
		err = syscall.Setpriority(syscall.PRIO_PROCESS, 0, prio+inc)
	}
	if err != nil {
		c.warn("setpriority", err) // and run it all the same, as Darwin's does
	}
	return become(c, rest, os.Environ())
}

func which(args []string) int {
	o, ok := getopt(args, "as", "[-as] program ...")
	if !ok {
		return 1
	}
	status := 0
	for _, name := range o.args {
		dirs := strings.Split(os.Getenv("PATH"), ":")
		if strings.Contains(name, "/") {
			dirs = []string{""}
		}
		found := false
		for _, d := range dirs {
			p := name
			if len(dirs) > 1 || d != "" {
				if d == "" {
					d = "."
				}
				p = d + "/" + name
			}
			if st, err := os.Stat(p); err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0 {
				found = true
				if !o.has('s') {
					fmt.Fprintln(out, p)
				}
				if !o.has('a') {
					break
				}
			}
		}
		if !found {
			status = 1
		}
	}
	return status
}

// spawnWait runs a command with this one's descriptors and gives its exit code.
func spawnWait(argv []string) int {
	c := exec.Command(argv[0], argv[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := c.Run(); c.ProcessState == nil {
		(&cmd{name: filepath.Base(os.Args[0])}).warn(argv[0], err)
		return 127
	}
	return exitCode(c.ProcessState)
}
