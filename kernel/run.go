package kernel

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
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
	case abi.ENOENT:
		if st, err := os.Stat(e.Program); err == nil && st.Mode().IsRegular() && !strings.Contains(e.Program, "/") {
			return e.Program + ": not found in PATH (the one in this directory is ./" + e.Program + ")"
		}
		if !strings.Contains(e.Program, "/") {
			return e.Program + ": not found in PATH"
		}
	case abi.EACCES:
		if st, err := os.Stat(e.Program); err == nil && st.IsDir() {
			return e.Program + ": is a directory"
		}
	case abi.EBADARCH:
		return e.Program + ": Bad CPU type in executable (only x86_64 runs here; build with GOARCH=amd64 or -arch x86_64)"
	case abi.ENOEXEC:
		return e.Program + ": not a Mach-O program or a script (build it for darwin: GOOS=darwin GOARCH=amd64 go build)"
	case abi.EBADMACHO:
		return e.Program + ": malformed Mach-O file"
	}
	return e.Program + ": " + e.Err.Error()
}

// exits gathers the wait statuses of processes that somebody will ask for.
type exits struct {
	mu    sync.Mutex
	await map[int32]chan uint32
}

// expect says that Wait will be called for pid.
func (x *exits) expect(pid int32) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.await == nil {
		x.await = make(map[int32]chan uint32)
	}
	x.await[pid] = make(chan uint32, 1)
}

func (x *exits) take(pid int32) chan uint32 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.await[pid]
}

func (x *exits) forget(pid int32) {
	x.mu.Lock()
	delete(x.await, pid)
	x.mu.Unlock()
}

// reaped is told of every process whose parent is the kernel.
func (s *System) reaped(pid int32, status uint32) {
	if ch := s.exits.take(pid); ch != nil {
		select {
		case ch <- status:
		default:
		}
	}
}

// Program is what to start and with what.
type Program struct {
	Args  []string // Args[0] is looked up in PATH unless it has a slash
	Env   []string
	Dir   string
	Files [3]*sys.OpenFile // descriptors 0 to 2
	// Terminal has the process lead a session, so that it can have one.
	Terminal bool
	// Cred is who the process is at first; nil is the host's user.
	Cred *sys.Cred
}

// defaultPath is where programs are looked for without a PATH (_PATH_DEFPATH).
const defaultPath = "/usr/bin:/bin:/usr/sbin:/sbin"

// lookPath is the shell's search for a program in the PATH of env, among the files
// that guests see: ls is the machine's own. "" if it is not there.
func lookPath(ns *vfs.Namespace, file string, env []string) string {
	path := defaultPath
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			path = v
		}
	}
	for _, d := range strings.Split(path, ":") {
		f := filepath.Join(d, file)
		if d == "" || d == "." {
			f = "./" + file
		}
		v, e := vfs.Lookup(kernelCtx(), ns, nil, f, true)
		if e != 0 {
			continue
		}
		var st abi.Stat
		e = v.Ops.GetAttr(kernelCtx(), &st)
		v.Unref()
		if e == 0 && st.Mode&abi.S_IFMT == abi.S_IFREG && st.Mode&0o111 != 0 {
			return f
		}
	}
	return ""
}

// Start starts a process in a session of its own. Wait has to be called for it.
// The error is a *StartError when the program is at fault.
func (s *System) Start(prog *Program) (*kern.Proc, error) { return s.start(prog, nil) }

func (s *System) start(prog *Program, ready func(p *kern.Proc)) (*kern.Proc, error) {
	ns, errno := s.namespace(prog.Dir)
	if errno != 0 {
		return nil, fmt.Errorf("%s: %v", prog.Dir, errno)
	}
	file := prog.Args[0]
	if !strings.Contains(file, "/") {
		found := lookPath(ns, file, prog.Env)
		if found == "" {
			ns.Release()
			return nil, &StartError{file, abi.ENOENT, 127}
		}
		file = found
	}
	pid := int32(0)
	setup := func(p *kern.Proc) {
		pid = p.PID
		s.exits.expect(pid)
		p.NS = ns
		p.SetUmask(s.root.umask)
	}
	cred := prog.Cred
	if cred == nil {
		cred = hostCred()
	}
	p, errno := s.Procs.StartFirst(cred, prog.Terminal, setup, ready, prog.Files[:], file, prog.Args, prog.Env)
	if errno != 0 {
		s.exits.forget(pid)
		status := 126
		if errno == abi.ENOENT {
			status = 127
		}
		return nil, &StartError{prog.Args[0], errno, status}
	}
	return p, nil
}

// Wait waits for the end of a process that Start made and gives its wait
// status. It may be called once for each.
func (s *System) Wait(pid int32) uint32 {
	ch := s.exits.take(pid)
	if ch == nil {
		return 0
	}
	defer s.exits.forget(pid)
	return <-ch
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
// cfg.Binds (ParseBinds), PUGGLE_PUBLISH to cfg.Publish (ParsePublish).
func RunProgram(cfg Config, args, env []string) (int, error) {
	return RunWith(cfg, args, env, nil)
}

// startDirectory is this process's directory as guests name it whose root is root:
// "/" if it is not below that, as after chroot.
func startDirectory(root string) (string, error) {
	dir, err := os.Getwd()
	if err != nil || root == "" || root == "/" {
		return dir, err
	}
	if root, err = filepath.Abs(root); err != nil {
		return "", err
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return "", err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	below, err := filepath.Rel(root, dir)
	if err != nil || !filepath.IsLocal(below) {
		return "/", nil
	}
	return filepath.Join("/", below), nil
}

// RunWith is RunProgram that calls ended, if not nil, with the machine as the
// program left it.
func RunWith(cfg Config, args, env []string, ended func(s *System)) (int, error) {
	binds, err := ParseBinds(os.Getenv("PUGGLE_BIND"))
	if err != nil {
		return 0, err
	}
	cfg.Binds = append(cfg.Binds[:len(cfg.Binds):len(cfg.Binds)], binds...)
	ports, err := ParsePublish(os.Getenv("PUGGLE_PUBLISH"))
	if err != nil {
		return 0, err
	}
	cfg.Publish = append(cfg.Publish[:len(cfg.Publish):len(cfg.Publish)], ports...)
	s, err := Boot(cfg)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	dir, err := startDirectory(cfg.Root)
	if err != nil {
		return 0, err
	}
	se, err := s.OpenSession(Stdio())
	if err != nil {
		return 0, err
	}
	defer se.Close()
	if err := se.Start(args, env, dir); err != nil {
		return 0, err
	}
	stop := se.relaySignals()
	defer stop()
	status := se.Wait()
	if ended != nil {
		se.Close()
		ended(s)
	}
	return status, nil
}
