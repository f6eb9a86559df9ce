//go:build darwin

package main

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func init() { register(map[string]tool{"mount": mount, "mkfifo": mkfifo}) }

// mounts are the mounted file systems.
func mounts() ([]unix.Statfs_t, error) {
	n, err := unix.Getfsstat(nil, unix.MNT_NOWAIT)
	if err != nil {
		return nil, err
	}
	l := make([]unix.Statfs_t, n)
	n, err = unix.Getfsstat(l, unix.MNT_NOWAIT)
	return l[:max(n, 0)], err
}

var mountFlags = []bitName{{unix.MNT_ASYNC, "asynchronous"}, {unix.MNT_LOCAL, "local"}, {unix.MNT_NODEV, "nodev"},
	{unix.MNT_NOEXEC, "noexec"}, {unix.MNT_NOSUID, "nosuid"}, {unix.MNT_RDONLY, "read-only"}, {unix.MNT_SYNCHRONOUS, "synchronous"},
	{unix.MNT_UNION, "union"}, {unix.MNT_JOURNALED, "journaled"}, {unix.MNT_DONTBROWSE, "nobrowse"}}

// mount shows what is mounted; it mounts nothing.
func mount(args []string) int {
	const use = "[-v] [-t type]"
	c := &cmd{name: "mount"}
	o, ok := getopt(args, "vt:", use)
	if !ok {
		return 1
	}
	if len(o.args) > 0 {
		return c.fail("it only shows what is mounted")
	}
	l, err := mounts()
	if err != nil {
		c.warn("", err)
		return 1
	}
	for _, st := range l {
		kind := unix.ByteSliceToString(st.Fstypename[:])
		if o.has('t') && o.value['t'] != kind {
			continue
		}
		fmt.Fprintf(out, "%s on %s (%s", unix.ByteSliceToString(st.Mntfromname[:]), unix.ByteSliceToString(st.Mntonname[:]), kind)
		for _, f := range mountFlags {
			if st.Flags&f.bit != 0 {
				fmt.Fprintf(out, ", %s", f.name)
			}
		}
		fmt.Fprintln(out, ")")
	}
	return 0
}

func mkfifo(args []string) int {
	const use = "[-m mode] fifo_name ..."
	c := &cmd{name: "mkfifo"}
	o, ok := getopt(args, "m:", use)
	if !ok || len(o.args) == 0 {
		return usage("mkfifo", use)
	}
	mode, set := uint32(0o666), o.has('m')
	if set {
		if mode, ok = parseMode(o.value['m'], 0o666, false); !ok {
			return c.fail("invalid file mode: %s", o.value['m'])
		}
	}
	for _, n := range o.args {
		err := error(nil)
		if e := syscall.Mkfifo(n, mode); e != nil {
			err = e
		} else if set {
			err = os.Chmod(n, os.FileMode(mode&0o777))
		}
		if err != nil {
			c.warn(n, err)
		}
	}
	return c.status
}
