//go:build darwin

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func init() {
	register(map[string]tool{
		"ps": ps, "kill": kill, "pgrep": pgrep, "pkill": pgrep, "killall": killall, "time": timeCommand, "xargs": xargs,
	})
}

// process is one line of ps.
type process struct {
	unix.KinfoProc
	path string
	args []string
}

func (p *process) pid() int     { return int(p.Proc.P_pid) }
func (p *process) name() string { return unix.ByteSliceToString(p.Proc.P_comm[:]) }

// load asks for the path and the arguments, which the kernel gives of one's own
// processes.
func (p *process) load() {
	raw, err := unix.SysctlRaw("kern.procargs2", p.pid())
	if err != nil || len(raw) < 4 {
		return
	}
	n := int(binary.LittleEndian.Uint32(raw))
	path, rest, _ := bytes.Cut(raw[4:], []byte{0})
	p.path = string(path)
	rest = bytes.TrimLeft(rest, "\x00")
	for ; n > 0 && len(rest) > 0; n-- {
		var a []byte
		a, rest, _ = bytes.Cut(rest, []byte{0})
		p.args = append(p.args, string(a))
	}
}

// taskInfo is what proc_pidinfo(PROC_PIDTASKINFO) says; zeros for another user's.
type taskInfo struct {
	virtual, resident uint64
	cpu               time.Duration
	threads, running  uint32
}

func (p *process) task() taskInfo {
	const procInfo, callPidInfo, flavor, size = 336, 2, 4, 96
	var b [size]byte
	n, _, e := syscall.Syscall6(procInfo, callPidInfo, uintptr(p.pid()), flavor, 0, uintptr(unsafe.Pointer(&b)), size)
	if e != 0 || n != size {
		return taskInfo{}
	}
	le := binary.LittleEndian
	return taskInfo{le.Uint64(b[0:]), le.Uint64(b[8:]), time.Duration(le.Uint64(b[16:]) + le.Uint64(b[24:])),
		le.Uint32(b[84:]), le.Uint32(b[88:])}
}

func processes() ([]*process, error) {
	kp, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	var l []*process
	for i := range kp {
		l = append(l, &process{KinfoProc: kp[i]})
	}
	return l, err
}

func ttyName(dev int32) string {
	if dev == -1 {
		return "??"
	}
	list, _ := os.ReadDir("/dev")
	for _, e := range list {
		if n, ok := strings.CutPrefix(e.Name(), "tty"); ok {
			var st syscall.Stat_t
			if syscall.Stat("/dev/"+e.Name(), &st) == nil && st.Rdev == dev {
				return n
			}
		}
	}
	return "??"
}

// column is what ps -o knows.
type column struct {
	head  string
	width int // negative is to the left
	value func(*process) string
}

var columns = map[string]column{
	"pid":   {"PID", 5, func(p *process) string { return strconv.Itoa(p.pid()) }},
	"ppid":  {"PPID", 5, func(p *process) string { return strconv.Itoa(int(p.Eproc.Ppid)) }},
	"pgid":  {"PGID", 5, func(p *process) string { return strconv.Itoa(int(p.Eproc.Pgid)) }},
	"tpgid": {"TPGID", 5, func(p *process) string { return strconv.Itoa(int(p.Eproc.Tpgid)) }},
	"uid":   {"UID", 5, func(p *process) string { return strconv.Itoa(int(p.Eproc.Ucred.Uid)) }},
	"user": {"USER", -8, func(p *process) string {
		u := strconv.Itoa(int(p.Eproc.Ucred.Uid))
		if n := userName(u); n != "" {
			return n
		}
		return u
	}},
	"stat": {"STAT", -4, func(p *process) string {
		// SRUN is every process that isn't stopped: whether it sleeps its threads tell.
		s := "?IRSTZ"[min(max(int(p.Proc.P_stat), 0), 5):][:1]
		if t := p.task(); s == "R" && t.threads > 0 && t.running == 0 {
			s = "S"
		}
		if p.Eproc.Tpgid == p.Eproc.Pgid && p.Eproc.Tdev != -1 {
			s += "+"
		}
		return s
	}},
	"tty":  {"TTY", -8, func(p *process) string { return ttyName(p.Eproc.Tdev) }},
	"nice": {"NI", 2, func(p *process) string { return strconv.Itoa(int(p.Proc.P_nice)) }},
	"etime": {"ELAPSED", 11, func(p *process) string {
		s := int(time.Since(time.Unix(p.Proc.P_starttime.Unix())).Seconds())
		if s < 3600 {
			return fmt.Sprintf("%02d:%02d", s/60, s%60)
		}
		return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
	}},
	"lstart": {"STARTED", -28, func(p *process) string {
		return time.Unix(p.Proc.P_starttime.Unix()).Format("Mon Jan _2 15:04:05 2006")
	}},
	"vsz": {"VSZ", 8, func(p *process) string { return strconv.FormatUint(p.task().virtual>>10, 10) }},
	"rss": {"RSS", 6, func(p *process) string { return strconv.FormatUint(p.task().resident>>10, 10) }},
	"time": {"TIME", 9, func(p *process) string {
		t := p.task().cpu
		return fmt.Sprintf("%d:%05.2f", int(t.Minutes()), (t % time.Minute).Seconds())
	}},
	"%cpu": {"%CPU", 5, func(p *process) string {
		since := time.Since(time.Unix(p.Proc.P_starttime.Unix()))
		return fmt.Sprintf("%.1f", 100*p.task().cpu.Seconds()/max(since.Seconds(), 0.01))
	}},
	"%mem": {"%MEM", 4, func(p *process) string {
		total, err := unix.SysctlUint64("hw.memsize")
		if err != nil {
			return "-"
		}
		return fmt.Sprintf("%.1f", 100*float64(p.task().resident)/float64(total))
	}},
	"ucomm":   {"UCOMM", -16, (*process).name},
	"comm":    {"COMM", -16, func(p *process) string { return cmpOr(p.path, p.name()) }},
	"command": {"COMMAND", -16, func(p *process) string { return cmpOr(strings.Join(p.args, " "), "("+p.name()+")") }},
}

