package gdb

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"puggle/debug"
	"puggle/machine"
)

// idle is the thread that stands for the kernel when no thread is inside kernel code.
const idle = 0x7fffffff

// Config is what a session needs besides its connection.
type Config struct {
	Target debug.Target
	// Monitor runs a command of monitor and gives what it prints; may be nil.
	Monitor func(line string) string
}

// session is one connection.
type session struct {
	Config
	*link
	thread  uint64 // that g, G, p, P and m are about; 0: any
	swbreak bool   // the other end knows the word
	list    []uint64
	gone    bool // detached: the end was said
}

// Serve is a session: it attaches, stops the kernel, and obeys until the other end
// detaches or is gone. Its error is debug.ErrBusy, or of the connection.
func Serve(rw io.ReadWriter, cfg Config) error {
	if err := cfg.Target.Attach(); err != nil {
		return err
	}
	s := &session{Config: cfg, link: newLink(rw)}
	done := make(chan struct{})
	defer close(done)
	defer func() { s.Target.Detach(!s.gone) }()
	s.Target.Halt("a debugger has come")
	go s.read(done)
	for !s.gone {
		select {
		case p := <-s.in:
			err := s.ack(p.ok)
			var a string
			if p.ok && err == nil {
				if a, err = s.handle(p.content); err == nil {
					err = s.send(a)
				}
			}
			if errors.Is(err, errEnd) {
				return nil
			}
			if err != nil {
				return err
			}
			s.noAck = s.noAck || p.ok && p.content == "QStartNoAckMode"
		case <-s.end:
			return nil
		}
	}
	return nil
}

// packets are the packets by what they begin with; the first that fits counts. An
// answer that is "" says that the packet is not known.
var packets = []struct {
	begin string
	do    func(s *session, rest string) (string, error)
}{
	{"qSupported", (*session).supported},
	{"QStartNoAckMode", word("OK")},
	{"qXfer:features:read:target.xml:", (*session).features},
	{"qAttached", word("1")},
	{"qSymbol", word("OK")},
	{"qfThreadInfo", (*session).firstThreads},
	{"qsThreadInfo", (*session).moreThreads},
	{"qThreadExtraInfo,", (*session).threadName},
	{"qRcmd,", (*session).monitor},
	{"qC", (*session).who},
	{"vCont?", word("vCont;c;C;s;S")},
	{"vCont;", (*session).vCont},
	{"vKill", (*session).detach},
	{"?", func(s *session, _ string) (string, error) { return s.reply(s.Target.Stopped()), nil }},
	{"H", (*session).setThread},
	{"T", (*session).alive},
	{"g", (*session).readAll},
	{"G", (*session).writeAll},
	{"p", (*session).readOne},
	{"P", (*session).writeOne},
	{"m", (*session).readMemory},
	{"M", (*session).writeMemory},
	{"X", (*session).writeBinary},
	{"c", func(s *session, rest string) (string, error) { return s.resume(debug.Resume{}, rest) }},
	{"C", func(s *session, _ string) (string, error) { return s.resume(debug.Resume{}, "") }},
	{"s", func(s *session, rest string) (string, error) {
		return s.resume(debug.Resume{Step: true, Thread: s.current()}, rest)
	}},
	{"S", func(s *session, _ string) (string, error) {
		return s.resume(debug.Resume{Step: true, Thread: s.current()}, "")
	}},
	{"Z0,", (*session).setBreak},
	{"z0,", (*session).clearBreak},
	{"D", (*session).detach},
	{"k", (*session).detach},
}

func word(w string) func(*session, string) (string, error) {
	return func(*session, string) (string, error) { return w, nil }
}

func (s *session) handle(p string) (string, error) {
	for i := range packets {
		if rest, ok := strings.CutPrefix(p, packets[i].begin); ok {
			return packets[i].do(s, rest)
		}
	}
	return "", nil
}

// failed is an error's answer.
func failed(err error) (string, error) {
	if err == nil {
		return "OK", nil
	}
	return "E01", nil
}

var errMalformed = errors.New("malformed")

func (s *session) supported(rest string) (string, error) {
	s.swbreak = strings.Contains(rest, "swbreak+")
	return fmt.Sprintf("PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;swbreak+;vContSupported+", maxPacket), nil
}

func (s *session) features(rest string) (string, error) {
	at, n, ok := pair(rest)
	if !ok {
		return failed(errMalformed)
	}
	if at >= uint64(len(target)) {
		return "l", nil
	}
	part := target[at:]
	if n = min(n, maxPacket/2); uint64(len(part)) > n {
		return "m" + part[:n], nil
	}
	return "l" + part, nil
}

