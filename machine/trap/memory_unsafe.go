package trap

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"github.com/google/btree"
	"golang.org/x/sys/unix"

	"puggle/machine"
)

// memory is physical memory: one sparse memfd, mapped whole.
type memory struct {
	fd    int
	base  []byte // the window
	size  uint64
	limit uint64

	closing sync.RWMutex // held for reading while fd is used
	closed  bool

	mu     sync.Mutex
	next   machine.Phys // all above is free
	byAddr *btree.BTreeG[extent]
	bySize *btree.BTreeG[extent]
	own    *btree.BTreeG[extent] // by address: the machine's own, see own.go

	pending pending // freed, and not yet the host's
}

type extent struct {
	p machine.Phys
	n uint64
}

// windowSizes are tried in turn: physical addresses are plentiful where the
// host allows a large mapping.
var windowSizes = []uint64{1 << 40, 64 << 30}

func newMemory(limit uint64) (*memory, error) {
	fd, err := unix.MemfdCreate("puggle-memory", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	for _, size := range windowSizes {
		if err = unix.Ftruncate(fd, int64(size)); err != nil {
			continue
		}
		addr, _, errno := unix.Syscall6(unix.SYS_MMAP, 0, uintptr(size), unix.PROT_READ|unix.PROT_WRITE,
			unix.MAP_SHARED|unix.MAP_NORESERVE, uintptr(fd), 0)
		if errno != 0 {
			err = errno
			continue
		}
		m := &memory{
			fd:     fd,
			base:   unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&addr))), size),
			size:   size,
			limit:  limit,
			next:   paFree,
			byAddr: btree.NewG(16, func(a, b extent) bool { return a.p < b.p }),
			own:    btree.NewG(16, func(a, b extent) bool { return a.p < b.p }),
			bySize: btree.NewG(16, func(a, b extent) bool { return a.n < b.n || a.n == b.n && a.p < b.p }),
		}
		return m, nil
	}
	unix.Close(fd)
	limits := "is the address space limited, ulimit -v?"
	if errors.Is(err, unix.EFBIG) {
		limits = "is the size of files limited, ulimit -f?"
	}
	return nil, fmt.Errorf("can't map physical memory (%s): %w", limits, err)
}

// close gives all pages back to the host. The window stays: a goroutine that is
// late reads zeros rather than fault. It costs address space only, enough for a
// hundred machines in one process. What is freed late doesn't touch fd, which may be
// another machine's by then.
func (m *memory) close() {
	m.Discard(0, m.size)
	m.closing.Lock()
	defer m.closing.Unlock()
	m.closed = true
	unix.Close(m.fd)
}

func (m *memory) Alloc(n uint64) (machine.Phys, error) {
	if n == 0 || n%machine.PageSize != 0 || n > m.size {
		return machine.NoPhys, machine.ErrNoMemory
	}
	p, err := m.take(n)
	if err != nil {
		m.flush() // what is free, and not yet known to be
		p, err = m.take(n)
	}
	return p, err
}

// take is Alloc among what is known to be free.
func (m *memory) take(n uint64) (machine.Phys, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var best extent
	m.bySize.AscendGreaterOrEqual(extent{0, n}, func(e extent) bool {
		best = e
		return false
	})
	if best.n != 0 {
		m.byAddr.Delete(best)
		m.bySize.Delete(best)
		if best.n > n {
			rest := extent{best.p + machine.Phys(n), best.n - n}
			m.byAddr.ReplaceOrInsert(rest)
			m.bySize.ReplaceOrInsert(rest)
		}
		return best.p, nil
	}
	if uint64(m.next)+n > m.size {
		return machine.NoPhys, machine.ErrNoMemory
	}
	p := m.next
	m.next += machine.Phys(n)
	return p, nil
}

func (m *memory) Discard(p machine.Phys, n uint64) {
	m.closing.RLock()
	defer m.closing.RUnlock()
	if m.closed {
		return
	}
	if err := unix.Fallocate(m.fd, unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, int64(p), int64(n)); err != nil {
		// The extent must read as zero whatever happens.
		clear(m.Bytes(p, n))
	}
}

func (m *memory) Bytes(p machine.Phys, n uint64) []byte {
	return m.base[p : uint64(p)+n : uint64(p)+n]
}

func (m *memory) Resident() uint64 {
	m.flush()
	m.closing.RLock()
	defer m.closing.RUnlock()
	var st unix.Stat_t
	if m.closed || unix.Fstat(m.fd, &st) != nil {
		return 0
	}
	return uint64(st.Blocks) * 512
}

func (m *memory) Limit() uint64 { return m.limit }

// NextResident finds the first run of pages within [p, p+n) that take up memory
// of the host: paging needs to know.
func (m *memory) NextResident(p machine.Phys, n uint64) (at machine.Phys, size uint64, ok bool) {
	const seekData, seekHole = 3, 4
	from, err := unix.Seek(m.fd, int64(p), seekData)
	if err != nil || uint64(from) >= uint64(p)+n {
		return 0, 0, false
	}
	end, err := unix.Seek(m.fd, from, seekHole)
	if err != nil {
		return 0, 0, false
	}
	from &^= machine.PageMask
	return machine.Phys(from), min(uint64(end)+machine.PageMask, uint64(p)+n)&^machine.PageMask - uint64(from), true
}
