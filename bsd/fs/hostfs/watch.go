package hostfs

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"puggle/bsd/vfs"
)

// NOTE_* of EVFILT_VNODE (<sys/event.h>).
const (
	noteDelete = 0x1
	noteWrite  = 0x2
	noteAttrib = 0x8
	noteLink   = 0x10
	noteRename = 0x20
)

// What inotify is asked for. Of a directory only its names are of interest.
const (
	fileMask = unix.IN_MODIFY | unix.IN_ATTRIB | unix.IN_MOVE_SELF | unix.IN_DELETE_SELF
	dirNames = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO
	dirMask  = dirNames | unix.IN_ATTRIB | unix.IN_MOVE_SELF | unix.IN_DELETE_SELF
)

// settle is how long an event waits: a change by the machine itself has been told by
// then, and the vnode knows (vfs.Outside).
const settle = 20 * time.Millisecond

// watchers are the host's inotify, one for all machines in the process, made when
// the first file is watched. If the host has none left, or half of what its user may watch
// is watched by us already, changes from outside are not seen.
var watchers struct {
	once sync.Once
	file *os.File // nil: there is none
	fd   int
	most int // files

	mu sync.Mutex
	by map[int32][]*watch // watch descriptors; one file may be in several file systems
}

// watch is one vnode's. It holds while the vnode has a descriptor.
type watch struct {
	n     *node
	wd    int32
	nlink uint64
	tell  func(note uint32)
}

// Watch is vfs.Outside: the host's other programs change files.
func (n *node) Watch(tell func(note uint32)) (stop func()) {
	ws := &watchers
	ws.once.Do(startWatchers)
	if ws.file == nil {
		return func() {}
	}
	mask := uint32(fileMask)
	if n.v.Type == vfs.VDIR {
		mask = dirMask
	}
	w := &watch{n: n, tell: tell}
	var st unix.Stat_t
	fd := n.any()
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if len(ws.by) >= ws.most {
		return func() {}
	}
	wd, err := unix.InotifyAddWatch(ws.fd, procFd(fd), mask)
	if err != nil || unix.Fstat(fd, &st) != nil {
		return func() {}
	}
	w.wd, w.nlink = int32(wd), uint64(st.Nlink)
	ws.by[w.wd] = append(ws.by[w.wd], w)
	return w.stop
}

func (w *watch) stop() {
	ws := &watchers
	ws.mu.Lock()
	defer ws.mu.Unlock()
	l := ws.by[w.wd]
	for i := range l {
		if l[i] == w {
			l = append(l[:i:i], l[i+1:]...)
			break
		}
	}
	if len(l) > 0 {
		ws.by[w.wd] = l
		return
	}
	delete(ws.by, w.wd)
	unix.InotifyRmWatch(ws.fd, uint32(w.wd)) // it may have gone with the file
}

func startWatchers() {
	ws := &watchers
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return
	}
	// inotify(7): what all programs of the user may watch.
	ws.most = 4096
	if b, err := os.ReadFile("/proc/sys/fs/inotify/max_user_watches"); err == nil {
		if n, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil {
			ws.most = n / 2
		}
	}
	ws.fd, ws.file, ws.by = fd, os.NewFile(uintptr(fd), "inotify"), map[int32][]*watch{}
	go readWatchers(ws.file)
}

// readWatchers reads events for ever, and tells of them.
func readWatchers(f *os.File) {
	buf := make([]byte, 64<<10)
	le := binary.LittleEndian
	for {
		n, err := f.Read(buf)
		if err != nil {
			return
		}
		time.Sleep(settle)
		for b := buf[:n]; len(b) >= unix.SizeofInotifyEvent; {
			wd, mask, size := int32(le.Uint32(b)), le.Uint32(b[4:]), le.Uint32(b[12:])
			named := size > 0
			b = b[min(unix.SizeofInotifyEvent+int(size), len(b)):]
			for _, t := range happened(wd, mask, named) {
				t()
			}
		}
	}
}

// happened is what is to be told of one event, to whom.
func happened(wd int32, mask uint32, named bool) []func() {
	ws := &watchers
	ws.mu.Lock()
	defer ws.mu.Unlock()
	var l []func()
	if mask&unix.IN_Q_OVERFLOW != 0 {
		// Something has happened to any of them.
		for _, all := range ws.by {
			for _, w := range all {
				l = append(l, func() { w.tell(noteWrite | noteAttrib) })
			}
		}
	}
	for _, w := range ws.by[wd] {
		if note := w.note(mask, named); note != 0 {
			l = append(l, func() { w.tell(note) })
		}
	}
	return l
}

// note translates an event; named says that it is about a name in the directory. The
// lock of the watchers is held, so the vnode has its descriptor.
func (w *watch) note(mask uint32, named bool) uint32 {
	note := uint32(0)
	if mask&unix.IN_MODIFY != 0 {
		note |= noteWrite
	}
	if mask&dirNames != 0 {
		note |= noteWrite
		if mask&unix.IN_ISDIR != 0 {
			note |= noteLink
		}
	}
	if mask&unix.IN_MOVE_SELF != 0 {
		note |= noteRename
	}
	if mask&unix.IN_DELETE_SELF != 0 {
		note |= noteDelete
	}
	if mask&unix.IN_ATTRIB != 0 && !named {
		// The number of names is an attribute to the host; we hold the file, so
		// this is how it tells of the last one's end.
		var st unix.Stat_t
		if unix.Fstat(w.n.any(), &st) == nil {
			switch now := uint64(st.Nlink); {
			case now == 0 && w.nlink != 0:
				note |= noteDelete
			case now != w.nlink && w.n.v.Type != vfs.VDIR: // a directory's are its children's
				note |= noteLink
			default:
				note |= noteAttrib
			}
			w.nlink = uint64(st.Nlink)
		}
	}
	return note
}
