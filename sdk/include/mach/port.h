/* Ports and their rights. */
#ifndef _MACH_PORT_H_
#define _MACH_PORT_H_
#include <mach/machine_types.h>
#include <mach/boolean.h>
#include <mach/kern_return.h>
typedef natural_t mach_port_name_t;
typedef mach_port_name_t mach_port_t;
typedef mach_port_t port_t, port_name_t, ipc_space_t, task_t, thread_t, host_t, vm_map_t, semaphore_t, thread_act_t;
typedef mach_port_t task_name_t, host_name_port_t, host_priv_t, clock_serv_t, clock_ctrl_t, processor_t, processor_set_t;
typedef mach_port_t lock_set_t, mem_entry_name_port_t, memory_object_t, exception_handler_t, ledger_t, mach_voucher_t, ipc_voucher_t;
typedef natural_t mach_voucher_selector_t, mach_voucher_attr_key_t;
typedef mach_port_name_t *mach_port_name_array_t;
typedef mach_port_t *mach_port_array_t;
typedef natural_t mach_port_right_t, mach_port_type_t, mach_port_urefs_t, mach_port_mscount_t, mach_port_msgcount_t;
typedef natural_t mach_port_seqno_t, mach_port_rights_t;
typedef mach_port_type_t *mach_port_type_array_t;
typedef integer_t mach_port_delta_t;
typedef uint64_t mach_port_context_t;
typedef int mach_port_flavor_t;
typedef integer_t *mach_port_info_t;
#define MACH_PORT_NULL 0
#define MACH_PORT_DEAD ((mach_port_name_t)~0)
#define MACH_PORT_VALID(n) ((n) != MACH_PORT_NULL && (n) != MACH_PORT_DEAD)
#define TASK_NULL ((task_t)0)
#define THREAD_NULL ((thread_t)0)
#define TASK_NAME_NULL ((mach_port_t)0)
#define TASK_READ_NULL ((mach_port_t)0)
#define TASK_INSPECT_NULL ((mach_port_t)0)
#define THREAD_READ_NULL ((mach_port_t)0)
#define THREAD_INSPECT_NULL ((mach_port_t)0)
/* what a port of a task or thread allows */
#define TASK_FLAVOR_CONTROL 0
#define TASK_FLAVOR_READ 1
#define TASK_FLAVOR_INSPECT 2
#define TASK_FLAVOR_NAME 3
#define THREAD_FLAVOR_CONTROL 0
#define THREAD_FLAVOR_READ 1
#define THREAD_FLAVOR_INSPECT 2
#define MACH_PORT_RIGHT_SEND 0
#define MACH_PORT_RIGHT_RECEIVE 1
#define MACH_PORT_RIGHT_SEND_ONCE 2
#define MACH_PORT_RIGHT_PORT_SET 3
#define MACH_PORT_RIGHT_DEAD_NAME 4
#define MACH_PORT_TYPE(r) ((mach_port_type_t)1 << ((r) + 16))
#define MACH_PORT_TYPE_NONE 0
#define MACH_PORT_TYPE_SEND MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND)
#define MACH_PORT_TYPE_RECEIVE MACH_PORT_TYPE(MACH_PORT_RIGHT_RECEIVE)
#define MACH_PORT_TYPE_SEND_ONCE MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND_ONCE)
#define MACH_PORT_TYPE_PORT_SET MACH_PORT_TYPE(MACH_PORT_RIGHT_PORT_SET)
#define MACH_PORT_TYPE_DEAD_NAME MACH_PORT_TYPE(MACH_PORT_RIGHT_DEAD_NAME)
#define MACH_PORT_TYPE_DNREQUEST 0x80000000u
#define MACH_PORT_TYPE_SPREQUEST 0x40000000u
#define MACH_PORT_TYPE_SEND_RECEIVE (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE)
#define MACH_PORT_TYPE_SEND_RIGHTS (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE)
#define MACH_PORT_TYPE_PORT_RIGHTS (MACH_PORT_TYPE_SEND_RIGHTS | MACH_PORT_TYPE_RECEIVE)
#define MACH_PORT_TYPE_PORT_OR_DEAD (MACH_PORT_TYPE_PORT_RIGHTS | MACH_PORT_TYPE_DEAD_NAME)
#define MACH_PORT_TYPE_ALL_RIGHTS (MACH_PORT_TYPE_PORT_OR_DEAD | MACH_PORT_TYPE_PORT_SET)
#define MACH_PORT_SRIGHTS_NONE 0
#define MACH_PORT_SRIGHTS_PRESENT 1
typedef unsigned mach_port_srights_t;
#define MACH_PORT_QLIMIT_ZERO 0
#define MACH_PORT_QLIMIT_BASIC 5
#define MACH_PORT_QLIMIT_SMALL 16
#define MACH_PORT_QLIMIT_LARGE 1024
#define MACH_PORT_QLIMIT_MIN MACH_PORT_QLIMIT_ZERO
#define MACH_PORT_QLIMIT_DEFAULT MACH_PORT_QLIMIT_BASIC
#define MACH_PORT_QLIMIT_MAX MACH_PORT_QLIMIT_LARGE
/* flavours of mach_port_get_attributes */
#define MACH_PORT_LIMITS_INFO 1
#define MACH_PORT_RECEIVE_STATUS 2
#define MACH_PORT_DNREQUESTS_SIZE 3
#define MACH_PORT_TEMPOWNER 4
#define MACH_PORT_INFO_EXT 7
#define MACH_PORT_GUARD_INFO 8
#define MACH_PORT_LIMITS_INFO_COUNT 1
#define MACH_PORT_RECEIVE_STATUS_COUNT 10
#define MACH_PORT_DNREQUESTS_SIZE_COUNT 1
#define MACH_PORT_INFO_EXT_COUNT 17
#define MACH_PORT_GUARD_INFO_COUNT 2
/* mps_flags */
#define MACH_PORT_STATUS_FLAG_GUARDED 2
#define MACH_PORT_STATUS_FLAG_STRICT_GUARD 4
/* mach_port_construct */
#define MPO_CONTEXT_AS_GUARD 1
#define MPO_QLIMIT 2
#define MPO_TEMPOWNER 4
#define MPO_IMPORTANCE_RECEIVER 8
#define MPO_INSERT_SEND_RIGHT 0x10
#define MPO_STRICT 0x20
#define MPO_IMMOVABLE_RECEIVE 0x80
#define MPO_REPLY_PORT 0x1000
/* mach_port_guard_with_flags */
#define MPG_STRICT 1
#define MPG_IMMOVABLE_RECEIVE 2
/* EXC_GUARD's kinds for ports */
#define GUARD_TYPE_MACH_PORT 1
#define kGUARD_EXC_DESTROY 1
#define kGUARD_EXC_MOD_REFS 2
#define kGUARD_EXC_SET_CONTEXT 4
#define kGUARD_EXC_UNGUARDED 8
#define kGUARD_EXC_INCORRECT_GUARD 16
#define kGUARD_EXC_IMMOVABLE 32
#define kGUARD_EXC_STRICT_REPLY 64
#define MPG_FLAGS_STRICT_REPLY_INVALID_REPLY_DISP  (0x01ull << 56)
#define MPG_FLAGS_STRICT_REPLY_INVALID_REPLY_PORT  (0x02ull << 56)
#define MPG_FLAGS_STRICT_REPLY_INVALID_VOUCHER     (0x04ull << 56)
#define MPG_FLAGS_STRICT_REPLY_NO_BANK_ATTR        (0x08ull << 56)
#define MPG_FLAGS_STRICT_REPLY_MISMATCHED_PERSONA  (0x10ull << 56)
#define MPG_FLAGS_STRICT_REPLY_MASK                (0xffull << 56)
#define kGUARD_EXC_INVALID_RIGHT 256
#define kGUARD_EXC_INVALID_NAME 512
#define kGUARD_EXC_INVALID_VALUE 1024
#define kGUARD_EXC_INVALID_ARGUMENT 2048
/* Up to the first a guard ends the task always, up to the second if it says so. */
#define MAX_FATAL_kGUARD_EXC_CODE (1u << 7)
#define MAX_OPTIONAL_kGUARD_EXC_CODE (1u << 19)
typedef struct mach_port_limits { mach_port_msgcount_t mpl_qlimit; } mach_port_limits_t;
typedef struct mach_port_status {
	mach_port_rights_t mps_pset;
	mach_port_seqno_t mps_seqno;
	mach_port_mscount_t mps_mscount;
	mach_port_msgcount_t mps_qlimit, mps_msgcount;
	mach_port_rights_t mps_sorights;
	int mps_srights, mps_pdrequest, mps_nsrequest;
	natural_t mps_flags;
} mach_port_status_t;
typedef struct mach_port_options {
	uint32_t flags;
	mach_port_limits_t mpl;
	union { uint64_t reserved[2]; mach_port_name_t work_interval_port; };
} mach_port_options_t, *mach_port_options_ptr_t;
typedef struct mach_port_info_ext {
	mach_port_status_t mpie_status;
	mach_port_msgcount_t mpie_boost_cnt;
	uint32_t reserved[6];
} mach_port_info_ext_t;
typedef struct mach_port_guard_info { uint64_t mpgi_guard; } mach_port_guard_info_t;
typedef struct mach_port_qos { unsigned name : 1, prealloc : 1, pad1 : 30; natural_t len; } mach_port_qos_t;
#define HOST_NULL ((host_t)0)
#define SEMAPHORE_NULL ((semaphore_t)0)
#define LOCK_SET_NULL ((lock_set_t)0)
#endif
