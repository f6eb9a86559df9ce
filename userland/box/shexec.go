//go:build darwin

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// environment is what the shell begins with: without a PATH it has one for itself, which
// commands don't see.
func environment() expand.Environ {
	env := expand.ListEnviron(os.Environ()...)
	if _, ok := os.LookupEnv("PATH"); ok {
		return env
	}
	return withPath{env}
}

type withPath struct{ expand.Environ }

var stdPath = expand.Variable{Set: true, Kind: expand.String, Str: "/usr/bin:/bin:/usr/sbin:/sbin"}

func (e withPath) Get(name string) expand.Variable {
	if name == "PATH" {
		return stdPath
	}
	return e.Environ.Get(name)
}

func (e withPath) Each(fn func(name string, v expand.Variable) bool) {
	if fn("PATH", stdPath) {
		e.Environ.Each(fn)
	}
}

// exported is the environment of a command.
func exported(env expand.Environ) []string {
	at := map[string]int{}
	var l []string
	env.Each(func(name string, v expand.Variable) bool {
		if i, ok := at[name]; ok {
			l[i] = ""
		}
		delete(at, name)
		if v.Exported && v.IsSet() && v.Kind == expand.String {
			at[name] = len(l)
			l = append(l, name+"="+v.String())
		}
		return true
	})
	out := l[:0]
	for _, kv := range l {
		if kv != "" {
			out = append(out, kv)
		}
	}
	return out
}

// exec runs a command that is neither function nor builtin.
func (s *shell) exec(ctx context.Context, args []string) error {
	hc := interp.HandlerCtx(ctx)
	mark := ""
	if args[0] == markExec || args[0] == markBack {
		mark, args = args[0], args[1:]
	}
	if len(args) == 0 {
		return nil
	}
	path, err := interp.LookPathDir(hc.Dir, hc.Env, args[0])
	if err != nil {
		return s.notFound(&hc, args[0])
	}
	env := exported(hc.Env)
	if mark == markExec {
		if ok, err := s.replace(&hc, path, args, env); !ok {
			return err
		}
	}
	c := &exec.Cmd{Path: path, Args: args, Env: env, Dir: hc.Dir, Stdin: hc.Stdin, Stdout: hc.Stdout, Stderr: hc.Stderr}
	if mark == markBack && hc.Stdin == os.Stdin && !s.interactive {
		c.Stdin = nil // /dev/null
	}
	err = c.Start()
	if errors.Is(err, syscall.ENOEXEC) && isScript(path) {
		c = &exec.Cmd{Path: "/bin/sh", Args: append([]string{"sh", path}, args[1:]...), Env: env, Dir: hc.Dir, Stdin: c.Stdin, Stdout: hc.Stdout, Stderr: hc.Stderr}
		err = c.Start()
	}
	if err != nil {
		var no syscall.Errno
		errors.As(err, &no)
		fmt.Fprintf(hc.Stderr, "%s: %s: %s\n", s.name, args[0], reason(err))
		if no == syscall.ENOENT {
			return interp.ExitStatus(127)
		}
		return interp.ExitStatus(126)
	}
	if mark == markBack {
		s.kids.add(c)
		if s.interactive {
			fmt.Fprintf(hc.Stderr, "[%d]\n", c.Process.Pid)
		}
		return hc.Builtin(ctx, []string{"eval", bgVar + "=" + strconv.Itoa(c.Process.Pid)})
	}
	c.Wait()
	if action := s.traps.pending(); action != "" {
		return hc.Builtin(ctx, []string{"eval", action})
	}
	if n := exitCode(c.ProcessState); n != 0 {
		return interp.ExitStatus(n)
	}
	return nil
}

// notFound tells apart what is missing from what may not be executed.
func (s *shell) notFound(hc *interp.HandlerContext, name string) error {
	if strings.Contains(name, "/") {
		p := name
		if !strings.HasPrefix(p, "/") {
			p = hc.Dir + "/" + p
		}
		st, err := os.Stat(p)
		switch {
		case err != nil:
			fmt.Fprintf(hc.Stderr, "%s: %s: %s\n", s.name, name, reason(err))
			if !errors.Is(err, fs.ErrNotExist) {
				return interp.ExitStatus(126)
			}
			return interp.ExitStatus(127)
		case st.IsDir():
			fmt.Fprintf(hc.Stderr, "%s: %s: is a directory\n", s.name, name)
		default:
			fmt.Fprintf(hc.Stderr, "%s: %s: Permission denied\n", s.name, name)
		}
		return interp.ExitStatus(126)
	}
	fmt.Fprintf(hc.Stderr, "%s: %s: command not found\n", s.name, name)
	return interp.ExitStatus(127)
}

