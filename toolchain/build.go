package toolchain

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// done is the file that says that a GOROOT is whole.
const done = "complete"

// dir is where the GOROOT for guests of a version is, whether it is there or not.
func dir(version string) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return filepath.Join(cache, "puggle", version+"-darwin-amd64")
}

// Build gives the GOROOT for guests that belongs to the go command on PATH; if it
// is not there it is made, and say is told first.
func Build(say func(root string)) (string, error) {
	out, err := goOutput(nil, "env", "GOROOT", "GOVERSION")
	if err != nil {
		return "", err
	}
	host, version, _ := strings.Cut(strings.TrimSpace(out), "\n")
	root := dir(version)
	if whole(root, host) {
		return root, nil
	}
	say(root)
	if err := os.MkdirAll(filepath.Dir(root), 0o755); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(root), version+"-building")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	if err := links(tmp, host); err != nil {
		return "", err
	}
	if err := tools(tmp, host); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(tmp, done), []byte(host), 0o644); err != nil {
		return "", err
	}
	if err := os.RemoveAll(root); err != nil {
		return "", err
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return "", err
	}
	if err := os.Rename(tmp, root); err != nil && !whole(root, host) {
		return "", err
	}
	return root, nil
}

// whole says whether root has been finished, from the GOROOT host.
func whole(root, host string) bool {
	b, err := os.ReadFile(filepath.Join(root, done))
	return err == nil && string(b) == host
}

// links fills root with links to all of host that is the same for guests.
func links(root, host string) error {
	if err := os.MkdirAll(filepath.Join(root, "pkg"), 0o755); err != nil {
		return err
	}
	for _, from := range []string{host, filepath.Join(host, "pkg")} {
		entries, err := os.ReadDir(from)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			if n := e.Name(); n != "bin" && n != "pkg" && n != "tool" {
				rel, _ := filepath.Rel(host, from)
				if err := os.Symlink(filepath.Join(from, n), filepath.Join(root, rel, n)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// tools builds the commands.
func tools(root, host string) error {
	bin, tool := filepath.Join(root, "bin"), filepath.Join(root, "pkg", "tool", "darwin_amd64")
	for _, d := range []string{bin, tool} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	env := append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	args := []string{"build", "-o", tool + "/", "cmd/compile", "cmd/link", "cmd/asm"}
	arches, err := os.ReadDir(filepath.Join(host, "pkg", "tool"))
	if err == nil && len(arches) > 0 { // one architecture's directory has them all
		l, _ := os.ReadDir(filepath.Join(host, "pkg", "tool", arches[0].Name()))
		for _, t := range l {
			if p := "cmd/" + t.Name(); p != args[3] && p != args[4] && p != args[5] {
				args = append(args, p)
			}
		}
	}
	for _, a := range [][]string{{"build", "-o", bin + "/", "cmd/go", "cmd/gofmt"}, args} {
		if _, err := goOutput(env, a...); err != nil {
			return err
		}
	}
	return nil
}

func goOutput(env []string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Env = env
	out, err := cmd.Output()
	var ee *exec.ExitError
	if errors.As(err, &ee) {
		return "", fmt.Errorf("go %s: %s", args[0], strings.TrimSpace(string(ee.Stderr)))
	}
	return string(out), err
}
