package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/bsd/tty"
	"puggle/kernel"
	"puggle/mach/vm"
)

// guest is a program of try's that runs, with pipes for its files.
type guest struct {
	p    *kern.Proc
	in   *os.File
	out  *bufio.Reader
	file *os.File // what out reads
}

// patience is how long a program may take before try gives it up.
const patience = time.Minute

func (t *tour) start(name string) (*guest, error) {
	inR, inW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer inR.Close()
	defer outW.Close()
	var files [3]*sys.OpenFile
	for i, f := range []*os.File{inR, outW, outW} {
		// The guest's own descriptor: closed when the guest has closed it.
		fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			return nil, err
		}
		mode := abi.FWRITE
		if i == 0 {
			mode = abi.FREAD
		}
		files[i] = sys.NewOpenFile(tty.NewHostFile(fd, true), mode)
	}
	p, err := t.sys.Start(&kernel.Program{Args: []string{filepath.Join(t.dir, name)}, Env: os.Environ(), Dir: t.dir, Files: files})
	if err != nil {
		return nil, err
	}
	return &guest{p: p, in: inW, out: bufio.NewReader(outR), file: outR}, nil
}

// end closes the program's input, reads the rest of its output, and waits.
func (t *tour) end(g *guest) (string, error) {
	g.in.Close()
	stop := time.AfterFunc(patience, func() { g.p.Signal(abi.SIGKILL) })
	defer stop.Stop()
	rest, err := io.ReadAll(g.out)
	g.file.Close()
	if err != nil {
		return string(rest), err
	}
	if st := kernel.ExitStatus(t.sys.Wait(g.p.PID)); st != 0 {
		return string(rest), fmt.Errorf("exit status %d", st)
	}
	return string(rest), nil
}

// program runs one from start to end.
func (t *tour) program(name string) (string, error) {
	g, err := t.start(name)
	if err != nil {
		return "", err
	}
	return t.end(g)
}

// web runs the web server and looks at the machine while it is up.
func (t *tour) web() (string, error) {
	g, err := t.start("web")
	if err != nil {
		return "", err
	}
	stop := time.AfterFunc(patience, func() { g.p.Signal(abi.SIGKILL) })
	line, err := g.out.ReadString('\n')
	stop.Stop()
	var b strings.Builder
	b.WriteString(line)
	if err == nil {
		b.WriteString("\nthe machine meanwhile:\n")
		t.ps(&b)
		b.WriteString("\nwhat the server has mapped:\n")
		mapped(&b, g.p)
	}
	rest, err := t.end(g)
	return b.String() + rest, err
}

// ps lists the processes.
func (t *tour) ps(w io.Writer) {
	procs := t.sys.Procs.Procs()
	sort.Slice(procs, func(i, j int) bool { return procs[i].PID < procs[j].PID })
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "PID\tPPID\tTHREADS\tCALLS\tFAULTS\tCALLS/S\tCOMMAND")
	for _, p := range procs {
		if p.Task == nil {
			continue
		}
		var calls, faults uint64
		threads := p.Threads()
		for _, u := range threads {
			calls += u.Thread.Calls.Load()
			faults += u.Thread.Faults.Load()
		}
		fmt.Fprintf(tw, "%d\t%d\t%d\t%d\t%d\t%.0f\t%s\n", p.PID, p.PPID(), len(threads), calls, faults,
			float64(calls)/time.Since(p.Start).Seconds(), p.Comm())
	}
	tw.Flush()
}

// mapped sums an address space up by kind of mapping.
func mapped(w io.Writer, p *kern.Proc) {
	m := p.Map()
	if m == nil {
		return
	}
	type sum struct {
		n              int
		size, resident uint64
	}
	sums := map[string]*sum{}
	m.Regions(func(r vm.RegionInfo) bool {
		kind := "anonymous"
		switch {
		case r.IsSubmap:
			kind = "submap"
		case r.ExternalPager:
			kind = "file"
		case r.Prot == 0:
			kind = "reserved"
		}
		s := sums[kind]
		if s == nil {
			s = &sum{}
			sums[kind] = s
		}
		s.n++
		s.size += r.Size
		s.resident += r.Resident << 12
		return true
	})
	var kinds []string
	for k := range sums {
		kinds = append(kinds, k)
	}
	sort.Strings(kinds)
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "KIND\tREGIONS\tKB\tIN MEMORY\t")
	for _, k := range kinds {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t\n", k, sums[k].n, sums[k].size>>10, sums[k].resident>>10)
	}
	tw.Flush()
}

// goTest runs tests of the standard library, in the ordinary way.
func (t *tour) goTest(pkg string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "test", "-short", "-count=1", "-vet=off", "-timeout=3m", "-exec", self+" run", pkg)
	cmd.Env = darwinEnv()
	out, err := cmd.CombinedOutput()
	if err == nil && !t.verbose {
		return "", nil
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) > 40 && !t.verbose {
		lines = append([]string{"..."}, lines[len(lines)-40:]...)
	}
	if err != nil {
		err = fmt.Errorf("go test %s: %w", pkg, err)
	}
	return strings.Join(lines, "\n"), err
}
