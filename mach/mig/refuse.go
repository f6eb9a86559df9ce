package mig

import "puggle/abi"

// Refusal is why a routine has no server, and what callers get.
type Refusal struct {
	Code abi.KernReturn
	Why  string
}

const (
	removed  = "removed from XNU's server"
	stub     = "XNU's does no more"
	debug    = "XNU's only in debug kernels"
	optional = "optional in XNU"
	newer    = "XNU's of later systems"
)

// refusals are the routines that are refused, by id. Most are so by a kernel for
// Macs, too: it has them in its .defs, and nothing behind them.
var refusals = map[int32]Refusal{
	5404: {abi.KERN_NOT_SUPPORTED, debug}, // mach_voucher_debug_info
	207:  {abi.KERN_NOT_SUPPORTED, stub},  // kmod_get_info
	209:  {abi.KERN_FAILURE, debug},       // host_virtual_physical_table_info
	225:  {abi.KERN_NO_ACCESS, "XNU's with an entitlement only"},
	226:  {MIG_BAD_ID, removed}, // host_get_atm_diagnostic_flag
	228:  {abi.KERN_NOT_SUPPORTED, stub},
	229:  {MIG_BAD_ID, removed}, // host_get_multiuser_config_flags
	230:  {MIG_BAD_ID, removed},
	405:  {abi.KERN_NOT_SUPPORTED, "no pages are kept back for anybody"}, // thread_wire
	406:  {MIG_BAD_ID, removed},                                          // vm_allocate_cpm
	409:  {MIG_BAD_ID, removed},                                          // kmod_create
	410:  {MIG_BAD_ID, removed},
	411:  {MIG_BAD_ID, removed},
	425:  {abi.KERN_NOT_SUPPORTED, "kextload asks otherwise"}, // kext_request
	1200: {MIG_BAD_ID, removed},                               // clock_set_time
	1201: {MIG_BAD_ID, removed},
	3400: {MIG_BAD_ID, removed}, // task_create
	3422: {MIG_BAD_ID, removed}, // task_sample
	3424: {MIG_BAD_ID, removed}, // task_set_emulation
	3425: {MIG_BAD_ID, removed},
	3426: {MIG_BAD_ID, removed},
	3427: {MIG_BAD_ID, removed},
	3428: {MIG_BAD_ID, removed},                                     // task_zone_info
	3435: {abi.KERN_FAILURE, optional},                              // task_set_phys_footprint_limit
	3440: {abi.KERN_NOT_SUPPORTED, "XNU's takes it and forgets it"}, // task_set_mach_voucher
	3441: {abi.KERN_NOT_SUPPORTED, stub},                            // task_swap_mach_voucher
	3442: {abi.KERN_NOT_SUPPORTED, optional},                        // task_generate_corpse
	3446: {abi.KERN_NOT_SUPPORTED, stub},                            // task_get_dyld_image_infos
	3448: {abi.KERN_NOT_SUPPORTED, stub},                            // task_register_dyld_set_dyld_state
	3449: {abi.KERN_NOT_SUPPORTED, stub},                            // task_register_dyld_get_process_state
	3451: {abi.KERN_NOT_SUPPORTED, optional},                        // task_inspect
	3456: {abi.KERN_DENIED, "XNU's as its security policy says"},    // task_dyld_process_info_notify_register
	3459: {abi.KERN_DENIED, "XNU's as its security policy says"},    // ..._deregister
	3462: {abi.KERN_NOT_SUPPORTED, debug},                           // task_set_corpse_forking_behavior
	3619: {MIG_BAD_ID, removed},                                     // thread_sample
	3620: {MIG_BAD_ID, removed},                                     // etap_trace_thread
	3627: {abi.KERN_NOT_SUPPORTED, stub},                            // thread_swap_mach_voucher
	3631: {MIG_BAD_ID, newer},                                       // thread_adopt_exception_handler
	3818: {abi.KERN_FAILURE, debug},                                 // mach_vm_region_info
	3819: {abi.KERN_FAILURE, debug},                                 // vm_mapped_pages_info
	3823: {abi.KERN_FAILURE, debug},                                 // mach_vm_region_info_64
	4008: {abi.KERN_NOT_SUPPORTED, debug},                           // processor_set_stack_usage
	3202: {MIG_BAD_ID, removed},                                     // mach_port_rename
	4825: {MIG_BAD_ID, newer},                                       // mach_vm_range_create
	4901: {abi.KERN_NOT_SUPPORTED, optional},                        // mach_memory_entry_access_tracking
}

// refuse puts the refusals into the table. A routine that has a server as well is a
// mistake in the program.
func (t *Table) refuse() {
	for i := range t.list {
		r := &t.list[i]
		x, ok := refusals[r.ID]
		if !ok {
			continue
		}
		if r.Served {
			panic("mig: " + r.Name + " is served and refused")
		}
		r.Refused = &x
		r.Serve = func(*Call) abi.KernReturn { return x.Code }
	}
}