// pair is two hexadecimal numbers with a comma between them.
func pair(s string) (a, b uint64, ok bool) {
	x, y, _ := strings.Cut(s, ",")
	a, err := strconv.ParseUint(x, 16, 64)
	b, err2 := strconv.ParseUint(y, 16, 64)
	return a, b, err == nil && err2 == nil
}

// current is the thread that is meant when none is named.
func (s *session) current() uint64 {
	l := s.Target.Threads()
	has := func(id uint64) bool {
		for _, t := range l {
			if t.ID == id {
				return true
			}
		}
		return false
	}
	if has(s.thread) {
		return s.thread
	}
	if st := s.Target.Stopped(); st != nil && has(st.Thread) {
		return st.Thread
	}
	for _, t := range l {
		if !t.Inside {
			return t.ID
		}
	}
	if len(l) > 0 {
		return l[0].ID
	}
	return idle
}

func (s *session) who(rest string) (string, error) {
	if rest != "" { // qCRC
		return "", nil
	}
	return fmt.Sprintf("QC%x", s.current()), nil
}

func (s *session) firstThreads(string) (string, error) {
	s.list = nil
	for _, t := range s.Target.Threads() {
		s.list = append(s.list, t.ID)
	}
	if len(s.list) == 0 {
		s.list = []uint64{idle}
	}
	return s.moreThreads("")
}

func (s *session) moreThreads(string) (string, error) {
	if len(s.list) == 0 {
		return "l", nil
	}
	n := min(len(s.list), 256)
	var ids []string
	for _, id := range s.list[:n] {
		ids = append(ids, strconv.FormatUint(id, 16))
	}
	s.list = s.list[n:]
	return "m" + strings.Join(ids, ","), nil
}

func (s *session) threadName(rest string) (string, error) {
	id, err := strconv.ParseUint(rest, 16, 64)
	if err != nil {
		return failed(err)
	}
	name := "the kernel is idle"
	for _, t := range s.Target.Threads() {
		if t.ID == id {
			if name = t.Name; t.Inside {
				name += " (in a call of the kernel)"
			}
		}
	}
	return hex.EncodeToString([]byte(name[:min(len(name), 200)])), nil
}

func (s *session) setThread(rest string) (string, error) {
	if len(rest) < 2 {
		return failed(errMalformed)
	}
	if rest[1:] == "-1" {
		s.thread = 0
		return "OK", nil
	}
	id, err := strconv.ParseUint(rest[1:], 16, 64)
	if err == nil {
		s.thread = id
	}
	return failed(err)
}

func (s *session) alive(rest string) (string, error) {
	id, err := strconv.ParseUint(rest, 16, 64)
	if err != nil {
		return failed(err)
	}
	l := s.Target.Threads()
	for _, t := range l {
		if t.ID == id {
			return "OK", nil
		}
	}
	if id == idle && len(l) == 0 {
		return "OK", nil
	}
	return failed(debug.ErrThread)
}

// regs are the current thread's.
func (s *session) regs() (uint64, machine.Regs, error) {
	id := s.current()
	if id == idle {
		return id, machine.Regs{}, nil
	}
	r, err := s.Target.Regs(id)
	return id, r, err
}

func (s *session) readAll(string) (string, error) {
	_, r, err := s.regs()
	if err != nil {
		return failed(err)
	}
	return all(&r), nil
}

func (s *session) writeAll(rest string) (string, error) {
	id, r, err := s.regs()
	if err == nil && !setAll(&r, rest) {
		err = errMalformed
	}
	if err == nil {
		err = s.Target.SetRegs(id, r)
	}
	return failed(err)
}

func (s *session) readOne(rest string) (string, error) {
	n, err := strconv.ParseUint(rest, 16, 16)
	if err != nil {
		return failed(err)
	}
	_, r, err := s.regs()
	if err != nil {
		return failed(err)
	}
	return register(&r, int(n)), nil
}

func (s *session) writeOne(rest string) (string, error) {
	a, v, _ := strings.Cut(rest, "=")
	n, err := strconv.ParseUint(a, 16, 16)
	if err != nil {
		return failed(err)
	}
	b, err := hex.DecodeString(v)
	if err != nil {
		return failed(err)
	}
	id, r, err := s.regs()
	if err == nil && !setRegister(&r, int(n), b) {
		err = errMalformed
	}
	if err == nil {
		err = s.Target.SetRegs(id, r)
	}
	return failed(err)
}

func (s *session) readMemory(rest string) (string, error) {
	a, n, ok := pair(rest)
	if !ok {
		return failed(errMalformed)
	}
	b := make([]byte, min(n, maxPacket/2))
	got := s.Target.Read(b, machine.Addr(a))
	if got == 0 && n > 0 {
		return failed(debug.ErrAddress)
	}
	return hex.EncodeToString(b[:got]), nil
}

