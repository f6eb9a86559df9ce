package ktrace

import (
	"strings"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/syscalls"
)

// TestRoutine: ids from <mach/*.defs> as XNU has them, replies 100 above.
func TestRoutine(t *testing.T) {
	for id, want := range map[int32]string{3200: "mach_port_names", 3204: "mach_port_allocate", 3304: "mach_port_allocate reply",
		3405: "task_info", 4800: "mach_vm_allocate", 2405: "mach_exception_raise", 200: "host_info", 7: ""} {
		if got := Routine(id); got != want {
			t.Errorf("%d is %q, want %q", id, got, want)
		}
	}
}

func TestHeader(t *testing.T) {
	got := header(19|21<<8|abi.MACH_MSGH_BITS_COMPLEX, 40, 0x203, 0x307, 0, 3204)
	want := "{id 3204 mach_port_allocate, remote 0x203 COPY_SEND, local 0x307 MAKE_SEND_ONCE, complex, 40 bytes}"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFlags(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{flags(abi.O_CREAT|abi.O_EXCL|abi.O_CLOEXEC, "0", openBits), "O_CREAT|O_EXCL|O_CLOEXEC"},
		{flags(0, "PROT_NONE", protBits), "PROT_NONE"},
		{flags(3|0x80, "PROT_NONE", protBits), "PROT_READ|PROT_WRITE|0x80"},
		{quote([]byte("a\"\n\x1b\xff")), `"a\"\n\033\377"`},
		{kernReturn(0x10004003), "MACH_RCV_TIMED_OUT"},
		{kernReturn(0xdead), "0xdead"},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}

// TestViews: every row of the table of arguments is about an argument that is there.
func TestViews(t *testing.T) {
	known := map[string]bool{}
	for _, c := range syscalls.Coverage() {
		for _, a := range strings.Split(c.Args, ", ") {
			typ, name, _ := strings.Cut(a, " ")
			known[strings.TrimSuffix(c.Name, "_nocancel")+"."+name] = true
			known[typ+" "+name] = true
		}
	}
	for n := range views {
		if !known[n] {
			t.Errorf("views: %s: no call has it", n)
		}
	}
	for n := range anyCall {
		if !known[n] {
			t.Errorf("anyCall: %q: no call has it", n)
		}
	}
}

func TestFormat(t *testing.T) {
	l := Line{Time: time.Date(2020, 1, 1, 10, 11, 12, 345000, time.UTC), PID: 2, TID: 7, Call: "close", Args: []string{"3"},
		Result: "-1", Errno: "EBADF (bad file descriptor)", Duration: 41 * time.Microsecond}
	if got, want := (Style{Procs: true, Times: true, Took: true}).Format(l), "2/7 10:11:12.000345 close(3) = -1 EBADF (bad file descriptor) <0.000041>"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var b strings.Builder
	Summary(&b, []Count{{"a", 1, 0, 10}, {"b", 2, 1, 30}})
	if s := b.String(); strings.Index(s, "  b\n") > strings.Index(s, "  a\n") || !strings.Contains(s, "75.00") {
		t.Errorf("summary:\n%s", s)
	}
}