var columnAlias = map[string]string{"state": "stat", "tt": "tty", "ttyname": "tty", "args": "command", "ni": "nice", "group": "pgid",
	"pcpu": "%cpu", "pmem": "%mem", "vsize": "vsz", "cputime": "time"}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func ps(args []string) int {
	format := "pid,tty,stat,command"
	if len(args) > 1 && args[1] != "" && args[1][0] != '-' {
		args[1] = "-" + args[1] // as BSD's, where u is a format and not a user
		if strings.Contains(args[1], "u") {
			args[1] = strings.ReplaceAll(args[1], "u", "")
			format = "user,pid,%cpu,%mem,vsz,rss,tty,stat,time,command"
		}
	}
	o, ok := getopt(args, "Aaefjlp:o:O:t:u:U:wxcwr", "[-Aaefjlxw] [-o format] [-p pid[,...]] [-u user] [-t tty]")
	if !ok {
		return 1
	}
	c := &cmd{name: "ps"}
	all, err := processes()
	if err != nil {
		c.warn("kern.proc", err)
		return 1
	}
	if o.has('f') {
		format = "uid,pid,ppid,tty,stat,command"
	}
	if o.has('j') {
		format = "user,pid,ppid,pgid,stat,tty,command"
	}
	if o.has('l') {
		format = "uid,pid,ppid,nice,stat,tty,command"
	}
	if o.has('o') {
		var l []string // -o may be repeated
		for i := 1; i < len(args); i++ {
			if v, ok := strings.CutPrefix(args[i], "-o"); ok {
				if v == "" && i+1 < len(args) {
					i++
					v = args[i]
				}
				l = append(l, v)
			}
		}
		format = strings.Join(l, ",")
	}
	var cols []column
	heads := false
	for _, f := range strings.FieldsFunc(format, func(r rune) bool { return r == ',' || r == ' ' }) {
		n, head, own := strings.Cut(f, "=")
		if a := columnAlias[n]; a != "" {
			n = a
		}
		col, ok := columns[n]
		if !ok {
			return c.fail("%s: keyword not found", n)
		}
		if own {
			col.head = head
		}
		heads = heads || col.head != ""
		cols = append(cols, col)
	}
	pids := map[int]bool{}
	for _, p := range strings.FieldsFunc(o.value['p']+","+strings.Join(o.args, ","), func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(p)
		if err != nil {
			return c.fail("illegal process id: %s", p)
		}
		pids[n] = true
	}
	user := o.value['u'] + o.value['U']
	uid := strconv.Itoa(os.Getuid())
	var rows []*process
	for _, p := range all {
		mine := strconv.Itoa(int(p.Eproc.Ucred.Uid)) == uid
		keep := p.Eproc.Tdev != -1 && mine
		switch {
		case len(pids) > 0:
			keep = pids[p.pid()]
		case user != "":
			keep = columns["user"].value(p) == user || columns["uid"].value(p) == user
		case o.has('t'):
			keep = strings.TrimPrefix(strings.TrimPrefix(o.value['t'], "/dev/"), "tty") == ttyName(p.Eproc.Tdev)
		case o.has('A') || o.has('e') || o.has('a') && o.has('x'):
			keep = true
		case o.has('a'):
			keep = p.Eproc.Tdev != -1
		case o.has('x'):
			keep = mine
		}
		if keep {
			p.load()
			rows = append(rows, p)
		}
	}
	line := func(text func(column) string) {
		var b strings.Builder
		for i, col := range cols {
			w := max(col.width, len(col.head))
			if col.width < 0 {
				w = -max(-col.width, len(col.head))
			}
			if i > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprintf(&b, "%*s", w, text(col))
		}
		fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
	}
	if heads {
		line(func(col column) string { return col.head })
	}
	for _, p := range rows {
		line(func(col column) string { return col.value(p) })
	}
	if len(rows) == 0 {
		return 1
	}
	return 0
}

