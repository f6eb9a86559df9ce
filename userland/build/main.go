// Build makes userland/box.darwin-amd64.zst from userland/box, with Go, and
// userland/ioreg.darwin-amd64 from userland/ioreg, with clang-19 and ld64.lld-19. Run it from the
// module's root. The same sources and the same tools make the same bytes.
package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/klauspost/compress/zstd"
)

const (
	packed = "userland/box.darwin-amd64.zst"
	sum    = "userland/box.sum"
)

func main() {
	log.SetFlags(0)
	check := flag.Bool("check", false, "compare with what is there instead of writing")
	flag.Parse()
	if err := ioreg(*check); err != nil {
		log.Fatal(err)
	}
	now, err := sources()
	if err != nil {
		log.Fatal(err)
	}
	if *check {
		old, err := os.ReadFile(sum)
		if err != nil {
			log.Fatal(err)
		}
		have, goVersion, _ := strings.Cut(strings.TrimSpace(string(old)), " ")
		if have != now {
			log.Fatalf("%s is not built from these sources: go run ./userland/build", packed)
		}
		if goVersion != runtime.Version() {
			log.Printf("sources agree; not rebuilt, for it was built by %s and this is %s", goVersion, runtime.Version())
			return
		}
	}
	program, err := build()
	if err != nil {
		log.Fatal(err)
	}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		log.Fatal(err)
	}
	z := w.EncodeAll(program, nil)
	if *check {
		old, err := os.ReadFile(packed)
		if err != nil {
			log.Fatal(err)
		}
		if !bytes.Equal(old, z) {
			log.Fatalf("%s differs from what these sources make", packed)
		}
		return
	}
	if err := os.WriteFile(packed, z, 0o644); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(sum, []byte(now+" "+runtime.Version()+"\n"), 0o644); err != nil {
		log.Fatal(err)
	}
	log.Printf("%s: %d KB, %d KB packed", packed, len(program)>>10, len(z)>>10)
}

// ioreg builds the one tool that asks a framework.
func ioreg(check bool) error {
	const out = "userland/ioreg.darwin-amd64"
	dir, err := os.MkdirTemp("", "ioreg")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	obj, file := filepath.Join(dir, "ioreg.o"), filepath.Join(dir, "ioreg")
	for _, args := range [][]string{
		{"clang-19", "-target", "x86_64-apple-macos10.15", "-std=gnu17", "-nostdlibinc", "-isystem", "sdk/include", "-O2", "-Wall", "-Werror",
			"-c", "userland/ioreg/ioreg.c", "-o", obj},
		{"ld64.lld-19", "-arch", "x86_64", "-platform_version", "macos", "10.15", "10.15", "-fatal_warnings", "-o", file, obj,
			"libsystem/lib/IOKit", "libsystem/lib/CoreFoundation", "libsystem/lib/libSystem.B.dylib"},
	} {
		if text, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", args[0], err, text)
		}
	}
	now, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !check {
		return os.WriteFile(out, now, 0o755)
	}
	if was, err := os.ReadFile(out); err != nil || !bytes.Equal(was, now) {
		return fmt.Errorf("%s differs from what its source makes (%v)", out, err)
	}
	return nil
}

func goCommand(args ...string) *exec.Cmd {
	c := exec.Command("go", args...)
	c.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "GOAMD64=v1", "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOEXPERIMENT=")
	c.Stderr = os.Stderr
	return c
}

// build links without the check of linknames: the box puts the signal
// dispositions back that the runtime has changed.
func build() ([]byte, error) {
	dir, err := os.MkdirTemp("", "box")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "box")
	err = goCommand("build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid= -checklinkname=0", "-o", file, "./userland/box").Run()
	if err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// sources is a digest of the program's own files and of the versions of the
// modules that it uses.
func sources() (string, error) {
	h := sha256.New()
	files, err := filepath.Glob("userland/box/*")
	if err != nil || len(files) == 0 {
		return "", fmt.Errorf("no userland/box here: run from the module's root (%v)", err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", filepath.ToSlash(f), len(b))
		h.Write(b)
	}
	mods, err := goCommand("list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", "./userland/box").Output()
	if err != nil {
		return "", err
	}
	seen := map[string]bool{}
	for _, m := range strings.Split(string(mods), "\n") {
		if m != "" && !seen[m] {
			seen[m] = true
			fmt.Fprintln(h, m)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}
