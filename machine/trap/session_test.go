package trap

import (
	"testing"

	"golang.org/x/sys/unix"
)

// A shell is in our session, so that giving way lets it by, and not in our process group,
// so that the terminal's signals don't end it.
func TestShellSession(t *testing.T) {
	m := newMachine(t)
	s, err := m.NewSpace()
	if err != nil {
		t.Fatal(err)
	}
	sid, err := unix.Getsid(s.HostPID())
	ours, err2 := unix.Getsid(0)
	if err != nil || err2 != nil || sid != ours {
		t.Errorf("session %d (%v), ours is %d (%v)", sid, err, ours, err2)
	}
	pgrp, err := unix.Getpgid(s.HostPID())
	if err != nil || pgrp == unix.Getpgrp() {
		t.Errorf("process group %d (%v), ours is %d", pgrp, err, unix.Getpgrp())
	}
}
