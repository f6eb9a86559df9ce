package kext

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCheck finds the function that calls itself, and its frame, and nothing in what is well
// written.
func TestCheck(t *testing.T) {
	b, err := os.ReadFile("../kpi/testdata/misdeeds.o")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Check(b, 256)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(got, "recursion: deep calls deep") {
		t.Errorf("misdeeds.o: %q", got)
	}
	if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "deep: 5") && strings.HasSuffix(s, "more than 256") }) {
		t.Errorf("misdeeds.o: %q", got)
	}
	objects, _ := filepath.Glob("../examples/*/*.o")
	if len(objects) == 0 {
		t.Fatal("no examples")
	}
	for _, o := range objects {
		b, err := os.ReadFile(o)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Check(b, FrameLimit); err != nil || len(got) != 0 {
			t.Errorf("%s: %q, %v", o, got, err)
		}
	}
	// A circle of three, of which one is told.
	fns := []function{{name: "a", calls: []int{1}}, {name: "b", calls: []int{2, 3}}, {name: "c", calls: []int{0}}, {name: "d"}}
	var circles []string
	for i := range fns {
		if p := cycle(fns, i); p != nil {
			circles = append(circles, strings.Join(p, " "))
		}
	}
	if !slices.Equal(circles, []string{"a b c a"}) {
		t.Errorf("%q", circles)
	}
	if _, err := Check([]byte("no object"), 1); err == nil {
		t.Error("no object is one")
	}
}

func FuzzCheck(f *testing.F) {
	for _, o := range []string{"../kpi/testdata/misdeeds.o", "../examples/hello/hello.o"} {
		if b, err := os.ReadFile(o); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(_ *testing.T, b []byte) { Check(b, 100) })
}
