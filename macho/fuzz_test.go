package macho

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// FuzzParse reads everything that a file has to say. No input may panic,
// or make it allocate beyond the file's size in proportion.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"../dyld/testdata/1*/*", "testdata/*.o"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Add(fatFile([]byte("a thin file that is not"), false))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, _, err := Open(bytes.NewReader(b), int64(len(b)), CPUX86_64, Limits{})
		if err != nil {
			return
		}
		syms, err := file.Symbols()
		if err == nil {
			for i := range syms {
				if s := &syms[i]; s.Defined() && int(s.Sect) > len(file.Sections) {
					t.Fatalf("symbol %d in section %d", i, s.Sect)
				}
			}
		}
		file.DefinedSymbols()
		for i := range file.Sections {
			file.SectionData(&file.Sections[i])
			file.Relocs(&file.Sections[i])
		}
		for i := range file.Segments {
			s := &file.Segments[i]
			if s.VMAddr+s.VMSize < s.VMAddr || s.FileSize > 0 && s.FileOff+s.FileSize > uint64(file.Size) {
				t.Fatalf("segment %+v", s)
			}
		}
		trie, err := file.Trie()
		if err != nil {
			return
		}
		n := 0
		trie.Walk(func(e Export) bool {
			if n++; n < 100 {
				if got, ok, err := trie.Lookup(e.Name); err == nil && ok && got.Name != e.Name {
					t.Fatalf("looked up %q, found %q", e.Name, got.Name)
				}
			}
			return true
		})
		trie.Lookup("_main")
	})
}
