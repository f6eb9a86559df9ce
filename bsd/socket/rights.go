package socket

import (
	"encoding/binary"
	"maps"
	"sync"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// maxRights is the most descriptors that one message carries.
const maxRights = 512

// rightsTable counts the open files that are in flight, and finds the ones that
// only flight keeps alive (unp_gc).
type rightsTable struct {
	// gate is held for reading while rights enter or leave a buffer, and for
	// writing while the collector looks: so the count and the place agree.
	gate     sync.RWMutex
	mu       sync.Mutex
	inflight map[*sys.OpenFile]int
	total    int
	sockets  map[*unixPCB]bool // all local sockets

	closes int           // of local sockets since the collector looked
	late   bool          // it will look in a while
	took   time.Duration // its last look
	most   int           // in flight, before it is to look whatever is closed
}

func (t *rightsTable) init() {
	t.inflight = map[*sys.OpenFile]int{}
	t.sockets = map[*unixPCB]bool{}
}

func (t *rightsTable) add(p *unixPCB) {
	t.mu.Lock()
	t.sockets[p] = true
	t.mu.Unlock()
}

func (t *rightsTable) remove(p *unixPCB) {
	t.mu.Lock()
	delete(t.sockets, p)
	t.mu.Unlock()
}

func (t *rightsTable) launch(files []*sys.OpenFile) {
	if len(files) == 0 {
		return
	}
	t.mu.Lock()
	for _, f := range files {
		t.inflight[f]++
	}
	t.total += len(files)
	t.mu.Unlock()
}

func (t *rightsTable) land(files []*sys.OpenFile) {
	if len(files) == 0 {
		return
	}
	t.mu.Lock()
	for _, f := range files {
		if t.inflight[f]--; t.inflight[f] == 0 {
			delete(t.inflight, f)
		}
	}
	t.total -= len(files)
	t.mu.Unlock()
}

// drop closes rights that nobody will receive.
func (t *rightsTable) drop(ctx *sys.Context, files []*sys.OpenFile) {
	if len(files) == 0 {
		return
	}
	t.land(files)
	for _, f := range files {
		f.Unref(ctx)
	}
}

// InFlight is how many descriptors travel in messages, for tests and tools.
func (ds *Domains) InFlight() int {
	t := &ds.local.rights
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.total
}

// internalize parses m.Control and turns the descriptors in it into references
// that m owns (unp_internalize). EINVAL for what is malformed or unknown,
// EBADF, and E2BIG for too many.
func (m *Msg) internalize(ctx *sys.Context, so *Socket) abi.Errno {
	cmsgs, e := abi.ParseCmsgs(m.Control)
	if e != 0 {
		return e
	}
	p, isLocal := so.pcb.(*unixPCB)
	if !isLocal {
		m.ctl = cmsgs
		return 0
	}
	for _, c := range cmsgs {
		if c.Level != abi.SOL_SOCKET {
			return abi.EINVAL
		}
		switch c.Type {
		case abi.SCM_RIGHTS:
			p.l.press(ctx)
			if e := m.takeFds(ctx, c.Data); e != 0 {
				m.unref(ctx)
				return e
			}
		case abi.SCM_CREDS:
			m.ctl = append(m.ctl, abi.Cmsg{Level: abi.SOL_SOCKET, Type: abi.SCM_CREDS, Data: cmsgcred(ctx)})
		default:
			m.unref(ctx)
			return abi.EINVAL
		}
	}
	return 0
}

func (m *Msg) takeFds(ctx *sys.Context, data []byte) abi.Errno {
	if m.Fds == nil || len(data)%4 != 0 {
		return abi.EINVAL
	}
	if len(m.files)+len(data)/4 > maxRights {
		return abi.E2BIG
	}
	for ; len(data) > 0; data = data[4:] {
		f, e := m.Fds.Get(int(int32(binary.LittleEndian.Uint32(data))))
		if e != 0 {
			return e
		}
		switch f.Ops.Type() {
		case sys.DTypeVnode, sys.DTypeSocket, sys.DTypePipe, sys.DTypePshm, sys.DTypePsem:
			m.files = append(m.files, f)
		default:
			f.Unref(ctx)
			return abi.EINVAL // kqueues do not travel
		}
	}
	return 0
}

func (m *Msg) unref(ctx *sys.Context) {
	for _, f := range m.files {
		f.Unref(ctx)
	}
	m.files = nil
}

// cmsgcred is a struct cmsgcred: process, users, group and groups of the
// sender, as the kernel knows them.
func cmsgcred(ctx *sys.Context) []byte {
	b := make([]byte, 84)
	le := binary.LittleEndian
	le.PutUint32(b, uint32(ctx.PID))
	c := ctx.Cred
	if c == nil {
		return b
	}
	le.PutUint32(b[4:], c.RUID)
	le.PutUint32(b[8:], c.UID)
	le.PutUint32(b[12:], c.RGID)
	groups := c.Groups[:min(len(c.Groups), sys.NGROUPS)]
	le.PutUint16(b[16:], uint16(len(groups)))
	for i, g := range groups {
		le.PutUint32(b[20+4*i:], g)
	}
	return b
}

// deliver gives a message's control data to its receiver (unp_externalize); the
// rights have landed already.
// Rights for which there is no room in the buffer or in the table are closed,
// and MSG_CTRUNC says so.
func (l *local) deliver(ctx *sys.Context, m *Msg, files []*sys.OpenFile, ctl []abi.Cmsg) {
	for _, c := range ctl {
		m.AddControl(c.Level, c.Type, c.Data)
	}
	if len(files) == 0 {
		return
	}
	room := (m.ControlMax - len(m.Control) - abi.CmsghdrSize) / 4
	var fds []byte
	taken := 0
	if m.Fds != nil {
		for taken < len(files) && taken < room {
			fd, e := m.Fds.Install(files[taken])
			if e != 0 {
				break
			}
			fds = binary.LittleEndian.AppendUint32(fds, uint32(fd))
			taken++
		}
	}
	for _, f := range files[taken:] {
		f.Unref(ctx)
	}
	if taken > 0 {
		m.AddControl(abi.SOL_SOCKET, abi.SCM_RIGHTS, fds)
	}
	if taken < len(files) {
		m.OutFlags |= abi.MSG_CTRUNC
	}
}

// collectable takes the rights out of sockets that no descriptor can reach:
// those whose every reference is in flight, in a message to another of their
// kind.
func (l *local) collectable() []*sys.OpenFile {
	t := &l.rights
	t.gate.Lock()
	defer t.gate.Unlock()
	t.mu.Lock()
	if t.total == 0 {
		t.mu.Unlock()
		return nil
	}
	inflight, sockets := maps.Clone(t.inflight), maps.Clone(t.sockets)
	t.mu.Unlock()
	// Candidates: sockets held by messages alone. Sockets made from now on hold
	// no rights while the gate is shut.
	cand := map[*unixPCB]bool{}
	for f, n := range inflight {
		so, ok := f.Ops.(*Socket)
		if !ok || f.Refs() > n {
			continue
		}
		if p, ok := so.pcb.(*unixPCB); ok {
			cand[p] = true
		}
	}
	if len(cand) == 0 {
		return nil
	}
	// A connection in a candidate's queue is reachable only through it.
	l.mu.Lock()
	for p := range sockets {
		if p.queued != nil && cand[p.queued] {
			cand[p] = true
		}
	}
	queues := map[*unixPCB][]*unixPCB{}
	for p := range cand {
		queues[p] = append([]*unixPCB(nil), p.queue...)
	}
	l.mu.Unlock()
	// Mark from everything that is not a candidate.
	var work []*unixPCB
	for p := range sockets {
		if !cand[p] {
			work = append(work, p)
		}
	}
	reach := func(p *unixPCB) {
		if cand[p] {
			delete(cand, p)
			work = append(work, p)
		}
	}
	for len(work) > 0 {
		p := work[len(work)-1]
		work = work[:len(work)-1]
		for _, n := range queues[p] {
			reach(n)
		}
		p.rcv.rights(func(f *sys.OpenFile) {
			if so, ok := f.Ops.(*Socket); ok {
				if q, ok := so.pcb.(*unixPCB); ok {
					reach(q)
				}
			}
		})
	}
	// What is left is garbage: take the rights out of it.
	var files []*sys.OpenFile
	for p := range cand {
		p.rcv.mu.Lock()
		files = append(files, p.rcv.flush()...)
		p.rcv.mu.Unlock()
	}
	return files
}

// collect is unp_gc. It is called at each close of a local socket, and looks at once if
// there are few sockets or many closes since: a look takes time with the number of sockets,
// and holds up all who pass rights, so that closing a great many must not mean as many
// looks. Otherwise it looks a little later.
func (l *local) collect(ctx *sys.Context) {
	const few, share = 64, 4
	t := &l.rights
	t.mu.Lock()
	t.closes++
	look := len(t.sockets) < few || t.closes > len(t.sockets)/share
	later := !look && !t.late && t.total > 0
	if look {
		t.closes = 0
	}
	t.late = t.late || later
	wait := max(10*time.Millisecond, 10*t.took)
	t.mu.Unlock()
	if look {
		l.look(ctx)
	} else if later {
		time.AfterFunc(wait, func() {
			t.mu.Lock()
			t.late, t.closes = false, 0
			t.mu.Unlock()
			l.look(&sys.Context{Thread: sched.NewThread("unp_gc"), Cred: &sys.Cred{}})
		})
	}
}

// press looks when a great many more are in flight than after the last look: sockets that
// hold nothing but each other are never closed, so nothing else makes the collector look.
func (l *local) press(ctx *sys.Context) {
	const least = 1000
	t := &l.rights
	t.mu.Lock()
	look := t.total > max(least, t.most)
	t.mu.Unlock()
	if look {
		l.look(ctx)
		t.mu.Lock()
		t.most = 2 * t.total
		t.mu.Unlock()
	}
}

// look finds garbage and closes it.
func (l *local) look(ctx *sys.Context) {
	t := &l.rights
	began := time.Now()
	files := l.collectable()
	t.mu.Lock()
	t.took = time.Since(began)
	t.mu.Unlock()
	t.drop(ctx, files)
}