var signalNames = strings.Fields(`EXIT HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG
	STOP TSTP CONT CHLD TTIN TTOU IO XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2`)

// signalByName reads a name, with or without SIG, or a number.
func signalByName(s string) (syscall.Signal, bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return syscall.Signal(n), n >= 0 && n < len(signalNames)
	}
	for n, name := range signalNames {
		if strings.EqualFold(strings.TrimPrefix(strings.ToUpper(s), "SIG"), name) {
			return syscall.Signal(n), true
		}
	}
	return 0, false
}

func kill(args []string) int {
	c := &cmd{name: "kill"}
	rest := args[1:]
	sig := syscall.SIGTERM
	if len(rest) > 0 && rest[0] == "-l" {
		if len(rest) > 1 {
			n, _ := strconv.Atoi(rest[1])
			if n &= 127; n < 1 || n >= len(signalNames) {
				return c.fail("%s: invalid signal specification", rest[1])
			}
			fmt.Fprintln(out, signalNames[n])
			return 0
		}
		fmt.Fprintln(out, strings.Join(signalNames[1:], " "))
		return 0
	}
	if len(rest) > 1 && len(rest[0]) > 1 && rest[0][0] == '-' && rest[0] != "--" {
		name := rest[0][1:]
		rest = rest[1:]
		if name == "s" || name == "n" {
			name, rest = rest[0], rest[1:]
		}
		var ok bool
		if sig, ok = signalByName(name); !ok {
			return c.fail("unknown signal: %s", name)
		}
	}
	if len(rest) > 0 && rest[0] == "--" {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return usage("kill", "[-s signal_name] pid ...")
	}
	for _, p := range rest {
		pid, err := strconv.Atoi(p)
		if err != nil {
			c.fail("illegal process id: %s", p)
			continue
		}
		if err := syscall.Kill(pid, sig); err != nil {
			c.warn(p, err)
		}
	}
	return c.status
}

// pgrep is pkill, too.
func pgrep(args []string) int {
	name := filepath.Base(args[0])
	sig := syscall.SIGTERM
	if name == "pkill" && len(args) > 1 && len(args[1]) > 1 {
		if s, ok := signalByName(args[1][1:]); ok && args[1][0] == '-' {
			sig = s
			args = append(args[:1:1], args[2:]...)
		}
	}
	o, ok := getopt(args, "aflnoxP:u:", "[-aflnox] [-P ppid] pattern")
	if !ok {
		return 2
	}
	c := &cmd{name: name}
	pattern := ""
	if len(o.args) > 0 {
		pattern = o.args[0]
	} else if !o.has('P') {
		usage(name, "[-aflnox] [-P ppid] pattern")
		return 2
	}
	if o.has('x') {
		pattern = "^(?:" + pattern + ")$"
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		c.fail("%v", err)
		return 2
	}
	all, err := processes()
	if err != nil {
		c.warn("kern.proc", err)
		return 3
	}
	var found []*process
	for _, p := range all {
		if p.pid() == os.Getpid() || o.has('P') && columns["ppid"].value(p) != o.value['P'] {
			continue
		}
		p.load()
		text := p.name()
		if o.has('f') {
			text = strings.Join(p.args, " ")
		}
		if re.MatchString(text) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return 1
	}
	if o.has('n') {
		found = found[len(found)-1:]
	}
	for _, p := range found {
		switch {
		case name == "pkill":
			if err := syscall.Kill(p.pid(), sig); err != nil {
				c.warn(strconv.Itoa(p.pid()), err)
			}
		case o.has('l'):
			fmt.Fprintln(out, p.pid(), cmpOr(strings.Join(p.args, " "), p.name()))
		default:
			fmt.Fprintln(out, p.pid())
		}
	}
	return c.status
}

