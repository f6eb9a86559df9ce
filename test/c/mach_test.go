package c

import (
	"path/filepath"
	"strings"
	"testing"
)

// program runs one of the programs about Mach, which checks itself.
func program(t *testing.T, name string) {
	t.Helper()
	t.Parallel()
	out, status := run(t, name, nil, "")
	if status != 0 || !strings.HasSuffix(out, name+" ok\n") {
		t.Errorf("exit status %d, output %q", status, out)
	}
}

// Rights of each kind, in one task and moving between two.
func TestMachRights(t *testing.T) { program(t, "mach_rights") }

// Queues, time-outs, sizes, trailers, sets, round trips; what fails leaves nothing.
func TestMachMessages(t *testing.T) { program(t, "mach_msg") }

// Memory and arrays of rights out of line.
func TestMachOutOfLine(t *testing.T) { program(t, "mach_ool") }

// Dead names, no senders, destroyed ports, room in a queue.
func TestMachNotifications(t *testing.T) { program(t, "mach_notify") }

// Special and registered ports, guards, another task's space.
func TestMachPorts(t *testing.T) { program(t, "mach_ports") }

// Ports for reading and inspecting a task; no port gives one that allows more.
func TestMachLook(t *testing.T) { program(t, "mach_look") }

// Broken guards: what is told of them, and what ends the task.
func TestMachGuards(t *testing.T) { program(t, "mach_guard") }

// Exceptions handled in another task, by all behaviours.
func TestMachExceptions(t *testing.T) { program(t, "mach_exc") }

// The mach_vm and vm families on this task's memory and another's.
func TestMachMemory(t *testing.T) { program(t, "mach_vm") }

// Tasks and threads by port.
func TestMachTasks(t *testing.T) { program(t, "mach_task") }

// Semaphores, lock sets, clocks, alarms and timers.
func TestMachSync(t *testing.T) { program(t, "mach_sync") }

// The bootstrap task and the Network Name Server.
func TestMachBootstrap(t *testing.T) { program(t, "mach_boot") }

// The example debugger: breakpoints by symbol, registers read and changed, single
// steps, memory, threads, exceptions, and the end of what it debugs.
func TestMachDebugger(t *testing.T) {
	t.Parallel()
	dir := "../../examples/machdb"
	debuggee, err := filepath.Abs(dir + "/debuggee")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ commands, arg, want string }{
		// add(0, 1); add(1, 2) with 100 for the 2; add(101, 3) unseen.
		{"b add\nc\nr rdi\nr rsi\ns\nc\nr rsi\nt\nx total 4\nr rsi 100\nd add\nc\n", "",
			"breakpoint at X add+0\nbreakpoint at X add+0\nrdi 0\nrsi 0x1\nstep at X add+1\nbreakpoint at X add+0\nrsi 0x2\n" +
				"1 threads\n01 00 00 00\nexited with status 104\n"},
		// A breakpoint that stays is passed each time.
		{"b add\nc\nc\nc\nc\n", "", "breakpoint at X add+0\nbreakpoint at X add+0\nbreakpoint at X add+0\nbreakpoint at X add+0\nexited with status 6\n"},
		{"w total 50\nc\n", "", "exited with status 56\n"},
		{"c\nk\n", "crash", "bad access at X crash+0, address 0x1230\n"},
	} {
		args := []string{debuggee}
		if x.arg != "" {
			args = append(args, x.arg)
		}
		out, status := runFile(t, dir+"/machdb", nil, x.commands, args...)
		var got []string
		for _, w := range strings.SplitAfter(out, " ") {
			if strings.HasPrefix(w, "0x1000") { // an address of the program's
				w = "X "
			}
			got = append(got, w)
		}
		if s := strings.Join(got, ""); s != x.want || status != 0 {
			t.Errorf("%q gives status %d and\n%swant\n%s", x.commands, status, s, x.want)
		}
	}
}

// The classes that broke real kernels, each as a seed of its own.
func TestMachSeeds(t *testing.T) { program(t, "mach_seeds") }

// What fewer programs ask: vouchers, purgable memory, identity tokens, zones and more.
func TestMachMore(t *testing.T) { program(t, "mach_more") }

// Mach 2.5's ports and messages in programs.
func TestMach25(t *testing.T) { program(t, "mach_25") }

// Stubs and servers with Mach 2.5's typed messages, by puggle mig -2.5.
func TestMachMIG25(t *testing.T) { program(t, "mach_mig25") }
