package trap

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"puggle/machine"
)

// Config says what the machine is to have.
type Config struct {
	// MemSize is hw.memsize in bytes: how much physical memory may be in
	// use. 0 is the host's memory.
	MemSize uint64
	// Pool is how many shells are kept ready. 0 is 2.
	Pool int
}

// Machine is a machine.Machine on Linux.
type Machine struct {
	mem    *memory
	zygote *Space
	reap   *reaper
	fork   chan func() // work for the thread that is the shells' parent
	pool   chan *Space
	refill chan struct{}
	stop   chan struct{}
	ncpu   int
	xmask  uint64 // components of extended state that the host's XCR0 has

	contexts atomic.Int32 // not destroyed
	parking  parking
	bells    bells
	cpus     unix.CPUSet // where we may run
	callers  [64]callerOf
	handing  sync.Mutex // held while a spinning thread is asked to hand over, and to forbid that
	bell     int        // the doorbell's descriptor
	door     *os.File   // the same, once the shells have it

	mu     sync.Mutex
	closed bool
	spaces map[*Space]struct{}
}

var _ machine.Machine = (*Machine)(nil)

// New starts a machine. Its errors are one line that says what the host lacks.
func New(cfg Config) (*Machine, error) {
	if err := checkHost(); err != nil {
		return nil, err
	}
	if cfg.MemSize == 0 {
		var si unix.Sysinfo_t
		if err := unix.Sysinfo(&si); err == nil {
			cfg.MemSize = uint64(si.Totalram) * uint64(si.Unit)
		}
	}
	if cfg.Pool == 0 {
		cfg.Pool = 2
	}
	mem, err := newMemory(cfg.MemSize)
	if err != nil {
		return nil, err
	}
	m := &Machine{
		mem:    mem,
		fork:   make(chan func()),
		pool:   make(chan *Space, cfg.Pool),
		refill: make(chan struct{}, 1),
		stop:   make(chan struct{}),
		xmask:  xgetbv() & 0xe7,
		ncpu:   runtime.NumCPU(),
		spaces: make(map[*Space]struct{}),
	}
	if err := unix.SchedGetaffinity(0, &m.cpus); err != nil {
		mem.close()
		return nil, fmt.Errorf("sched_getaffinity: %w", err)
	}
	if m.reap, err = newReaper(); err != nil {
		mem.close()
		return nil, err
	}
	if m.bell, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
		mem.close()
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	clk := newClock(m.CommPage())
	m.initCommPage()
	m.writeFixedPages()
	go m.parentThread()
	if err := m.startZygote(); err != nil {
		m.Close()
		return nil, err
	}
	clk.start(m.stop)
	go m.refiller()
	return m, nil
}

// checkHost says what is missing before anything is tried.
func checkHost() error {
	b, err := os.ReadFile("/proc/self/auxv")
	if err == nil {
		for ; len(b) >= 16; b = b[16:] {
			if le64(b) == 26 && le64(b[8:])&2 == 0 { // AT_HWCAP2, FSGSBASE
				return errors.New("the host kernel does not let programs use FSGSBASE: Linux 5.9 or later on a CPU that has it is needed")
			}
		}
	}
	return nil
}

// parentThread is the host thread that forks the zygote and so becomes the
// parent of every shell; it lives as long as the process, because a shell's
// parent-death signal follows the thread.
func (m *Machine) parentThread() {
	runtime.LockOSThread()
	for f := range m.fork {
		f()
	}
	// Locked, so the thread ends with this, and no shell is left that would, too.
}