func (s *session) writeMemory(rest string) (string, error) {
	where, data, _ := strings.Cut(rest, ":")
	a, n, ok := pair(where)
	b, err := hex.DecodeString(data)
	if !ok || err != nil || uint64(len(b)) != n {
		return failed(errMalformed)
	}
	return s.write(a, b)
}

func (s *session) writeBinary(rest string) (string, error) {
	where, data, _ := strings.Cut(rest, ":")
	a, n, ok := pair(where)
	if !ok || uint64(len(data)) != n {
		return failed(errMalformed)
	}
	return s.write(a, []byte(data))
}

func (s *session) write(a uint64, b []byte) (string, error) {
	if len(b) == 0 {
		return "OK", nil
	}
	return failed(s.Target.Write(machine.Addr(a), b))
}

func (s *session) setBreak(rest string) (string, error) {
	a, _, ok := pair(strings.SplitN(rest, ";", 2)[0])
	if !ok {
		return failed(errMalformed)
	}
	return failed(s.Target.SetBreak(machine.Addr(a)))
}

func (s *session) clearBreak(rest string) (string, error) {
	a, _, ok := pair(strings.SplitN(rest, ";", 2)[0])
	if !ok {
		return failed(errMalformed)
	}
	return failed(s.Target.ClearBreak(machine.Addr(a)))
}

// vCont is ACTION[:THREAD] for some threads: of all that may be said, one thread's step
// with or without the others.
func (s *session) vCont(rest string) (string, error) {
	r := debug.Resume{Alone: true}
	for _, a := range strings.Split(rest, ";") {
		what, who, named := strings.Cut(a, ":")
		if what == "" {
			return failed(errMalformed)
		}
		switch what[0] {
		case 's', 'S':
			if r.Step {
				continue
			}
			r.Step, r.Thread = true, s.current()
			if named && who != "-1" {
				id, err := strconv.ParseUint(who, 16, 64)
				if err != nil {
					return failed(err)
				}
				r.Thread = id
			}
		case 'c', 'C':
			r.Alone = false
		default:
			return failed(errMalformed)
		}
	}
	return s.resume(r, "")
}

// resume lets the kernel go on, and gives the reply when it has stopped.
func (s *session) resume(r debug.Resume, at string) (string, error) {
	if at != "" {
		a, err := strconv.ParseUint(at, 16, 64)
		id, regs, err2 := s.regs()
		if err = errors.Join(err, err2); err == nil {
			regs.Rip = a
			err = s.Target.SetRegs(id, regs)
		}
		if err != nil {
			return failed(err)
		}
	}
	select { // an interrupt from before is none of now
	case <-s.brk:
	default:
	}
	if r.Step && r.Thread == idle {
		return s.reply(s.Target.Stopped()), nil
	}
	if err := s.Target.Resume(r); err != nil {
		return failed(err)
	}
	cancel, stopped := make(chan struct{}), make(chan *debug.Stop, 1)
	defer close(cancel)
	go func() { stopped <- s.Target.Wait(cancel) }()
	for {
		select {
		case st := <-stopped:
			if st == nil {
				return "W00", nil // the kernel has ended
			}
			s.thread = st.Thread
			return s.reply(st), nil
		case <-s.brk:
			s.Target.Halt("interrupted by the debugger")
		case <-s.end:
			return "", errEnd
		}
	}
}

// signals are what the other end is told, by Reason: SIGINT, SIGTRAP, SIGABRT.
var signals = map[debug.Reason]int{debug.Halted: 2, debug.Entered: 5, debug.Breakpoint: 5, debug.Stepped: 5, debug.Panicked: 6}

func (s *session) reply(st *debug.Stop) string {
	if st == nil {
		return "S02"
	}
	id := st.Thread
	if id == 0 {
		id = s.current()
	}
	r := fmt.Sprintf("T%02xthread:%x;", signals[st.Reason], id)
	if st.Reason == debug.Breakpoint && s.swbreak {
		r += "swbreak:;"
	}
	return r
}

func (s *session) monitor(rest string) (string, error) {
	b, err := hex.DecodeString(rest)
	if err != nil {
		return failed(err)
	}
	if s.Monitor == nil {
		return "", nil
	}
	out := s.Monitor(string(b))
	if out == "" {
		return "OK", nil
	}
	// In pieces; the last answer is OK.
	for len(out) > 0 {
		n := min(len(out), maxPacket/4)
		if err := s.send("O" + hex.EncodeToString([]byte(out[:n]))); err != nil {
			return "", err
		}
		out = out[n:]
	}
	return "OK", nil
}

func (s *session) detach(string) (string, error) {
	s.gone = true
	return "OK", nil
}
