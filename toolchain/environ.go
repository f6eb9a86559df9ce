package toolchain

import (
	"os"
	"path/filepath"
	"strings"
)

// Find gives the GOROOT for guests that was built from the GOROOT host, "" if
// there is none.
func Find(host string) string {
	b, err := os.ReadFile(filepath.Join(host, "VERSION"))
	if err != nil {
		return ""
	}
	version, _, _ := strings.Cut(string(b), "\n")
	root := dir(strings.TrimSpace(version))
	if !whole(root, host) {
		return ""
	}
	return root
}

// Environ is env for a guest that finds the go command of root first. The build
// cache is the host's, as it would be for the same command outside; a GOCACHE in
// env stays.
func Environ(env []string, root string) []string {
	var l []string
	path, cache := "", ""
	for _, e := range env {
		switch k, v, _ := strings.Cut(e, "="); k {
		case "GOROOT":
		case "PATH":
			path = v
		case "GOCACHE":
			cache = v
		default:
			l = append(l, e)
		}
	}
	bin := filepath.Join(root, "bin")
	if path != "" {
		bin += string(filepath.ListSeparator) + path
	}
	if cache == "" {
		if d, err := os.UserCacheDir(); err == nil {
			cache = filepath.Join(d, "go-build")
		}
	}
	l = append(l, "GOROOT="+root, "PATH="+bin)
	if cache != "" {
		l = append(l, "GOCACHE="+cache)
	}
	return l
}

// Bind is a directory of the host to be shown at another path in the machine.
type Bind struct{ Guest, Host string }

// ForTest is the environment of a program that the go command runs (test, run and
// generate put their own bin directory first into PATH), and what it is to see in
// other places: with the toolchain for guests if that of the same GOROOT was
// built, else env as it is. The commands for guests lie over the host's, so that
// GOROOT is the same path inside and outside: tests compare the two.
func ForTest(env []string) ([]string, []Bind) {
	path := ""
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			path = v
		}
	}
	for _, d := range filepath.SplitList(path) {
		st, err := os.Stat(filepath.Join(d, "go"))
		if err != nil || st.IsDir() || !filepath.IsAbs(d) {
			continue
		}
		// The first go is the one that the program would run.
		host := filepath.Dir(d)
		root := Find(host)
		if root == "" {
			return env, nil
		}
		var binds []Bind
		for _, sub := range []string{"bin", filepath.Join("pkg", "tool")} {
			b := Bind{filepath.Join(host, sub), filepath.Join(root, sub)}
			if st, err := os.Stat(b.Guest); err != nil || !st.IsDir() {
				return Environ(env, root), nil // an unusual tree: a GOROOT of its own will do
			}
			binds = append(binds, b)
		}
		return Environ(env, host), binds
	}
	return env, nil
}