// replace executes the command in place of the shell. It gives true if it can't
// be done because there is something to do afterwards; otherwise it returns only
// on failure.
func (s *shell) replace(hc *interp.HandlerContext, path string, args, env []string) (bool, error) {
	var files [3]*os.File
	for i, f := range []any{hc.Stdin, hc.Stdout, hc.Stderr} {
		var ok bool
		if files[i], ok = f.(*os.File); f != nil && !ok {
			return true, nil
		}
	}
	// Above the three first, so that none is lost on the way.
	var fds [3]int
	for i, f := range files {
		fds[i] = -1
		if f != nil {
			n, _, no := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), syscall.F_DUPFD_CLOEXEC, 10)
			if no != 0 {
				return true, nil
			}
			fds[i] = int(n)
		}
	}
	if err := os.Chdir(hc.Dir); err != nil {
		return false, interp.ExitStatus(126)
	}
	for i, fd := range fds {
		if fd >= 0 {
			syscall.Dup2(fd, i)
		} else {
			syscall.Close(i)
		}
	}
	for sig := range s.traps.action {
		setDefault(sig)
	}
	err := syscall.Exec(path, args, env)
	if err == syscall.ENOEXEC && isScript(path) {
		err = syscall.Exec("/bin/sh", append([]string{"sh", path}, args[1:]...), env)
	}
	fmt.Fprintf(os.Stderr, "%s: %s: %s\n", s.name, args[0], reason(err))
	if err == syscall.ENOENT {
		return false, interp.ExitStatus(127)
	}
	return false, interp.ExitStatus(126)
}

// call sees every simple command before it runs: here are the builtins of our own,
// and here traps run.
func (s *shell) call(ctx context.Context, args []string) ([]string, error) {
	if action := s.traps.pending(); action != "" {
		return []string{"eval", action + "\n" + quote(args)}, nil
	}
	hc := interp.HandlerCtx(ctx)
	status := func(n int) ([]string, error) { return []string{"eval", fmt.Sprintf("(exit %d)", n)}, nil }
	switch args[0] {
	case "kill":
		return append([]string{"/bin/kill"}, args[1:]...), nil
	case "wait":
		if len(args) == 1 {
			s.kids.waitAll()
			return args, nil
		}
		if n, ok := s.kids.wait(args[1]); ok {
			return status(n)
		}
	case "umask":
		if len(args) == 1 || args[1] == "-S" {
			old := syscall.Umask(0)
			syscall.Umask(old)
			fmt.Fprintf(hc.Stdout, "%04o\n", old)
			return status(0)
		}
		n, err := strconv.ParseUint(args[1], 8, 32)
		if err != nil {
			m, ok := parseMode(args[1], 0, true)
			if n = uint64(^m & 0o777); !ok {
				fmt.Fprintf(hc.Stderr, "%s: umask: %s: invalid mode\n", s.name, args[1])
				return status(1)
			}
		}
		syscall.Umask(int(n & 0o777))
		return status(0)
	case "trap":
		rest := s.traps.set(args)
		if rest == nil {
			return status(0)
		}
		return rest, nil
	}
	return args, nil
}

func quote(args []string) string {
	q := make([]string, len(args))
	for i, a := range args {
		s, err := syntax.Quote(a, syntax.LangBash)
		if err != nil {
			s = "''"
		}
		q[i] = s
	}
	return strings.Join(q, " ")
}

// kids are the children in the background.
type kids struct {
	mu sync.Mutex
	m  map[string]*kid
}

type kid struct {
	done   chan struct{}
	status int
}

func (k *kids) add(c *exec.Cmd) {
	n := &kid{done: make(chan struct{})}
	k.mu.Lock()
	if k.m == nil {
		k.m = map[string]*kid{}
	}
	k.m[strconv.Itoa(c.Process.Pid)] = n
	k.mu.Unlock()
	go func() {
		c.Wait()
		n.status = exitCode(c.ProcessState)
		close(n.done)
	}()
}

func (k *kids) wait(pid string) (int, bool) {
	k.mu.Lock()
	n := k.m[pid]
	k.mu.Unlock()
	if n == nil {
		return 0, false
	}
	<-n.done
	return n.status, true
}

func (k *kids) waitAll() {
	k.mu.Lock()
	var l []*kid
	for _, n := range k.m {
		l = append(l, n)
	}
	k.mu.Unlock()
	for _, n := range l {
		<-n.done
	}
}
