package mig

import (
	"bytes"
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"puggle/mach/mig/defs"
)

const head = "subsystem test 1000;\n#include <mach/std_types.defs>\n"

func compile(t testing.TB, text string, defines ...string) *Subsystem {
	t.Helper()
	s, err := Compile("x.defs", text, defines, FSLoader(defs.FS))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func find(t *testing.T, s *Subsystem, name string) *Routine {
	t.Helper()
	for _, r := range s.Routines {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("no routine %s", name)
	return nil
}

// Sizes of messages and ids, worked out by hand from <mach/message.h>'s rules;
// for those of XNU's interfaces they are its Request and Reply structs'.
func TestLayout(t *testing.T) {
	for _, x := range []struct {
		file, routine      string
		id                 int
		reqMin, reqMax     int
		replyMin, replyMax int
		reqDescs, repDescs int
	}{
		// header 24 + NDR 8 + name 4; header + NDR + RetCode 4 + type 4
		{"mach_port", "mach_port_type", 3201, 36, 36, 40, 40, 0, 0},
		{"mach_port", "mach_port_deallocate", 3206, 36, 36, 36, 36, 0, 0},
		// two out-of-line arrays: 24 + 4 + 2*16 + NDR 8 + 2 counts
		{"mach_port", "mach_port_names", 3200, 24, 24, 76, 76, 0, 2},
		// name, poly right: 24 + 4 + 12 + 8 + 4
		{"mach_port", "mach_port_insert_right", 3214, 52, 52, 36, 36, 1, 0},
		// a reply of one right alone has no NDR
		{"mach_port", "mach_port_request_notification", 3213, 60, 60, 40, 40, 1, 1},
		{"mach_port", "mach_port_get_attributes", 3217, 44, 44, 40, 40 + 68, 0, 0},
		// options out of line, fixed: 24 + 4 + 16 + 8 + context 8
		{"mach_port", "mach_port_construct", 3231, 60, 60, 40, 40, 1, 0},
		{"task", "task_terminate", 3401, 24, 24, 36, 36, 0, 0},
		{"task", "task_threads", 3402, 24, 24, 56, 56, 0, 1},
		{"task", "task_info", 3405, 40, 40, 40, 40 + 94*4, 0, 0},
		{"task", "task_get_special_port", 3409, 36, 36, 40, 40, 0, 1},
		// 32 descriptors, NDR, count, 3 arrays of up to 32
		{"task", "task_get_exception_ports", 3414, 36, 36, 24 + 4 + 32*12 + 8 + 4, 24 + 4 + 32*12 + 8 + 4 + 3*128, 0, 32},
		{"task", "semaphore_create", 3418, 40, 40, 40, 40, 0, 1},
		{"thread_act", "thread_get_state", 3603, 40, 40, 40, 40 + 614*4, 0, 0},
		{"thread_act", "thread_info", 3612, 40, 40, 40, 40 + 128, 0, 0},
		{"mach_vm", "mach_vm_allocate", 4800, 52, 52, 44, 44, 0, 0},
		// address 8, size 8, set_maximum 4, protection 4
		{"mach_vm", "mach_vm_protect", 4802, 56, 56, 36, 36, 0, 0},
		{"mach_vm", "mach_vm_read", 4804, 48, 48, 56, 56, 0, 1},
		{"mach_vm", "mach_vm_map", 4811, 100, 100, 44, 44, 1, 0},
		{"mach_vm", "mach_vm_region_recurse", 4815, 48, 48, 60, 60 + 19*4, 0, 0},
		// address 8, flavor 4, count 4; a right, address 8, size 8, count 4, 10 words
		{"mach_vm", "mach_vm_region", 4816, 48, 48, 68, 68 + 40, 0, 1},
		{"vm_map", "vm_region_64", 3824, 48, 48, 68, 68 + 40, 0, 1},
		{"mach_host", "host_info", 200, 40, 40, 40, 40 + 68*4, 0, 0},
		// a variable string: offset, count, bytes
		{"mach_host", "host_kernel_version", 201, 24, 24, 44, 44 + 512, 0, 0},
		{"mach_host", "host_statistics64", 219, 40, 40, 40, 40 + 1024, 0, 0},
		{"host_priv", "host_processors", 407, 24, 24, 56, 56, 0, 1},
		{"clock", "clock_get_time", 1000, 24, 24, 44, 44, 0, 0},
		{"clock", "clock_alarm", 1002, 60, 60, 36, 36, 1, 0},
		{"processor_set", "processor_set_default", 0, 0, 0, 0, 0, 0, 0},
		{"mach_exc", "mach_exception_raise", 2405, 24 + 4 + 24 + 8 + 8, 24 + 4 + 24 + 8 + 8 + 16, 36, 36, 2, 0},
		{"exc", "exception_raise_state", 2402, 48, 48 + 8 + 614*4, 44, 44 + 614*4, 0, 0},
		{"bootstrap", "bootstrap_look_up", 404, 24 + 8 + 128, 24 + 8 + 128, 40, 40, 0, 1},
		{"semaphore", "semaphore_timedwait", 617204, 40, 40, 36, 36, 0, 0},
		{"lock_set", "lock_acquire", 617000, 36, 36, 36, 36, 0, 0},
		{"memory_entry", "mach_memory_entry_purgable_control", 4900, 40, 40, 40, 40, 0, 0},
		{"notify", "mach_notify_no_senders", 70, 36, 36, 0, 0, 0, 0},
		{"notify", "mach_notify_port_destroyed", 69, 40, 40, 0, 0, 1, 0},
	} {
		if x.id == 0 {
			continue
		}
		b, err := defs.FS.ReadFile("mach/" + x.file + ".defs")
		if err != nil {
			t.Fatal(err)
		}
		s := compile(t, string(b))
		r := find(t, s, x.routine)
		if r.ID(s) != x.id {
			t.Errorf("%s has id %d, not %d", x.routine, r.ID(s), x.id)
		}
		if r.Request.Min != x.reqMin || r.Request.Max != x.reqMax || r.Request.NumDescs() != x.reqDescs {
			t.Errorf("%s: request %d to %d, %d descriptors; want %d to %d, %d", x.routine,
				r.Request.Min, r.Request.Max, r.Request.NumDescs(), x.reqMin, x.reqMax, x.reqDescs)
		}
		if m := r.Response; m != nil && (m.Min != x.replyMin || m.Max != x.replyMax || m.NumDescs() != x.repDescs) {
			t.Errorf("%s: reply %d to %d, %d descriptors; want %d to %d, %d", x.routine,
				m.Min, m.Max, m.NumDescs(), x.replyMin, x.replyMax, x.repDescs)
		}
		if (r.Response == nil) != (x.replyMax == 0) {
			t.Errorf("%s: a reply, or none", x.routine)
		}
	}
}

// TestOptions: statements about how stubs send hold for the routines behind them.
func TestOptions(t *testing.T) {
	s := compile(t, head+`
waittime 5;
UserPrefix one_;
routine a(p : mach_port_t);
nowaittime;
userprefix two_;
UseSpecialReplyPort 1;
ConsumeOnSendError Any;
error failed;
routine b(p : mach_port_t);
simpleroutine c(p : mach_port_t; x : mach_port_move_send_t);
routine d(p : mach_port_t; ureplyport r : mach_port_make_send_once_t);
UseSpecialReplyPort 0;
ConsumeOnSendError Timeout;
routine e(p : mach_port_t);
#ifdef __x86_64__
routine f(p : mach_port_t);
#endif
`)
	b, err := s.CUser(COptions{Source: "x.defs"})
	if err != nil {
		t.Fatal(err)
	}
	stub := map[string]string{}
	for _, r := range s.Routines {
		_, text, ok := strings.Cut(string(b), r.UserPrefix+r.Name+"(")
		if !ok {
			t.Fatalf("no stub for %s", r.Name)
		}
		stub[r.Name], _, _ = strings.Cut(text, "\n}\n")
	}
	for _, x := range []struct {
		text string
		in   string // the routines whose stubs have it
	}{
		{"MACH_RCV_TIMEOUT", "a"}, {"reply_port, 5,", "a"}, {"mig_get_special_reply_port", "b"}, {"mig_get_reply_port", "ae"},
		{"MACH_SEND_INVALID_DEST)\n\t\tmach", "c"}, {"MACH_SEND_INVALID_DEST)\n\t\t\tmach", "bd"},
		{"MACH_RCV_SYNC_WAIT", "b"},
	} {
		for name, text := range stub {
			if strings.Contains(text, x.text) != strings.Contains(x.in, name) {
				t.Errorf("%q in %s:\n%s", x.text, name, text)
			}
		}
	}
	if _, err := Compile("x.defs", head+"ConsumeOnSendError Never;", nil, FSLoader(defs.FS)); err == nil || !strings.Contains(err.Error(), "not 'Never'") {
		t.Errorf("%v", err)
	}
}

func TestErrors(t *testing.T) {
	for _, x := range []struct{ text, want string }{
		{"subsystem t 1;\nroutine r(p : mach_port_t);", "x.defs:2:15: 'mach_port_t' is not a known type"},
		{head + "simpleroutine r(p : mach_port_t;\n  out x : int);", "x.defs:4:3: a simpleroutine has no out arguments"},
		{head + "routine r(x : int);", "x.defs:3:11: x must be a port"},
		{head + "routine r();", "needs a request port"},
		{head + "routine r(p : mach_port_t);\nroutine r(p : mach_port_t);", "x.defs:4:9: r is a routine already, at x.defs:3:1"},
		{head + "type t = array[*:99999999] of int;", "must be between"},
		{head + "type t = array[0] of int;", "x.defs:3:10: size must be between"},
		{head + "routine r(p : mach_port_t; x : int, Frob);", "x.defs:3:37: 'Frob' is not an option"},
		{head + "routine r(p : mach_port_t; x : int, CountInOut);", "CountInOut is for an out argument"},
		{head + "#if 1\n", "x.defs:3:1: #if without #endif"},
		{head + "#else\n", "#else without #if"},
		{head + "type t = ;", "x.defs:3:10: expected a type, not ';'"},
		{head + "frobnicate;", "x.defs:3:1: 'frobnicate' begins no statement"},
		{"subsystem a 1; subsystem b 2;", "a second subsystem"},
		{head + "/* no end", "comment does not end"},
		{head + "#include \"nothing.defs\"\n", "can't include nothing.defs"},
		{head + "#define F(a) F(a) x\ntype t = F(1);", "x.defs:4:"},
		{head + "type t = " + strings.Repeat("^ ", 500) + "int;", "nested too deeply"},
		{head + "#error no\n", "x.defs:3:1: #error no"},
	} {
		_, err := Compile("x.defs", x.text, nil, FSLoader(defs.FS))
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%q:\n got  %v\n want %s", x.text[max(0, len(x.text)-60):], err, x.want)
		}
	}
}

func TestPreprocessor(t *testing.T) {
	s := compile(t, head+`
#define NAME(n) pre_ ## n
#if defined(A) && !defined B && (3 > 2 || 1/0)
routine NAME(one)(p : mach_port_t);
#elif 1
skip;
#endif
#ifdef B
garbage here (
#else
routine two(p : mach_port_t);
#endif
`, "A=7")
	if len(s.Routines) != 2 || s.Routines[0].Name != "pre_one" || s.Routines[1].Number != 1 {
		t.Errorf("%d routines", len(s.Routines))
	}
}

// everything is a .defs file with each construct of the language.
//
//go:embed internal/every/every.defs
var everything string

const everyTypes = `#pragma once
#include <mach/mach.h>
#include <mach/mig_types.h>
typedef struct { int v[2]; } pair_t;
typedef char bytes_t[5];
typedef uint16_t *words_t;
typedef char name_t[20], text_t[30];
typedef pair_t *big_t;
typedef struct { uint32_t v[6]; } *one_t;
typedef mach_port_t objs_t[3], *vars_t, any_t;
`

// What is made of it compiles: C against the SDK's headers, with the sizes of
// structs asserted, Go against the run-time package.
func TestGenerated(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "every.defs")
	os.WriteFile(in, []byte(everything), 0o666)
	os.WriteFile(filepath.Join(dir, "every_types.h"), []byte(everyTypes), 0o666)
	var stderr bytes.Buffer
	at := func(n string) string { return filepath.Join(dir, n) }
	if n := Main([]string{"-user", at("u.c"), "-server", at("s.c"), "-header", at("u.h"), "-sheader", at("s.h"), "-iheader", at("i.h"), in}, nil, nil, &stderr); n != 0 {
		t.Fatalf("exit %d: %s", n, &stderr)
	}
	cc, err := exec.LookPath("clang-19")
	if err != nil {
		t.Skip("no clang-19 to compile the C with")
	}
	os.WriteFile(at("h.c"), []byte("#include \"every_types.h\"\n#include \"u.h\"\n#include \"s.h\"\n"), 0o666)
	for _, f := range []string{"u.c", "s.c", "h.c"} {
		sdk, _ := filepath.Abs("../sdk/include")
		out, err := exec.Command(cc, "-target", "x86_64-apple-macos10.15", "-std=gnu17", "-ffreestanding", "-nostdlibinc", "-isystem", sdk,
			"-Wall", "-Wextra", "-Wno-unused-function", "-Werror", "-fsyntax-only", at(f)).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %s", f, out)
		}
	}
}

func FuzzCompile(f *testing.F) {
	f.Add(everything)
	f.Add(head + "#define A(x) x x\nroutine r(p : mach_port_t; a : A(int));")
	b, _ := defs.FS.ReadFile("mach/task.defs")
	f.Add(string(b))
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Compile("x.defs", text, []string{"PUGGLE_KERNEL"}, FSLoader(defs.FS))
		if err != nil {
			return
		}
		// Whatever was accepted can be printed, or is refused with a place.
		c := COptions{Source: "x.defs"}
		for _, print := range []func() ([]byte, error){
			func() ([]byte, error) { return s.CUser(c) },
			func() ([]byte, error) { return s.CHeader(c, true) },
			func() ([]byte, error) {
				return s.Go(GoOptions{Package: "x", Runtime: "puggle/mach/mig", Client: true, Server: true, Source: "x.defs"})
			},
		} {
			print()
		}
		func() {
			defer func() {
				if e := recover(); e != nil {
					if _, ok := e.(*Error); !ok {
						panic(e)
					}
				}
			}()
			s.CServer(c)
		}()
	})
}
