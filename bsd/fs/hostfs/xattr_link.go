package hostfs

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/vfs"
)

// Linux gives symbolic links no attributes of the class "user" and no mode of
// their own. Those that guests give them are kept here, as long as the machine is
// up; nobody else sees them.
type linkAttrs struct {
	mu    sync.Mutex
	m     map[linkKey]map[string][]byte
	size  int // bytes of all names and values
	modes map[linkKey]uint16
	any   atomic.Bool // modes has been used
}

// linkKey is a link that keeps its identity: the inode's number may be given out
// again, but then with another time of birth.
type linkKey struct {
	dev  uint64
	ino  uint64
	born unix.StatxTimestamp
}

// linkAttrsMax bounds what all links of a file system may hold, in bytes.
const linkAttrsMax = 4 << 20

func (n *node) symlink() bool { return n.v.Type == vfs.VLNK }

func (n *node) linkKey() (k linkKey, e abi.Errno) {
	var x unix.Statx_t
	if err := unix.Statx(n.any(), "", unix.AT_EMPTY_PATH, unix.STATX_INO|unix.STATX_BTIME, &x); err != nil {
		return k, xattrErrno(err)
	}
	return keyOf(&x), 0
}

func keyOf(x *unix.Statx_t) linkKey {
	return linkKey{uint64(x.Dev_major)<<32 | uint64(x.Dev_minor), x.Ino, x.Btime}
}

// linkModesMax bounds how many links have a mode.
const linkModesMax = 64 << 10

// chmod is lchmod. ENOSPC.
func (l *linkAttrs) chmod(n *node, mode uint16) abi.Errno {
	k, e := n.linkKey()
	if e != 0 {
		return e
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.modes[k]; !ok && len(l.modes) >= linkModesMax {
		return abi.ENOSPC
	}
	if l.modes == nil {
		l.modes = make(map[linkKey]uint16)
	}
	l.modes[k] = mode
	l.any.Store(true)
	return 0
}

// apply puts a link's own mode into st.
func (l *linkAttrs) apply(st *abi.Stat, x *unix.Statx_t) {
	if st.Mode&abi.S_IFMT != abi.S_IFLNK || !l.any.Load() {
		return
	}
	l.mu.Lock()
	if m, ok := l.modes[keyOf(x)]; ok {
		st.Mode = st.Mode&^0o7777 | m
	}
	l.mu.Unlock()
}

func (l *linkAttrs) get(n *node, name string) ([]byte, abi.Errno) {
	k, e := n.linkKey()
	if e != 0 {
		return nil, e
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	v, ok := l.m[k][name]
	if !ok {
		return nil, abi.ENOATTR
	}
	return slices.Clone(v), 0
}

func (l *linkAttrs) set(n *node, name string, value []byte, flags int) abi.Errno {
	k, e := n.linkKey()
	if e != 0 {
		return e
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	old, ok := l.m[k][name]
	switch {
	case ok && flags&abi.XATTR_CREATE != 0:
		return abi.EEXIST
	case !ok && flags&abi.XATTR_REPLACE != 0:
		return abi.ENOATTR
	}
	grow := len(value) - len(old)
	if !ok {
		grow += len(name) + 64
	}
	if l.size+grow > linkAttrsMax {
		return abi.ENOSPC
	}
	l.size += grow
	if l.m == nil {
		l.m = make(map[linkKey]map[string][]byte)
	}
	if l.m[k] == nil {
		l.m[k] = make(map[string][]byte)
	}
	l.m[k][name] = slices.Clone(value)
	return 0
}

func (l *linkAttrs) list(n *node) ([]string, abi.Errno) {
	k, e := n.linkKey()
	if e != 0 {
		return nil, e
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.m[k])), 0
}

func (l *linkAttrs) remove(n *node, name string) abi.Errno {
	k, e := n.linkKey()
	if e != 0 {
		return e
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	v, ok := l.m[k][name]
	if !ok {
		return abi.ENOATTR
	}
	l.size -= len(v) + len(name) + 64
	delete(l.m[k], name)
	if len(l.m[k]) == 0 {
		delete(l.m, k)
	}
	return 0
}
