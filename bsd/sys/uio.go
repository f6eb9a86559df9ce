package sys

// Uio is a uio_t: the memory side of a transfer. Its segments are windows on
// physical memory (pinned by the maker for the length of the call) or ordinary
// kernel memory; a guest may change them while they are used, so what is read
// from one is read once.
type Uio struct {
	Iov    [][]byte
	Offset int64 // file position; advanced by the object that is read or written
	Resid  int64 // bytes still to go
	// HasOffset says that Offset was given by the caller (pread, pwrite):
	// streams refuse it with ESPIPE.
	HasOffset bool
}

// NewUio makes a Uio over kernel memory or pinned guest memory.
func NewUio(iov ...[]byte) *Uio {
	u := &Uio{Iov: iov}
	for _, b := range iov {
		u.Resid += int64(len(b))
	}
	return u
}

// Next is the next segment with room or data, nil when Resid is 0.
func (u *Uio) Next() []byte {
	for len(u.Iov) > 0 && len(u.Iov[0]) == 0 {
		u.Iov = u.Iov[1:]
	}
	if len(u.Iov) == 0 {
		return nil
	}
	return u.Iov[0]
}

// Advance records that n bytes were moved, 0 <= n <= Resid.
func (u *Uio) Advance(n int) {
	u.Resid -= int64(n)
	u.Offset += int64(n)
	for n > 0 {
		if n < len(u.Iov[0]) {
			u.Iov[0] = u.Iov[0][n:]
			return
		}
		n -= len(u.Iov[0])
		u.Iov = u.Iov[1:]
	}
}

// CopyIn is uiomove for a read by the guest: it moves from src into the
// segments and returns how many bytes went.
func (u *Uio) CopyIn(src []byte) int {
	total := 0
	for len(src) > 0 && u.Resid > 0 {
		n := copy(u.Next(), src)
		src = src[n:]
		u.Advance(n)
		total += n
	}
	return total
}

// CopyOut is uiomove for a write by the guest: it moves from the segments into
// dst and returns how many bytes went.
func (u *Uio) CopyOut(dst []byte) int {
	total := 0
	for len(dst) > 0 && u.Resid > 0 {
		n := copy(dst, u.Next())
		dst = dst[n:]
		u.Advance(n)
		total += n
	}
	return total
}
