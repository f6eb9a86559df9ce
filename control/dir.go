package control

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"golang.org/x/sys/unix"
)

// DefaultName is the machine that commands mean when they name none.
const DefaultName = "default"

// validName says whether a machine may be called name: up to 64 letters, digits
// and "_.-", the last two not at the beginning.
func validName(name string) bool {
	for i, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_':
		case i > 0 && (c == '.' || c == '-'):
		default:
			return false
		}
	}
	return 0 < len(name) && len(name) <= 64
}

// ErrNoMachine is in the error of Dial when there is no such machine.
var ErrNoMachine = errors.New("no such machine")

// Dir is the directory of the sockets. It is made if it is not there; it is an
// error if others could write to it.
func Dir() (string, error) {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir != "" {
		dir = filepath.Join(dir, "puggle")
	} else {
		dir = fmt.Sprintf("/tmp/puggle-%d", os.Getuid())
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return "", fmt.Errorf("%s: %v", dir, err)
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFDIR:
		return "", fmt.Errorf("%s is not a directory: remove it", dir)
	case st.Uid != uint32(os.Getuid()):
		return "", fmt.Errorf("%s belongs to another user: set XDG_RUNTIME_DIR to a directory of your own", dir)
	case st.Mode&0o077 != 0:
		return "", fmt.Errorf("%s is open to others: chmod 700 it", dir)
	}
	return dir, nil
}

// place gives the paths of a machine's socket and lock.
func place(name string) (sock, lock string, err error) {
	if !validName(name) {
		return "", "", fmt.Errorf("%q is no name for a machine (letters, digits, _ . -)", name)
	}
	dir, err := Dir()
	if err != nil {
		return "", "", err
	}
	sock = filepath.Join(dir, name+".sock")
	if len(sock) >= 108 {
		return "", "", fmt.Errorf("%s: longer than a socket's name can be", sock)
	}
	return sock, filepath.Join(dir, name+".lock"), nil
}

// hold locks a machine's lock file; the lock lasts as long as the file is open.
func hold(lock string) (*os.File, error) {
	f, err := os.OpenFile(lock, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Names lists the machines that run, and removes what dead ones left.
func Names() ([]string, error) {
	dir, err := Dir()
	if err != nil {
		return nil, err
	}
	socks, err := filepath.Glob(filepath.Join(dir, "*.sock"))
	if err != nil {
		return nil, err
	}
	var l []string
	for _, s := range socks {
		name := strings.TrimSuffix(filepath.Base(s), ".sock")
		lock := filepath.Join(dir, name+".lock")
		if f, err := hold(lock); err == nil {
			os.Remove(s)
			os.Remove(lock)
			f.Close()
			continue
		}
		l = append(l, name)
	}
	sort.Strings(l)
	return l, nil
}
