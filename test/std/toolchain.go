package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Some tests build programs, so they need a go command that runs where they run.
// guestRoot makes a GOROOT for guests: this toolchain's own tree by symbolic
// links, with go and its tools built for darwin. It is kept in the user's cache
// directory, for the next time.
func guestRoot() (string, error) {
	out, err := goOutput(nil, "env", "GOROOT", "GOVERSION")
	if err != nil {
		return "", err
	}
	host, version, _ := strings.Cut(strings.TrimSpace(out), "\n")
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	root := filepath.Join(cache, "puggle", version+"-darwin-amd64")
	if _, err := os.Stat(filepath.Join(root, "complete")); err == nil {
		return root, nil
	}
	fmt.Fprintln(os.Stderr, "test/std: building a Go toolchain for the guests, in", root)
	if err := os.RemoveAll(root); err != nil {
		return "", err
	}
	tools := filepath.Join(root, "pkg", "tool", "darwin_amd64")
	for _, d := range []string{filepath.Join(root, "bin"), tools} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return "", err
		}
	}
	for _, from := range []string{host, filepath.Join(host, "pkg")} {
		entries, err := os.ReadDir(from)
		if err != nil {
			return "", err
		}
		for _, e := range entries {
			if n := e.Name(); n != "bin" && n != "pkg" && n != "tool" {
				rel, _ := filepath.Rel(host, from)
				if err := os.Symlink(filepath.Join(from, n), filepath.Join(root, rel, n)); err != nil {
					return "", err
				}
			}
		}
	}
	env := append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	build := [][]string{{"build", "-o", filepath.Join(root, "bin") + "/", "cmd/go", "cmd/gofmt"}, {"build", "-o", tools + "/"}}
	entries, err := os.ReadDir(filepath.Join(host, "pkg", "tool"))
	if err != nil {
		return "", err
	}
	for _, arch := range entries {
		l, _ := os.ReadDir(filepath.Join(host, "pkg", "tool", arch.Name()))
		for _, t := range l {
			build[1] = append(build[1], "cmd/"+t.Name())
		}
		break // one host architecture has them all
	}
	for _, args := range build {
		if _, err := goOutput(env, args...); err != nil {
			return "", err
		}
	}
	return root, os.WriteFile(filepath.Join(root, "complete"), nil, 0o644)
}
