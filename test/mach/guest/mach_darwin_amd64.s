//go:build darwin

#include "textflag.h"

// How Go reaches a function of libSystem: a jump, and its address as data.

TEXT mach_msg_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_msg(SB)
GLOBL ·mach_msg_addr(SB), RODATA, $8
DATA ·mach_msg_addr(SB)/8, $mach_msg_trampoline<>(SB)

TEXT mach_port_allocate_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_port_allocate(SB)
GLOBL ·mach_port_allocate_addr(SB), RODATA, $8
DATA ·mach_port_allocate_addr(SB)/8, $mach_port_allocate_trampoline<>(SB)

TEXT mach_port_deallocate_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_port_deallocate(SB)
GLOBL ·mach_port_deallocate_addr(SB), RODATA, $8
DATA ·mach_port_deallocate_addr(SB)/8, $mach_port_deallocate_trampoline<>(SB)

TEXT mach_port_insert_right_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_port_insert_right(SB)
GLOBL ·mach_port_insert_right_addr(SB), RODATA, $8
DATA ·mach_port_insert_right_addr(SB)/8, $mach_port_insert_right_trampoline<>(SB)

TEXT mach_port_mod_refs_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_port_mod_refs(SB)
GLOBL ·mach_port_mod_refs_addr(SB), RODATA, $8
DATA ·mach_port_mod_refs_addr(SB)/8, $mach_port_mod_refs_trampoline<>(SB)

TEXT mach_port_request_notification_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_port_request_notification(SB)
GLOBL ·mach_port_request_notification_addr(SB), RODATA, $8
DATA ·mach_port_request_notification_addr(SB)/8, $mach_port_request_notification_trampoline<>(SB)

TEXT mach_port_construct_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_port_construct(SB)
GLOBL ·mach_port_construct_addr(SB), RODATA, $8
DATA ·mach_port_construct_addr(SB)/8, $mach_port_construct_trampoline<>(SB)

TEXT mach_port_guard_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_port_guard(SB)
GLOBL ·mach_port_guard_addr(SB), RODATA, $8
DATA ·mach_port_guard_addr(SB)/8, $mach_port_guard_trampoline<>(SB)

TEXT mach_port_move_member_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_port_move_member(SB)
GLOBL ·mach_port_move_member_addr(SB), RODATA, $8
DATA ·mach_port_move_member_addr(SB)/8, $mach_port_move_member_trampoline<>(SB)

TEXT mach_port_insert_member_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_port_insert_member(SB)
GLOBL ·mach_port_insert_member_addr(SB), RODATA, $8
DATA ·mach_port_insert_member_addr(SB)/8, $mach_port_insert_member_trampoline<>(SB)

TEXT mach_port_destroy_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_port_destroy(SB)
GLOBL ·mach_port_destroy_addr(SB), RODATA, $8
DATA ·mach_port_destroy_addr(SB)/8, $mach_port_destroy_trampoline<>(SB)

TEXT mach_port_type_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_port_type(SB)
GLOBL ·mach_port_type_addr(SB), RODATA, $8
DATA ·mach_port_type_addr(SB)/8, $mach_port_type_trampoline<>(SB)

TEXT bootstrap_look_up_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_bootstrap_look_up(SB)
GLOBL ·bootstrap_look_up_addr(SB), RODATA, $8
DATA ·bootstrap_look_up_addr(SB)/8, $bootstrap_look_up_trampoline<>(SB)

TEXT bootstrap_create_service_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_bootstrap_create_service(SB)
GLOBL ·bootstrap_create_service_addr(SB), RODATA, $8
DATA ·bootstrap_create_service_addr(SB)/8, $bootstrap_create_service_trampoline<>(SB)

TEXT bootstrap_check_in_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_bootstrap_check_in(SB)
GLOBL ·bootstrap_check_in_addr(SB), RODATA, $8
DATA ·bootstrap_check_in_addr(SB)/8, $bootstrap_check_in_trampoline<>(SB)

TEXT task_for_pid_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_task_for_pid(SB)
GLOBL ·task_for_pid_addr(SB), RODATA, $8
DATA ·task_for_pid_addr(SB)/8, $task_for_pid_trampoline<>(SB)

TEXT mach_thread_self_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_thread_self(SB)
GLOBL ·mach_thread_self_addr(SB), RODATA, $8
DATA ·mach_thread_self_addr(SB)/8, $mach_thread_self_trampoline<>(SB)

TEXT mach_host_self_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_host_self(SB)
GLOBL ·mach_host_self_addr(SB), RODATA, $8
DATA ·mach_host_self_addr(SB)/8, $mach_host_self_trampoline<>(SB)

TEXT semaphore_create_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_semaphore_create(SB)
GLOBL ·semaphore_create_addr(SB), RODATA, $8
DATA ·semaphore_create_addr(SB)/8, $semaphore_create_trampoline<>(SB)

TEXT mach_vm_deallocate_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_vm_deallocate(SB)
GLOBL ·mach_vm_deallocate_addr(SB), RODATA, $8
DATA ·mach_vm_deallocate_addr(SB)/8, $mach_vm_deallocate_trampoline<>(SB)

TEXT mach_vm_allocate_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_vm_allocate(SB)
GLOBL ·mach_vm_allocate_addr(SB), RODATA, $8
DATA ·mach_vm_allocate_addr(SB)/8, $mach_vm_allocate_trampoline<>(SB)

TEXT mach_make_memory_entry_64_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_make_memory_entry_64(SB)
GLOBL ·mach_make_memory_entry_64_addr(SB), RODATA, $8
DATA ·mach_make_memory_entry_64_addr(SB)/8, $mach_make_memory_entry_64_trampoline<>(SB)

TEXT host_get_clock_service_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_host_get_clock_service(SB)
GLOBL ·host_get_clock_service_addr(SB), RODATA, $8
DATA ·host_get_clock_service_addr(SB)/8, $host_get_clock_service_trampoline<>(SB)

TEXT mach_task_self_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_task_self(SB)
GLOBL ·mach_task_self_addr(SB), RODATA, $8
DATA ·mach_task_self_addr(SB)/8, $mach_task_self_trampoline<>(SB)

TEXT task_get_special_port_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_task_get_special_port(SB)
GLOBL ·task_get_special_port_addr(SB), RODATA, $8
DATA ·task_get_special_port_addr(SB)/8, $task_get_special_port_trampoline<>(SB)

TEXT processor_set_default_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_processor_set_default(SB)
GLOBL ·processor_set_default_addr(SB), RODATA, $8
DATA ·processor_set_default_addr(SB)/8, $processor_set_default_trampoline<>(SB)

TEXT mach_msg_destroy_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_msg_destroy(SB)
GLOBL ·mach_msg_destroy_addr(SB), RODATA, $8
DATA ·mach_msg_destroy_addr(SB)/8, $mach_msg_destroy_trampoline<>(SB)

TEXT lock_set_create_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_lock_set_create(SB)
GLOBL ·lock_set_create_addr(SB), RODATA, $8
DATA ·lock_set_create_addr(SB)/8, $lock_set_create_trampoline<>(SB)

TEXT mk_timer_create_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mk_timer_create(SB)
GLOBL ·mk_timer_create_addr(SB), RODATA, $8
DATA ·mk_timer_create_addr(SB)/8, $mk_timer_create_trampoline<>(SB)

TEXT host_create_mach_voucher_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_host_create_mach_voucher(SB)
GLOBL ·host_create_mach_voucher_addr(SB), RODATA, $8
DATA ·host_create_mach_voucher_addr(SB)/8, $host_create_mach_voucher_trampoline<>(SB)
