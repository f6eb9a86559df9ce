package c

import (
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
