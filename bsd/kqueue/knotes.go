package kqueue

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
)

// FdLookup is what this room needs of a descriptor table.
type FdLookup interface {
	// Lookup gives the open file with a reference for the caller to drop;
	// EBADF.
	Lookup(fd int32) (*sys.OpenFile, abi.Errno)
	// Knotes is the table's own list of registrations.
	Knotes() *Knotes
}

// Knotes are the registrations that hang on the descriptors of one table. The
// zero value is ready; a table has one, and a copied table starts with a new one.
type Knotes struct {
	n  atomic.Int32
	mu sync.Mutex // after Kqueue.ops; nothing is taken under it
	fd map[int32][]*knote
}

func (k *Knotes) add(kn *knote) {
	k.mu.Lock()
	if k.fd == nil {
		k.fd = make(map[int32][]*knote)
	}
	fd := int32(kn.key.ident)
	k.fd[fd] = append(k.fd[fd], kn)
	k.n.Add(1)
	k.mu.Unlock()
}

func (k *Knotes) remove(kn *knote) {
	k.mu.Lock()
	defer k.mu.Unlock()
	fd := int32(kn.key.ident)
	list := k.fd[fd]
	for i, other := range list {
		if other == kn {
			list[i] = list[len(list)-1]
			list[len(list)-1] = nil
			if list = list[:len(list)-1]; len(list) == 0 {
				delete(k.fd, fd)
			} else {
				k.fd[fd] = list
			}
			k.n.Add(-1)
			return
		}
	}
}

// FdClose is knote_fdclose: the table calls it for each descriptor that goes
// (close, dup2 over it, close-on-exec, exit), after the entry is out of the
// table and before the file's reference is dropped, with no lock held. f is the file that
// went: the number may be another's by now, whose registrations stay. It costs
// one load when nothing is registered.
func (k *Knotes) FdClose(fd int32, f *sys.OpenFile) {
	if k.n.Load() == 0 {
		return
	}
	k.mu.Lock()
	var gone, stay []*knote
	for _, kn := range k.fd[fd] {
		if kn.file == f {
			gone = append(gone, kn)
		} else {
			stay = append(stay, kn)
		}
	}
	if len(stay) > 0 {
		k.fd[fd] = stay
	} else {
		delete(k.fd, fd)
	}
	k.n.Add(-int32(len(gone)))
	k.mu.Unlock()
	for _, kn := range gone {
		kn.kq.ops.Lock()
		if kn.wantVanish {
			kn.vanish()
		} else {
			kn.kq.drop(kn)
		}
		kn.kq.ops.Unlock()
	}
}

// vanish takes kn off its object and leaves it to be reported once with
// EV_VANISHED. ops is held.
func (kn *knote) vanish() {
	kn.kq.mu.Lock()
	if kn.status&(dropped|vanished) != 0 {
		kn.kq.mu.Unlock()
		return
	}
	kn.status |= vanished
	kn.kq.mu.Unlock()
	kn.filt.detach(kn)
	kn.poke()
}
