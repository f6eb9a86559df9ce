package kernel

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
)

// StartError is a program that could not be started; Status is what a shell
// would exit with: 127 if it is not there, 126 if it can't be run.
type StartError struct {
	Program string
	Err     abi.Errno
	Status  int
}

func (e *StartError) Error() string {
	switch e.Err {
	case abi.EBADARCH:
		return e.Program + ": Bad CPU type in executable (only x86_64 runs here; build with GOARCH=amd64 or -arch x86_64)"
	case abi.ENOEXEC:
		return e.Program + ": not a Mach-O program or a script (build it for darwin: GOOS=darwin GOARCH=amd64 go build)"
	case abi.EBADMACHO:
		return e.Program + ": malformed Mach-O file"
	}
	return e.Program + ": " + e.Err.Error()
}

type exit struct {
	pid    int32
	status uint32
}

// reaped is told of every process whose parent is the kernel.
func (s *System) reaped(pid int32, status uint32) {
	select {
	case s.exited <- exit{pid, status}:
	default:
	}
}

// Program is what to start and with what.
type Program struct {
	Args  []string // Args[0] is looked up in PATH unless it has a slash
	Env   []string
	Dir   string
	Files [3]*sys.OpenFile // descriptors 0 to 2
}

// Start starts a process in a session of its own.
func (s *System) Start(prog *Program) (*kern.Proc, error) {
	file := prog.Args[0]
	if !strings.Contains(file, "/") {
		found := ""
		for _, d := range filepath.SplitList(os.Getenv("PATH")) {
			if st, err := os.Stat(filepath.Join(d, file)); err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0 {
				found = filepath.Join(d, file)
				break
			}
		}
		if found == "" {
			return nil, &StartError{file, abi.ENOENT, 127}
		}
		file = found
	}
	ns, errno := s.namespace(prog.Dir)
	if errno != 0 {
		return nil, fmt.Errorf("%s: %v", prog.Dir, errno)
	}
	setup := func(p *kern.Proc) {
		p.NS = ns
		p.SetUmask(s.root.umask)
	}
	p, errno := s.Procs.StartFirst(hostCred(), setup, prog.Files[:], file, prog.Args, prog.Env)
	if errno != 0 {
		status := 126
		if errno == abi.ENOENT {
			status = 127
		}
		return nil, &StartError{prog.Args[0], errno, status}
	}
	return p, nil
}

// Wait waits for the end of a process that Start made and gives its wait status.
func (s *System) Wait(pid int32) uint32 {
	for e := range s.exited {
		if e.pid == pid {
			return e.status
		}
	}
	return 0
}

// ExitStatus turns a wait status into what a shell reports: the exit code, or
// 128+n for signal n.
func ExitStatus(ws uint32) int {
	if sig := ws & 0x7f; sig != 0 {
		return 128 + int(sig)
	}
	return int(ws >> 8 & 0xff)
}

// RunProgram boots a machine for one program with the process's own standard
// files, and gives its exit status. PUGGLE_BIND in the environment adds to
// cfg.Binds (ParseBinds).
func RunProgram(cfg Config, args, env []string) (int, error) {
	binds, err := ParseBinds(os.Getenv("PUGGLE_BIND"))
	if err != nil {
		return 0, err
	}
	cfg.Binds = append(cfg.Binds[:len(cfg.Binds):len(cfg.Binds)], binds...)
	s, err := Boot(cfg)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	dir, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	files, err := s.hostFiles()
	if err != nil {
		return 0, err
	}
	p, err := s.Start(&Program{Args: args, Env: env, Dir: dir, Files: files})
	if err != nil {
		return 0, err
	}
	stop := s.relaySignals(p)
	defer stop()
	return ExitStatus(s.Wait(p.PID)), nil
}

var errNoFile = errors.New("no such file")
