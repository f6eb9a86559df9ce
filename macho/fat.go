package macho

import (
	"encoding/binary"
	"io"
)

// Slice is one architecture of a fat file, or the whole of a thin one.
type Slice struct {
	CPU     CPU
	SubType uint32
	Offset  int64
	Size    int64
}

// Slices lists what a file holds: the architectures of a fat file, in order,
// or the one of a thin file. Every slice lies inside the file, and no slice
// is itself a fat file by the time Parse is done with it.
func Slices(r io.ReaderAt, size int64, lim Limits) ([]Slice, error) {
	lim = lim.orDefault()
	var h [12]byte
	if size < int64(len(h)) {
		return nil, bad(-1, "file is too short (%d bytes)", size)
	}
	if err := readFull(r, h[:], 0); err != nil {
		return nil, err
	}
	be, le := binary.BigEndian, binary.LittleEndian
	switch magic := be.Uint32(h[:]); magic {
	case FatMagic, FatMagic64:
		return fatSlices(r, size, magic == FatMagic64, be.Uint32(h[4:]), lim)
	}
	if m := le.Uint32(h[:]); m != Magic64 {
		return nil, badMagic(m)
	}
	return []Slice{{CPU(le.Uint32(h[4:])), le.Uint32(h[8:]), 0, size}}, nil
}

func fatSlices(r io.ReaderAt, size int64, wide bool, n uint32, lim Limits) ([]Slice, error) {
	if n == 0 || n > lim.Slices {
		return nil, bad(4, "fat file with %d architectures (1 to %d are supported)", n, lim.Slices)
	}
	entry := int64(20)
	if wide {
		entry = 32
	}
	if 8+entry*int64(n) > size {
		return nil, bad(8, "fat header is cut short")
	}
	buf := make([]byte, entry*int64(n))
	if err := readFull(r, buf, 8); err != nil {
		return nil, err
	}
	be := binary.BigEndian
	out := make([]Slice, n)
	for i := range out {
		b := buf[int64(i)*entry:]
		s := Slice{CPU: CPU(be.Uint32(b)), SubType: be.Uint32(b[4:])}
		var off, length uint64
		if wide {
			off, length = be.Uint64(b[8:]), be.Uint64(b[16:])
		} else {
			off, length = uint64(be.Uint32(b[8:])), uint64(be.Uint32(b[12:]))
		}
		if !inside(off, length, uint64(size)) {
			return nil, bad(8+int64(i)*entry, "architecture %d of a fat file lies outside the file", i)
		}
		s.Offset, s.Size = int64(off), int64(length)
		out[i] = s
	}
	return out, nil
}

// Select takes the first slice for cpu. ok is false if there is none.
func Select(slices []Slice, cpu CPU) (s Slice, ok bool) {
	for _, s := range slices {
		if s.CPU == cpu {
			return s, true
		}
	}
	return Slice{}, false
}

// Open parses the part of a fat or thin file that is for cpu. The error for a
// file without such a part is ErrCPU (EBADARCH to a guest), which names what the
// file has.
func Open(r io.ReaderAt, size int64, cpu CPU, lim Limits) (*File, Slice, error) {
	slices, err := Slices(r, size, lim)
	if err != nil {
		return nil, Slice{}, err
	}
	s, ok := Select(slices, cpu)
	if !ok {
		return nil, Slice{}, &CPUError{Want: cpu, Have: slices}
	}
	f, err := Parse(io.NewSectionReader(r, s.Offset, s.Size), s.Size, lim)
	if err == nil && f.CPU != cpu {
		err = bad(4, "the fat header says %v but the image is for %v", cpu, f.CPU)
	}
	if err != nil {
		return nil, Slice{}, err
	}
	return f, s, nil
}

// CPUError is returned by Open for a file without a slice for the processor.
type CPUError struct {
	Want CPU
	Have []Slice
}

func (e *CPUError) Error() string {
	s := "bad CPU type in executable: it has "
	for i, h := range e.Have {
		if i > 0 {
			s += ", "
		}
		s += h.CPU.String()
	}
	return s + " and not " + e.Want.String()
}

func badMagic(m uint32) error {
	switch m {
	case Magic32:
		return bad(0, "32-bit images are not supported")
	case Cigam64:
		return bad(0, "big-endian images are not supported")
	}
	return bad(0, "not a Mach-O file (magic %#08x)", m)
}
