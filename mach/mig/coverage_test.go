package mig

import "testing"

// TestCoverage: every routine is served or refused on purpose, and what Mach programs
// can't do without is served.
func TestCoverage(t *testing.T) {
	served := map[string]bool{}
	for _, r := range Coverage() {
		served[r.Name] = r.Served
		if r.Served == (r.Refused != nil) {
			t.Errorf("%s (%d): served %v, refused %v", r.Name, r.ID, r.Served, r.Refused)
		}
	}
	for _, n := range []string{
		"mach_port_allocate", "mach_port_insert_right", "mach_port_request_notification", "mach_vm_allocate", "mach_vm_remap",
		"task_threads", "task_set_exception_ports", "thread_get_state", "thread_policy_set", "host_info", "semaphore_create", "lock_set_create",
	} {
		if !served[n] {
			t.Errorf("%s is not served", n)
		}
	}
}
