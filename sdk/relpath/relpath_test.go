package main

import "testing"

func TestRelative(t *testing.T) {
	for _, c := range [][4]string{
		{"", "/a/b/c", "/a/d", "../../d"},
		{"", "/a", "/a", "."},
		{"", "/", "/a/b", "a/b"},
		{"/a", "/a/obj", "/a/src", "../src"},
		{"/a", "/a/obj", "/ab/src", "/ab/src"},
		{"/", "/a", "/b", "../b"},
	} {
		if got, err := relative(c[0], c[1], c[2]); err != nil || got != c[3] {
			t.Errorf("relpath -d %q %s %s: %q, %v; want %q", c[0], c[1], c[2], got, err, c[3])
		}
	}
}
