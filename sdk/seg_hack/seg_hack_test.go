package main

import (
	"bytes"
	"os"
	"testing"

	"puggle/macho"
)

// An object keeps everything but the names of its sections' segments.
func TestRename(t *testing.T) {
	was, err := os.ReadFile("../../examples/hello/hello.o")
	if err != nil {
		t.Fatal(err)
	}
	now := bytes.Clone(was)
	if err := rename(now, "__KLD"); err != nil {
		t.Fatal(err)
	}
	old, err := macho.Parse(bytes.NewReader(was), int64(len(was)), macho.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := macho.Parse(bytes.NewReader(now), int64(len(now)), macho.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Sections) == 0 || len(f.Sections) != len(old.Sections) {
		t.Fatalf("%d sections, %d before", len(f.Sections), len(old.Sections))
	}
	differ := 0
	for i := range f.Sections {
		if s := f.Sections[i]; s.Seg != "__KLD" || s.Name != old.Sections[i].Name {
			t.Errorf("section %s,%s was %s,%s", s.Seg, s.Name, old.Sections[i].Seg, old.Sections[i].Name)
		}
	}
	for i := range now {
		if now[i] != was[i] {
			differ++
		}
	}
	if differ == 0 || differ > 16*len(f.Sections) {
		t.Errorf("%d bytes differ, of %d sections' names", differ, len(f.Sections))
	}
}

func TestRenameRefuses(t *testing.T) {
	b, err := os.ReadFile("../../examples/hello/hello.o")
	if err != nil {
		t.Fatal(err)
	}
	app, err := os.ReadFile("../../examples/hello/hello_app")
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		b   []byte
		seg string
	}{"a long name": {b, "a_name_of_17_byte"}, "no name": {b, ""}, "a program": {app, "__KLD"}, "half an object": {b[:200], "__KLD"}, "text": {[]byte("hello"), "__KLD"}} {
		if rename(bytes.Clone(c.b), c.seg) == nil {
			t.Errorf("%s is taken", what)
		}
	}
}
