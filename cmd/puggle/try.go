package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"puggle/kernel"
)

// tryPrograms are the sources of what try builds.
//
//go:embed try
var tryPrograms embed.FS

func tryCmd() *cobra.Command {
	var t tour
	c := &cobra.Command{
		Use:   "try [flags]",
		Short: "See it work: build programs for macOS with the local Go, and run them here",
		Long: `Try builds a small set of programs for darwin/amd64 with the Go toolchain of this
machine and runs them in a kernel that it boots: a hello, child processes, a web
server, a loop of kernel calls, and tests of Go's own standard library. It shows
the machine while it works, and says at the end what went well.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			t.packages = []string{"strings", "os", "net/http"}
			return t.run()
		},
	}
	c.Flags().BoolVar(&t.quick, "quick", false, "leave out the tests of the standard library")
	c.Flags().BoolVarP(&t.verbose, "verbose", "v", false, "print what go test prints")
	return c
}

// tour is one run of try.
type tour struct {
	quick, verbose bool
	packages       []string // of the standard library

	dir    string // of the built programs
	sys    *kernel.System
	ok     int
	failed []string
}

func (t *tour) run() error {
	if _, err := exec.LookPath("go"); err != nil {
		return errors.New("try needs the go command on PATH: see https://go.dev/dl")
	}
	dir, err := os.MkdirTemp("", "puggle-try")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	t.dir = dir
	begin := time.Now()
	if err := t.build(); err != nil {
		return err
	}
	if err := t.boot(); err != nil {
		return err
	}
	t.step("hello", func() (string, error) { return t.program("hello") })
	t.step("child processes", func() (string, error) { return t.program("child") })
	t.step("web server", t.web)
	t.step("kernel calls", func() (string, error) { return t.program("calls") })
	t.sys.Close()
	if !t.quick {
		for _, p := range t.packages {
			t.step("go test -short "+p, func() (string, error) { return t.goTest(p) })
		}
	}
	fmt.Println()
	if len(t.failed) > 0 {
		fmt.Printf("FAIL: %d of %d steps did not work: %s\n", len(t.failed), t.ok+len(t.failed), strings.Join(t.failed, ", "))
		return exitStatus(1)
	}
	fmt.Printf("ok: all %d steps worked, %.1f s in all. For daily use:\n\n"+
		"    go install ./cmd/...        # and $(go env GOPATH)/bin on PATH\n"+
		"    GOOS=darwin GOARCH=amd64 go test ./...\n", t.ok, time.Since(begin).Seconds())
	return nil
}

// step does one thing and says how it went. What it prints is indented.
func (t *tour) step(name string, f func() (string, error)) {
	begin := time.Now()
	out, err := f()
	took := time.Since(begin)
	mark := "ok  "
	if err != nil {
		mark = "FAIL"
		t.failed = append(t.failed, name)
	} else {
		t.ok++
	}
	fmt.Printf("%s  %-24s %6.2f s\n", mark, name, took.Seconds())
	if out = strings.TrimRight(out, "\n"); out != "" {
		fmt.Println("      " + strings.ReplaceAll(out, "\n", "\n      "))
	}
	if err != nil {
		fmt.Println("      " + err.Error())
	}
}

// build compiles the programs for darwin/amd64.
func (t *tour) build() (err error) {
	t.step("build for darwin/amd64", func() (string, error) {
		err = fs.WalkDir(tryPrograms, "try", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := tryPrograms.ReadFile(p)
			if err != nil {
				return err
			}
			to := filepath.Join(t.dir, "src", p)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return err
			}
			return os.WriteFile(to, b, 0o644)
		})
		if err != nil {
			return "", err
		}
		src := filepath.Join(t.dir, "src")
		if err = os.WriteFile(filepath.Join(src, "go.mod"), []byte("module try\n\ngo 1.24\n"), 0o644); err != nil {
			return "", err
		}
		cmd := exec.Command("go", "build", "-o", t.dir+"/", "./...")
		cmd.Dir, cmd.Env = src, darwinEnv()
		out, e := cmd.CombinedOutput()
		if err = e; e != nil {
			err = fmt.Errorf("go build: %w", e)
		}
		return string(out), err
	})
	return err
}

// darwinEnv is the environment for the go command.
func darwinEnv() []string {
	return append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
}

func (t *tour) boot() (err error) {
	t.step("boot a kernel", func() (string, error) {
		t.sys, err = kernel.Boot(kernel.Config{})
		return "", err
	})
	return err
}