func killall(args []string) int {
	c := &cmd{name: "killall"}
	sig := syscall.SIGTERM
	rest := args[1:]
	if len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
		var ok bool
		if sig, ok = signalByName(rest[0][1:]); !ok {
			return c.fail("unknown signal %s", rest[0][1:])
		}
		rest = rest[1:]
	}
	all, err := processes()
	if err != nil {
		c.warn("kern.proc", err)
		return 1
	}
	for _, n := range rest {
		found := false
		for _, p := range all {
			if p.name() == n && p.pid() != os.Getpid() {
				found = true
				if err := syscall.Kill(p.pid(), sig); err != nil {
					c.warn(n, err)
				}
			}
		}
		if !found {
			fmt.Fprintln(os.Stderr, "No matching processes belonging to you were found")
			c.status = 1
		}
	}
	return c.status
}

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

func xargs(args []string) int {
	o, ok := getopt(args, "0I:n:P:rtx", "[-0rt] [-I replstr] [-n number] [-P maxprocs] [utility [argument ...]]")
	if !ok {
		return 1
	}
	c := &cmd{name: "xargs"}
	command := o.args
	if len(command) == 0 {
		command = []string{"echo"}
	}
	var items []string
	data, err := readAllFd(0)
	if err != nil {
		c.warn("", err)
		return 1
	}
	switch {
	case o.has('0'):
		items = strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00")
		if len(data) == 0 {
			items = nil
		}
	case o.has('I'):
		for _, l := range strings.Split(string(data), "\n") {
			if l = strings.TrimLeft(l, " \t"); l != "" {
				items = append(items, l)
			}
		}
	default:
		if items, ok = xargsWords(string(data)); !ok {
			return c.fail("unterminated quote")
		}
	}
	most := 5000
	if o.has('n') {
		if most, err = strconv.Atoi(o.value['n']); err != nil || most < 1 {
			return c.fail("illegal argument count")
		}
	}
	procs := 1
	if o.has('P') {
		if procs, err = strconv.Atoi(o.value['P']); err != nil || procs < 0 {
			return c.fail("illegal process count")
		}
		if procs == 0 {
			procs = 1000
		}
	}
	slots, status := make(chan struct{}, procs), make(chan int, len(items)+1)
	started := 0
	run := func(argv []string) bool {
		slots <- struct{}{}
		if o.has('t') {
			fmt.Fprintln(os.Stderr, strings.Join(argv, " "))
		}
		p := exec.Command(argv[0], argv[1:]...)
		p.Stdout, p.Stderr = os.Stdout, os.Stderr
		if err := p.Start(); err != nil {
			c.warn(argv[0], err)
			c.status = 127
			return false
		}
		started++
		go func() {
			p.Wait()
			<-slots
			status <- exitCode(p.ProcessState)
		}()
		return true
	}
	if o.has('I') {
		for _, it := range items {
			argv := append([]string(nil), command...)
			for i := range argv {
				argv[i] = strings.ReplaceAll(argv[i], o.value['I'], it)
			}
			if !run(argv) {
				break
			}
		}
	} else {
		for len(items) > 0 {
			n, size := 0, 0
			for n < len(items) && n < most && size < 200<<10 {
				size += len(items[n]) + 9
				n++
			}
			if !run(append(append([]string(nil), command...), items[:n]...)) {
				break
			}
			items = items[n:]
		}
	}
	for range started {
		switch s := <-status; {
		case s == 255:
			c.status = 124
		case s > 128:
			c.status = 125
		case s != 0 && c.status == 0:
			c.status = 1
		}
	}
	return c.status
}

func readAllFd(fd int) ([]byte, error) {
	var all []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := readFd(fd, buf)
		if err != nil || n <= 0 {
			return all, err
		}
		all = append(all, buf[:n]...)
	}
}

// xargsWords splits at blanks, but for quotes and backslashes.
func xargsWords(s string) (l []string, ok bool) {
	var b strings.Builder
	in, quote := false, byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			b.WriteByte(c)
		case c == '\'' || c == '"':
			quote, in = c, true
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
			in = true
		case c == ' ' || c == '\t' || c == '\n':
			if in {
				l = append(l, b.String())
				b.Reset()
			}
			in = false
		default:
			b.WriteByte(c)
			in = true
		}
	}
	if in {
		l = append(l, b.String())
	}
	return l, quote == 0
}
