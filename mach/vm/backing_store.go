package vm

import (
	"errors"
	"math/bits"
	"os"
	"slices"
)

// slot is a page's place in the paging files: file number and page in it. Slots of
// one file that follow each other differ by one.
type slot uint32

const (
	slotBits  = 20
	filePages = 16 << 10 // 64 MB
	// When fewer pages than highWater are free, the dynamic pager makes a new
	// file; when more than lowWater are, it empties one and deletes it.
	highWater = filePages / 4
	lowWater  = filePages + filePages/2
	maxFiles  = 1<<(32-slotBits) - 1
)

// errPagingFull means that the paging files have reached their limit.
var errPagingFull = errors.New("vm: no paging space left")

// pagingFile is one file. It has no name on the host from the start, so that it
// ends with the machine, whatever happens.
type pagingFile struct {
	f    *os.File
	id   slot
	used [filePages / 64]uint64
	n    int // used pages
	hint int
}

// backingStore is the paging files and, as Mach calls who makes and deletes them,
// the dynamic pager. DefaultPager.mu guards it, except for reading and writing of
// slots that are taken.
type backingStore struct {
	dir     string
	most    int // pages
	files   []*pagingFile
	ids     []slot // of deleted files
	busy    int    // transfers in progress: no file goes away meanwhile
	made    int    // files ever made
	deleted int
}

func newBackingStore(dir string, most uint64) *backingStore {
	return &backingStore{dir: dir, most: int(min(most>>pageShift, maxFiles*filePages))}
}

func (s *backingStore) usage() (files int, total, used uint64) {
	for _, f := range s.files {
		total += filePages
		used += uint64(f.n)
	}
	return len(s.files), total, used
}

func (s *backingStore) freePages() (n int) {
	for _, f := range s.files {
		n += filePages - f.n
	}
	return n
}

// grow makes a file, if the limit allows one more.
func (s *backingStore) grow() error {
	if len(s.files) > 0 && (len(s.files)+1)*filePages > s.most || len(s.files) >= maxFiles {
		return errPagingFull
	}
	f, err := os.CreateTemp(s.dir, "puggle-swapfile")
	if err != nil {
		return err
	}
	os.Remove(f.Name())
	id := slot(s.made)
	if n := len(s.ids); n > 0 {
		id, s.ids = s.ids[n-1], s.ids[:n-1]
	} else if s.made++; s.made > maxFiles {
		f.Close()
		return errPagingFull
	}
	s.files = append(s.files, &pagingFile{f: f, id: id})
	return nil
}

// alloc takes up to n slots that follow each other, at least one.
func (s *backingStore) alloc(n int) (slot, int, error) {
	if s.freePages() < highWater {
		if err := s.grow(); err != nil && s.freePages() == 0 {
			return 0, 0, err
		}
	}
	limit := s.most
	for _, f := range s.files {
		limit -= f.n
	}
	if n = min(n, limit); n <= 0 {
		return 0, 0, errPagingFull
	}
	for _, f := range s.files {
		if f.n < filePages {
			at, k := f.alloc(n)
			return f.id<<slotBits | slot(at), k, nil
		}
	}
	return 0, 0, errPagingFull
}

// alloc finds the first free page from the hint on, and takes what is free
// behind it.
func (f *pagingFile) alloc(n int) (at, k int) {
	at = f.hint
	for f.used[at>>6]>>(at&63)&1 != 0 {
		if w := ^f.used[at>>6] >> (at & 63); w != 0 {
			at += bits.TrailingZeros64(w)
		} else {
			at = (at>>6 + 1) << 6 % filePages
		}
	}
	for k = 0; k < n && at+k < filePages && f.used[(at+k)>>6]>>((at+k)&63)&1 == 0; k++ {
		f.used[(at+k)>>6] |= 1 << ((at + k) & 63)
	}
	f.n += k
	f.hint = (at + k) % filePages
	return at, k
}

func (s *backingStore) file(x slot) *pagingFile {
	for _, f := range s.files {
		if f.id == x>>slotBits {
			return f
		}
	}
	return nil
}

func (s *backingStore) free(x slot) {
	f, at := s.file(x), int(x&(1<<slotBits-1))
	f.used[at>>6] &^= 1 << (at & 63)
	f.n--
}

func (f *pagingFile) offset(x slot) int64 { return int64(x&(1<<slotBits-1)) << pageShift }

func (p *DefaultPager) fileOf(x slot) *pagingFile {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.store.file(x)
}

func (s *backingStore) readAt(f *pagingFile, x slot, b []byte) error {
	_, err := f.f.ReadAt(b, f.offset(x))
	return err
}

func (s *backingStore) writeAt(f *pagingFile, x slot, b []byte) error {
	_, err := f.f.WriteAt(b, f.offset(x))
	return err
}

// victim is the file to be emptied, the one with the least in it, when there is
// more free than needed.
func (s *backingStore) victim() *pagingFile {
	if len(s.files) < 2 || s.freePages() < lowWater {
		return nil
	}
	return slices.MinFunc(s.files, func(a, b *pagingFile) int { return a.n - b.n })
}

// shrink deletes a file that is not needed any more: its pages move to others
// first. It is the dynamic pager's second half, and gives up when pages are on
// their way in: there is a next time.
func (p *DefaultPager) shrink() (deleted bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.store
	v := s.victim()
	if v == nil || s.busy > 0 {
		return false, nil
	}
	if v.n > 0 {
		if err := p.empty(v); err != nil {
			return false, err
		}
	}
	s.files = slices.DeleteFunc(s.files, func(f *pagingFile) bool { return f == v })
	s.ids = append(s.ids, v.id)
	s.deleted++
	return true, v.f.Close()
}

// empty moves all pages of v to other files; p.mu is held.
func (p *DefaultPager) empty(v *pagingFile) error {
	s := p.store
	var page [pageSize]byte
	for _, c := range p.chunks {
		for w := c.out; w != 0; w &= w - 1 {
			i := bits.TrailingZeros64(w)
			old := c.slot[i]
			if old>>slotBits != v.id {
				continue
			}
			if _, err := v.f.ReadAt(page[:], v.offset(old)); err != nil {
				return err
			}
			f := slices.MinFunc(s.files, func(a, b *pagingFile) int {
				if a == v || b == v { // v comes last
					if a == v {
						return 1
					}
					return -1
				}
				return a.n - b.n
			})
			if f.n == filePages {
				return errPagingFull
			}
			at, _ := f.alloc(1)
			x := f.id<<slotBits | slot(at)
			if _, err := f.f.WriteAt(page[:], f.offset(x)); err != nil {
				s.free(x)
				return err
			}
			s.free(old)
			c.slot[i] = x
		}
	}
	return nil
}