func (m *Machine) startZygote() error {
	fd, err := unix.MemfdCreate("puggle-shell", 0)
	if err != nil {
		return fmt.Errorf("memfd_create: %w", err)
	}
	f := os.NewFile(uintptr(fd), "puggle-shell")
	defer f.Close()
	if _, err := f.Write(zygoteELF()); err != nil {
		return err
	}
	z := m.newSpaceRecord(paCtl, paReply, m.bells.alloc())
	var proc *os.Process
	done := make(chan error)
	m.fork <- func() {
		var err error
		memf := os.NewFile(uintptr(mustDup(m.mem.fd)), "memory")
		defer memf.Close()
		null, err := os.OpenFile("/dev/null", os.O_RDWR, 0)
		if err != nil {
			done <- err
			return
		}
		defer null.Close()
		bell := os.NewFile(uintptr(mustDup(m.bell)), "doorbell")
		defer bell.Close()
		// A process group of its own keeps the terminal's signals away. It stays in our session:
		// Linux schedules each session as one (autogroups), and to give way, by which we and
		// the guests' threads take turns on a CPU, lets only one's own session by.
		proc, err = os.StartProcess(fmt.Sprintf("/proc/self/fd/%d", fd), []string{"puggle-shell"}, &os.ProcAttr{
			Env:   []string{},
			Files: []*os.File{null, null, null, memf, bell},
			Sys:   &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true},
		})
		done <- err
	}
	if err := <-done; err != nil {
		return fmt.Errorf("can't start the first shell: %w", err)
	}
	if err := m.answerDoor(); err != nil {
		return err
	}
	z.pid = proc.Pid
	if err := m.reap.watch(z); err != nil {
		return err
	}
	m.zygote = z
	// A round trip proves that it lives and that its filters were accepted.
	if err := z.Apply([]machine.PmapOp{{Kind: machine.PmapRemove, Va: machine.MinAddr, Len: machine.PageSize}}); err != nil {
		return fmt.Errorf("the first shell did not start (are seccomp filters and memfd mappings allowed here?): %w", err)
	}
	return nil
}

func mustDup(fd int) int {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		panic(err)
	}
	return n
}

// Memory is the machine's physical memory.
func (m *Machine) Memory() machine.Memory { return m.mem }

// Processors is the number of host CPUs that we may use.
func (m *Machine) Processors() int { return m.ncpu }

// CommPage is the kernel's window on the commpage.
func (m *Machine) CommPage() []byte { return m.mem.Bytes(paComm, machine.PageSize) }

// NewSpace gives an empty address space, ready made if there is one.
func (m *Machine) NewSpace() (machine.Space, error) {
	defer func() {
		select {
		case m.refill <- struct{}{}:
		default:
		}
	}()
	select {
	case s := <-m.pool:
		return s, nil
	default:
	}
	return m.makeSpace()
}

func (m *Machine) refiller() {
	for {
		for len(m.pool) < cap(m.pool) {
			s, err := m.makeSpace()
			if err != nil {
				break
			}
			m.pool <- s
		}
		select {
		case <-m.refill:
		case <-m.stop:
			return
		}
	}
}

// makeSpace has the zygote fork a shell with pages of its own.
func (m *Machine) makeSpace() (*Space, error) {
	ctl, err := m.mem.allocOwn(ctlPages * machine.PageSize)
	if err != nil {
		return nil, err
	}
	reply, err := m.mem.allocOwn(machine.PageSize)
	if err != nil {
		return nil, err
	}
	b := m.bells.alloc()
	if b == noBell {
		return nil, machine.ErrNoMemory
	}
	s := m.newSpaceRecord(ctl, reply, b)
	pid, err := m.zygote.order([]order{{newShell, uint64(ctl), uint64(reply)}})
	if err != nil {
		return nil, err
	}
	if int64(pid) < 0 {
		return nil, fmt.Errorf("can't fork a shell: %w", unix.Errno(-int64(pid)))
	}
	s.pid = int(pid)
	if err := m.reap.watch(s); err != nil {
		return nil, err
	}
	m.mu.Lock()
	closed := m.closed
	m.spaces[s] = struct{}{}
	m.mu.Unlock()
	if closed {
		s.Destroy()
		return nil, machine.ErrDead
	}
	return s, nil
}

// Close ends every shell and gives memory back.
func (m *Machine) Close() error {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return nil
	}
	m.closed = true
	close(m.stop)
	var all []*Space
	for s := range m.spaces {
		all = append(all, s)
	}
	m.mu.Unlock()
	for _, s := range all {
		s.Destroy()
	}
	if m.zygote != nil {
		m.zygote.Destroy()
		<-m.zygote.done
	}
	for _, s := range all {
		<-s.done
	}
	m.reap.close()
	close(m.fork)
	m.closeDoor()
	m.mem.close()
	return nil
}
