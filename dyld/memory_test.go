package dyld

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"puggle/abi"
	"puggle/macho"
)

// ram is a Memory for tests: one slice for each segment.
type ram struct {
	slide     func(*Image) uint64
	parts     []part
	protected map[uint64]abi.Prot
	writes    int
}

type part struct {
	img  *Image
	addr uint64
	b    []byte
}

const maxRAM = 64 << 20

func (m *ram) Map(img *Image) (uint64, error) {
	var slide uint64
	switch {
	case img.Prelinked != nil:
		slide = img.Prelinked.Slide
	case m.slide != nil:
		slide = m.slide(img)
	}
	for i := range img.Segments {
		s := &img.Segments[i]
		if s.Reserved() {
			continue
		}
		if s.Size > maxRAM {
			return 0, fmt.Errorf("segment of %d bytes", s.Size)
		}
		b := make([]byte, s.Size)
		if img.Prelinked != nil {
			copy(b, img.Prelinked.Data[i])
		} else if s.FileSize > 0 {
			if n, err := img.File.ReadAt(b[:s.FileSize], int64(s.FileOff)); n < int(s.FileSize) {
				return 0, err
			}
		}
		m.parts = append(m.parts, part{img, s.Addr + slide, b})
	}
	return slide, nil
}

func (m *ram) Unmap(img *Image) {
	var left []part
	for _, p := range m.parts {
		if p.img != img {
			left = append(left, p)
		}
	}
	m.parts = left
}

func (m *ram) at(addr uint64, n int) ([]byte, error) {
	for _, p := range m.parts {
		if off := addr - p.addr; off < uint64(len(p.b)) && uint64(n) <= uint64(len(p.b))-off {
			return p.b[off : off+uint64(n)], nil
		}
	}
	return nil, fmt.Errorf("no memory at %#x+%#x", addr, n)
}

func (m *ram) Read(addr uint64, b []byte) error {
	x, err := m.at(addr, len(b))
	copy(b, x)
	return err
}

func (m *ram) Write(addr uint64, b []byte) error {
	m.writes++
	x, err := m.at(addr, len(b))
	copy(x, b)
	return err
}

func (m *ram) Protect(addr, size uint64, prot abi.Prot) error {
	if m.protected == nil {
		m.protected = map[uint64]abi.Prot{}
	}
	m.protected[addr] = prot
	return nil
}

func (m *ram) word(t *testing.T, addr uint64) uint64 {
	t.Helper()
	b, err := m.at(addr, 8)
	if err != nil {
		t.Fatal(err)
	}
	return get64(b)
}

// dir is a Loader: guest paths to host files.
type dir map[string]string

func (d dir) Open(path string) (*Object, error) {
	host, ok := d[path]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return openFile(path, host)
}

func openFile(path, host string) (*Object, error) {
	b, err := os.ReadFile(host)
	if err != nil {
		return nil, err
	}
	return openBytes(path, b)
}

func openBytes(path string, b []byte) (*Object, error) {
	f, s, err := macho.Open(bytes.NewReader(b), int64(len(b)), macho.CPUX86_64, macho.Limits{})
	if err != nil {
		return nil, err
	}
	return &Object{Path: path, File: f, Slice: s}, nil
}

func fixtures(version string) dir {
	h := func(name string) string { return filepath.Join("testdata", version, name) }
	return dir{
		"/usr/lib/libSystem.B.dylib":  h("libSystem.B.dylib"),
		"/app/lib/libdemo.dylib":      h("libdemo.dylib"),
		"/app/main":                   h("main"),
		"/app/plug.bundle":            h("plug.bundle"),
		"/usr/lib/system/missing.lib": "/nonexistent",
	}
}
