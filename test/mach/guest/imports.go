//go:build darwin

package main

// The functions of libSystem that are used here; mach_darwin_amd64.s has what they are called
// through.

//go:cgo_import_dynamic libc_mach_msg mach_msg "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_port_allocate mach_port_allocate "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_port_deallocate mach_port_deallocate "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_port_insert_right mach_port_insert_right "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_port_mod_refs mach_port_mod_refs "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_port_request_notification mach_port_request_notification "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_port_construct mach_port_construct "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_port_guard mach_port_guard "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_port_move_member mach_port_move_member "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_port_insert_member mach_port_insert_member "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_port_destroy mach_port_destroy "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_port_type mach_port_type "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_bootstrap_look_up bootstrap_look_up "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_bootstrap_create_service bootstrap_create_service "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_bootstrap_check_in bootstrap_check_in "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_task_for_pid task_for_pid "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_thread_self mach_thread_self "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_host_self mach_host_self "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_semaphore_create semaphore_create "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_vm_deallocate mach_vm_deallocate "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_vm_allocate mach_vm_allocate "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_make_memory_entry_64 mach_make_memory_entry_64 "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_host_create_mach_voucher host_create_mach_voucher "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_host_get_clock_service host_get_clock_service "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_task_self mach_task_self "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_task_get_special_port task_get_special_port "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_processor_set_default processor_set_default "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mach_msg_destroy mach_msg_destroy "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_lock_set_create lock_set_create "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_mk_timer_create mk_timer_create "/usr/lib/libSystem.B.dylib"

var (
	mach_msg_addr                       uintptr
	mach_port_allocate_addr             uintptr
	mach_port_deallocate_addr           uintptr
	mach_port_insert_right_addr         uintptr
	mach_port_mod_refs_addr             uintptr
	mach_port_request_notification_addr uintptr
	mach_port_construct_addr            uintptr
	mach_port_guard_addr                uintptr
	mach_port_move_member_addr          uintptr
	mach_port_insert_member_addr        uintptr
	mach_port_destroy_addr              uintptr
	mach_port_type_addr                 uintptr
	bootstrap_look_up_addr              uintptr
	bootstrap_create_service_addr       uintptr
	bootstrap_check_in_addr             uintptr
	task_for_pid_addr                   uintptr
	mach_thread_self_addr               uintptr
	mach_host_self_addr                 uintptr
	semaphore_create_addr               uintptr
	mach_vm_deallocate_addr             uintptr
	mach_vm_allocate_addr               uintptr
	mach_make_memory_entry_64_addr      uintptr
	host_create_mach_voucher_addr       uintptr
	host_get_clock_service_addr         uintptr
	mach_task_self_addr                 uintptr
	task_get_special_port_addr          uintptr
	processor_set_default_addr          uintptr
	mach_msg_destroy_addr               uintptr
	lock_set_create_addr                uintptr
	mk_timer_create_addr                uintptr
)
