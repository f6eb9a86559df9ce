package sys

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"puggle/abi"
)

func TestHostErrno(t *testing.T) {
	// Names mean the same on both sides, except where Darwin has no such name.
	byName := map[string]abi.Errno{}
	for e := abi.Errno(1); e <= abi.EOWNERDEAD; e++ {
		byName[e.Name()] = e
	}
	special := map[string]abi.Errno{"EOPNOTSUPP": abi.ENOTSUP, "ENOTSUP": abi.ENOTSUP}
	for no := unix.Errno(1); no < 134; no++ {
		name := unix.ErrnoName(no)
		want, ok := byName[name]
		if s, is := special[name]; is {
			want, ok = s, true
		}
		if got := HostErrno(no); ok && got != want {
			t.Errorf("%s: got %s, want %s", name, got.Name(), want.Name())
		}
	}
	if e := HostErrno(&os.PathError{Err: unix.EAGAIN}); e != abi.EAGAIN {
		t.Errorf("wrapped EAGAIN: %v", e)
	}
	if HostErrno(nil) != 0 || HostErrno(errors.New("x")) != abi.EIO || HostErrno(unix.Errno(9999)) != abi.EIO {
		t.Error("nil, foreign or unknown errors")
	}
}
