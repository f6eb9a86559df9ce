package hostile

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMalformed runs files that are not quite programs: one clear line and 126
// each. machine/.. and macho fuzz the parser; here the whole way counts.
func TestMalformed(t *testing.T) {
	good, err := os.ReadFile(guest)
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	change := func(f func(b []byte)) []byte {
		b := append([]byte(nil), good...)
		f(b)
		return b
	}
	for name, b := range map[string][]byte{
		"empty":      {},
		"a byte":     {0xcf},
		"magic":      good[:4],
		"header":     good[:32],
		"half":       good[:48],
		"truncated":  good[:len(good)/3],
		"text":       []byte("hello, world\n"),
		"elf":        []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
		"ncmds":      change(func(b []byte) { le.PutUint32(b[16:], 1<<31) }),
		"sizeofcmds": change(func(b []byte) { le.PutUint32(b[20:], 1<<31) }),
		"cmdsize 0":  change(func(b []byte) { le.PutUint32(b[36:], 0) }),
		"cmdsize":    change(func(b []byte) { le.PutUint32(b[36:], 0xfffffff0) }),
		"dylib":      change(func(b []byte) { le.PutUint32(b[12:], 6) }),
		"arm64":      change(func(b []byte) { le.PutUint32(b[4:], 0x100000c) }),
		"fat loop":   {0xca, 0xfe, 0xba, 0xbe, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "prog")
			if err := os.WriteFile(file, b, 0o755); err != nil {
				t.Fatal(err)
			}
			o := run(t, nil, file)
			if o.status != 126 || o.stdout != "" || strings.Count(o.stderr, "\n") != 1 || !strings.HasPrefix(o.stderr, "puggle: ") {
				t.Errorf("%v", o)
			}
		})
	}
}

// TestMutated changes bytes of a good program's head at random: it may run, die
// or be refused, but it is never the kernel that breaks.
func TestMutated(t *testing.T) {
	good, err := os.ReadFile(guest)
	if err != nil {
		t.Fatal(err)
	}
	n := 60
	if *big {
		n = 2000
	}
	file := filepath.Join(t.TempDir(), "prog")
	size := 32 + int(binary.LittleEndian.Uint32(good[20:]))
	statuses := map[int]int{}
	for i := range n {
		rnd := rand.New(rand.NewPCG(uint64(i), 7))
		b := append([]byte(nil), good...)
		what := ""
		for range 1 + rnd.IntN(3) {
			off := rnd.IntN(size)
			if off < 8 {
				off += 8
			}
			b[off] = []byte{0, 1, 0x7f, 0x80, 0xff, byte(rnd.Uint32())}[rnd.IntN(6)]
			what += fmt.Sprintf(" [%#x]=%#x", off, b[off])
		}
		os.Remove(file)
		if err := os.WriteFile(file, b, 0o755); err != nil {
			t.Fatal(err)
		}
		o := runFor(t, 10*time.Second, nil, file, "hello")
		if o.status == 125 || strings.Contains(o.stderr, "kernel panic") || strings.Contains(o.stderr, "puggle/kernel.") {
			t.Errorf("seed %d,%s: %v", i, what, o)
		}
		if o.status == 126 && strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("seed %d,%s: not one line: %v", i, what, o)
		}
		statuses[o.status]++
	}
	t.Logf("statuses: %v", statuses)
	if statuses[126] == 0 || statuses[0] == 0 {
		t.Errorf("no file was refused, or none ran: %v", statuses)
	}
}
