//go:build darwin

package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func init() {
	register(map[string]tool{
		"ps": ps, "kill": kill, "pgrep": pgrep, "pkill": pgrep, "killall": killall, "time": timeCommand, "xargs": xargs,
	})
}

// process is one line of ps.
type process struct {
	unix.KinfoProc
	path string
	args []string
}

func (p *process) pid() int     { return int(p.Proc.P_pid) }
func (p *process) name() string { return unix.ByteSliceToString(p.Proc.P_comm[:]) }

// load asks for the path and the arguments, which the kernel gives of one's own
// processes.
func (p *process) load() {
	raw, err := unix.SysctlRaw("kern.procargs2", p.pid())
	if err != nil || len(raw) < 4 {
		return
	}
	n := int(binary.LittleEndian.Uint32(raw))
	path, rest, _ := bytes.Cut(raw[4:], []byte{0})
	p.path = string(path)
	rest = bytes.TrimLeft(rest, "\x00")
	for ; n > 0 && len(rest) > 0; n-- {
		var a []byte
		a, rest, _ = bytes.Cut(rest, []byte{0})
		p.args = append(p.args, string(a))
	}
}

// taskInfo is what proc_pidinfo(PROC_PIDTASKINFO) says; zeros for another user's.
type taskInfo struct {
	virtual, resident uint64
	cpu               time.Duration
	threads, running  uint32
}

func (p *process) task() taskInfo {
	const procInfo, callPidInfo, flavor, size = 336, 2, 4, 96
	var b [size]byte
	n, _, e := syscall.Syscall6(procInfo, callPidInfo, uintptr(p.pid()), flavor, 0, uintptr(unsafe.Pointer(&b)), size)
	if e != 0 || n != size {
		return taskInfo{}
	}
	le := binary.LittleEndian
	return taskInfo{le.Uint64(b[0:]), le.Uint64(b[8:]), time.Duration(le.Uint64(b[16:]) + le.Uint64(b[24:])),
		le.Uint32(b[84:]), le.Uint32(b[88:])}
}

func processes() ([]*process, error) {
	kp, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	var l []*process
	for i := range kp {
		l = append(l, &process{KinfoProc: kp[i]})
	}
	return l, err
}

func ttyName(dev int32) string {
	if dev == -1 {
		return "??"
	}
	list, _ := os.ReadDir("/dev")
	for _, e := range list {
		if n, ok := strings.CutPrefix(e.Name(), "tty"); ok {
			var st syscall.Stat_t
			if syscall.Stat("/dev/"+e.Name(), &st) == nil && st.Rdev == dev {
				return n
			}
		}
	}
	return "??"
}
