/* Messages. */
#ifndef _MACH_MESSAGE_H_
#define _MACH_MESSAGE_H_
#include <mach/port.h>
#include <sys/cdefs.h>
typedef natural_t mach_msg_timeout_t, mach_msg_bits_t, mach_msg_size_t, mach_msg_type_name_t, mach_msg_type_size_t;
typedef natural_t mach_msg_type_number_t, mach_msg_copy_options_t, mach_msg_descriptor_type_t, mach_msg_trailer_type_t;
typedef natural_t mach_msg_trailer_size_t;
typedef integer_t mach_msg_id_t, mach_msg_options_t, mach_msg_option_t;
typedef kern_return_t mach_msg_return_t;
#define MACH_MSG_TIMEOUT_NONE 0
#define MACH_MSGH_BITS_REMOTE_MASK 0x1fu
#define MACH_MSGH_BITS_LOCAL_MASK 0x1f00u
#define MACH_MSGH_BITS_VOUCHER_MASK 0x1f0000u
#define MACH_MSGH_BITS_COMPLEX 0x80000000u
#define MACH_MSGH_BITS(r, l) ((r) | ((l) << 8))
#define MACH_MSGH_BITS_SET(r, l, v, o) ((r) | (l) << 8 | (v) << 16 | (o))
#define MACH_MSGH_BITS_REMOTE(b) ((b) & MACH_MSGH_BITS_REMOTE_MASK)
#define MACH_MSGH_BITS_LOCAL(b) (((b) & MACH_MSGH_BITS_LOCAL_MASK) >> 8)
#define MACH_MSG_TYPE_MOVE_RECEIVE 16
#define MACH_MSG_TYPE_MOVE_SEND 17
#define MACH_MSG_TYPE_MOVE_SEND_ONCE 18
#define MACH_MSG_TYPE_COPY_SEND 19
#define MACH_MSG_TYPE_MAKE_SEND 20
#define MACH_MSG_TYPE_MAKE_SEND_ONCE 21
#define MACH_MSG_TYPE_COPY_RECEIVE 22
#define MACH_MSG_TYPE_PORT_NONE 0
#define MACH_MSG_TYPE_PORT_NAME 15
#define MACH_MSG_TYPE_PORT_RECEIVE MACH_MSG_TYPE_MOVE_RECEIVE
#define MACH_MSG_TYPE_PORT_SEND MACH_MSG_TYPE_MOVE_SEND
#define MACH_MSG_TYPE_PORT_SEND_ONCE MACH_MSG_TYPE_MOVE_SEND_ONCE
#define MACH_MSG_PHYSICAL_COPY 0
#define MACH_MSG_VIRTUAL_COPY 1
#define MACH_MSG_ALLOCATE 2
#define MACH_MSG_PORT_DESCRIPTOR 0
#define MACH_MSG_OOL_DESCRIPTOR 1
#define MACH_MSG_OOL_PORTS_DESCRIPTOR 2
#define MACH_MSG_OOL_VOLATILE_DESCRIPTOR 3
#define MACH_MSG_GUARDED_PORT_DESCRIPTOR 4
#define MACH_MSG_GUARD_FLAGS_NONE 0
#define MACH_MSG_GUARD_FLAGS_IMMOVABLE_RECEIVE 1
#define MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND 2
#define MACH_MSG_TRAILER_FORMAT_0 0
#define MACH_MSG_TYPE_PORT_ANY(x) ((x) >= MACH_MSG_TYPE_MOVE_RECEIVE && (x) <= MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define MACH_MSG_TYPE_PORT_ANY_SEND(x) ((x) >= MACH_MSG_TYPE_MOVE_SEND && (x) <= MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define MACH_MSG_TYPE_POLYMORPHIC ((mach_msg_type_name_t)-1)
#define MACH_MSG_NULL ((mach_msg_header_t *)0)
#define MACH_MSG_SIZE_MAX ((mach_msg_size_t)~0)
#define MACH_MSGH_BITS_ZERO 0
#define MACH_MSGH_BITS_OTHER(b) ((b) & ~(MACH_MSGH_BITS_REMOTE_MASK | MACH_MSGH_BITS_LOCAL_MASK | MACH_MSGH_BITS_VOUCHER_MASK))
#define MACH_MSGH_BITS_IS_COMPLEX(b) (((b) & MACH_MSGH_BITS_COMPLEX) != 0)
#pragma pack(push, 4)
typedef struct {
	mach_msg_bits_t msgh_bits;
	mach_msg_size_t msgh_size;
	mach_port_t msgh_remote_port, msgh_local_port;
	mach_port_name_t msgh_voucher_port;
	mach_msg_id_t msgh_id;
} mach_msg_header_t;
#define msgh_reserved msgh_voucher_port
typedef struct { mach_msg_size_t msgh_descriptor_count; } mach_msg_body_t;
typedef struct { mach_msg_header_t header; mach_msg_body_t body; } mach_msg_base_t;
typedef struct {
	mach_port_t name;
	mach_msg_size_t pad1;
	unsigned pad2 : 16;
	mach_msg_type_name_t disposition : 8;
	mach_msg_descriptor_type_t type : 8;
} mach_msg_port_descriptor_t;
typedef struct {
	void *address;
	unsigned deallocate : 8;
	mach_msg_copy_options_t copy : 8;
	unsigned pad1 : 8;
	mach_msg_descriptor_type_t type : 8;
	mach_msg_size_t size;
} mach_msg_ool_descriptor_t;
typedef struct {
	void *address;
	unsigned deallocate : 8;
	mach_msg_copy_options_t copy : 8;
	mach_msg_type_name_t disposition : 8;
	mach_msg_descriptor_type_t type : 8;
	mach_msg_size_t count;
} mach_msg_ool_ports_descriptor_t;
typedef struct { natural_t pad1; mach_msg_size_t pad2; unsigned pad3 : 24; mach_msg_descriptor_type_t type : 8; } mach_msg_type_descriptor_t;
typedef struct { mach_msg_trailer_type_t msgh_trailer_type; mach_msg_trailer_size_t msgh_trailer_size; } mach_msg_trailer_t;
typedef struct { mach_msg_trailer_type_t msgh_trailer_type; mach_msg_trailer_size_t msgh_trailer_size; mach_port_seqno_t msgh_seqno; } mach_msg_seqno_trailer_t;
typedef struct { unsigned val[2]; } security_token_t;
typedef struct { unsigned val[8]; } audit_token_t;
typedef struct { mach_msg_trailer_type_t msgh_trailer_type; mach_msg_trailer_size_t msgh_trailer_size; mach_port_seqno_t msgh_seqno; security_token_t msgh_sender; } mach_msg_security_trailer_t;
typedef struct { mach_msg_trailer_type_t msgh_trailer_type; mach_msg_trailer_size_t msgh_trailer_size; mach_port_seqno_t msgh_seqno; security_token_t msgh_sender; audit_token_t msgh_audit; } mach_msg_audit_trailer_t;
typedef struct {
	mach_msg_trailer_type_t msgh_trailer_type;
	mach_msg_trailer_size_t msgh_trailer_size;
	mach_port_seqno_t msgh_seqno;
	security_token_t msgh_sender;
	audit_token_t msgh_audit;
	mach_port_context_t msgh_context;
} mach_msg_context_trailer_t;
typedef struct {
	mach_msg_trailer_type_t msgh_trailer_type;
	mach_msg_trailer_size_t msgh_trailer_size;
	mach_port_seqno_t msgh_seqno;
	security_token_t msgh_sender;
	audit_token_t msgh_audit;
	mach_port_context_t msgh_context;
	int msgh_ad;
	struct { mach_port_name_t sender; } msgh_labels;
} mach_msg_mac_trailer_t, mach_msg_max_trailer_t;
typedef mach_msg_security_trailer_t mach_msg_format_0_trailer_t;
#define MAX_TRAILER_SIZE ((mach_msg_size_t)sizeof(mach_msg_max_trailer_t))
typedef struct { mach_port_context_t context; unsigned flags : 16; mach_msg_type_name_t disposition : 8; mach_msg_descriptor_type_t type : 8; mach_port_name_t name; } mach_msg_guarded_port_descriptor_t;
typedef union {
	mach_msg_port_descriptor_t port;
	mach_msg_ool_descriptor_t out_of_line;
	mach_msg_ool_ports_descriptor_t ool_ports;
	mach_msg_type_descriptor_t type;
	mach_msg_guarded_port_descriptor_t guarded_port;
} mach_msg_descriptor_t;
typedef struct { mach_msg_header_t header; } mach_msg_empty_send_t;
typedef struct { mach_msg_header_t header; mach_msg_trailer_t trailer; } mach_msg_empty_rcv_t;
#pragma pack(pop)
#define MACH_SEND_MSG 0x1
#define MACH_RCV_MSG 0x2
#define MACH_RCV_LARGE 0x4
#define MACH_RCV_LARGE_IDENTITY 0x8
#define MACH_SEND_TIMEOUT 0x10
#define MACH_SEND_OVERRIDE 0x20
#define MACH_SEND_INTERRUPT 0x40
#define MACH_SEND_NOTIFY 0x80
#define MACH_RCV_TIMEOUT 0x100
#define MACH_RCV_INTERRUPT 0x400
#define MACH_RCV_VOUCHER 0x800
#define MACH_MSG_STRICT_REPLY 0x200
#define MACH_RCV_GUARDED_DESC 0x1000
#define MACH_RCV_OVERWRITE 0 /* deprecated */
#define MACH_RCV_SYNC_WAIT 0x4000
#define MACH_SEND_TRAILER 0x20000
#define MACH_SEND_NOIMPORTANCE 0x40000
#define MACH_SEND_PROPAGATE_QOS 0x200000
#define MACH_SEND_SYNC_USE_THRPRI MACH_SEND_PROPAGATE_QOS
#define MACH_SEND_SYNC_OVERRIDE 0x100000
#define MACH_MSG_OPTION_NONE 0
#define MACH_RCV_TRAILER_TYPE(x) (((x) & 0xf) << 28)
#define MACH_RCV_TRAILER_ELEMENTS(x) (((x) & 0xf) << 24)
#define MACH_RCV_TRAILER_NULL 0
#define MACH_RCV_TRAILER_SEQNO 1
#define MACH_RCV_TRAILER_SENDER 2
#define MACH_RCV_TRAILER_AUDIT 3
#define MACH_RCV_TRAILER_CTX 4
#define MACH_RCV_TRAILER_AV 7
#define MACH_RCV_TRAILER_LABELS 8
#define MACH_RCV_TRAILER_MASK 0xf000000
#define REQUESTED_TRAILER_SIZE(o) ((mach_msg_trailer_size_t)( \
	((o) >> 24 & 0xf) == 0 ? sizeof(mach_msg_trailer_t) : ((o) >> 24 & 0xf) == 1 ? sizeof(mach_msg_seqno_trailer_t) : \
	((o) >> 24 & 0xf) == 2 ? sizeof(mach_msg_security_trailer_t) : ((o) >> 24 & 0xf) == 3 ? sizeof(mach_msg_audit_trailer_t) : \
	((o) >> 24 & 0xf) == 4 ? sizeof(mach_msg_context_trailer_t) : sizeof(mach_msg_mac_trailer_t)))
/* The bits of a result that say where there was no room. */
#define MACH_MSG_MASK 0x3e00
#define MACH_MSG_IPC_SPACE 0x2000
#define MACH_MSG_VM_SPACE 0x1000
#define MACH_MSG_IPC_KERNEL 0x800
#define MACH_MSG_VM_KERNEL 0x400
#define MACH_MSG_SUCCESS 0
#define MACH_SEND_IN_PROGRESS 0x10000001
#define MACH_SEND_INVALID_DATA 0x10000002
#define MACH_SEND_INVALID_DEST 0x10000003
#define MACH_SEND_TIMED_OUT 0x10000004
#define MACH_SEND_INVALID_VOUCHER 0x10000005
#define MACH_SEND_INTERRUPTED 0x10000007
#define MACH_SEND_MSG_TOO_SMALL 0x10000008
#define MACH_SEND_INVALID_REPLY 0x10000009
#define MACH_SEND_INVALID_RIGHT 0x1000000a
#define MACH_SEND_INVALID_NOTIFY 0x1000000b
#define MACH_SEND_INVALID_MEMORY 0x1000000c
#define MACH_SEND_NO_BUFFER 0x1000000d
#define MACH_SEND_TOO_LARGE 0x1000000e
#define MACH_SEND_INVALID_TYPE 0x1000000f
#define MACH_SEND_INVALID_HEADER 0x10000010
#define MACH_SEND_INVALID_TRAILER 0x10000011
#define MACH_SEND_INVALID_OPTIONS 0x10000013
#define MACH_SEND_NO_GRANT_DEST 0x10000016
#define MACH_RCV_INVALID_NAME 0x10004002
#define MACH_RCV_TIMED_OUT 0x10004003
#define MACH_RCV_TOO_LARGE 0x10004004
#define MACH_RCV_INTERRUPTED 0x10004005
#define MACH_RCV_PORT_CHANGED 0x10004006
#define MACH_RCV_INVALID_NOTIFY 0x10004007
#define MACH_RCV_INVALID_DATA 0x10004008
#define MACH_RCV_PORT_DIED 0x10004009
#define MACH_RCV_IN_SET 0x1000400a
#define MACH_RCV_HEADER_ERROR 0x1000400b
#define MACH_RCV_BODY_ERROR 0x1000400c
#define MACH_RCV_INVALID_TYPE 0x1000400d
#define MACH_RCV_SCATTER_SMALL 0x1000400e
#define MACH_RCV_INVALID_TRAILER 0x1000400f
/*
 * mach_msg2: the header is passed beside the message, and a message may be two pieces (its
 * own, and auxiliary data behind a header of their own). Options beyond 32 bits say what kind
 * of port it is for.
 */
typedef uint64_t mach_msg_option64_t;
#define MACH64_MSG_OPTION_NONE 0ull
#define MACH64_SEND_MSG ((mach_msg_option64_t)MACH_SEND_MSG)
#define MACH64_RCV_MSG ((mach_msg_option64_t)MACH_RCV_MSG)
#define MACH64_RCV_LARGE ((mach_msg_option64_t)MACH_RCV_LARGE)
#define MACH64_RCV_LARGE_IDENTITY ((mach_msg_option64_t)MACH_RCV_LARGE_IDENTITY)
#define MACH64_SEND_TIMEOUT ((mach_msg_option64_t)MACH_SEND_TIMEOUT)
#define MACH64_SEND_OVERRIDE ((mach_msg_option64_t)MACH_SEND_OVERRIDE)
#define MACH64_SEND_INTERRUPT ((mach_msg_option64_t)MACH_SEND_INTERRUPT)
#define MACH64_SEND_NOTIFY ((mach_msg_option64_t)MACH_SEND_NOTIFY)
#define MACH64_SEND_TRAILER ((mach_msg_option64_t)MACH_SEND_TRAILER)
#define MACH64_RCV_TIMEOUT ((mach_msg_option64_t)MACH_RCV_TIMEOUT)
#define MACH64_RCV_INTERRUPT ((mach_msg_option64_t)MACH_RCV_INTERRUPT)
#define MACH64_RCV_VOUCHER ((mach_msg_option64_t)MACH_RCV_VOUCHER)
#define MACH64_RCV_GUARDED_DESC ((mach_msg_option64_t)MACH_RCV_GUARDED_DESC)
#define MACH64_RCV_SYNC_WAIT ((mach_msg_option64_t)MACH_RCV_SYNC_WAIT)
#define MACH64_MSG_STRICT_REPLY ((mach_msg_option64_t)MACH_MSG_STRICT_REPLY)
#define MACH64_MSG_VECTOR 0x100000000ull
#define MACH64_SEND_KOBJECT_CALL 0x200000000ull
#define MACH64_SEND_MQ_CALL 0x400000000ull
#define MACH64_SEND_ANY 0x800000000ull
#define MACH64_SEND_DK_CALL 0x1000000000ull
typedef enum { MACH_MSGV_IDX_MSG, MACH_MSGV_IDX_AUX } mach_msgv_index_t;
#define MACH_MSGV_MAX_COUNT 2
#define LIBSYSCALL_MSGV_AUX_MAX_SIZE 128
typedef struct {
	uint64_t msgv_data; /* where the piece is */
	uint64_t msgv_rcv_addr; /* where it is received; 0: there, too */
	mach_msg_size_t msgv_send_size, msgv_rcv_size;
} mach_msg_vector_t;
typedef struct { mach_msg_size_t msgdh_size; uint32_t msgdh_reserved; } mach_msg_aux_header_t;
#define MACH_MSG_HEADER_EMPTY (mach_msg_header_t){ 0 }
__BEGIN_DECLS
mach_msg_return_t mach_msg2_internal(void *, mach_msg_option64_t, uint64_t bits_and_send_size, uint64_t remote_and_local,
    uint64_t voucher_and_id, uint64_t descriptors_and_rcv_name, uint64_t rcv_size_and_priority, uint64_t timeout);
static inline mach_msg_return_t mach_msg2(void *data, mach_msg_option64_t options, mach_msg_header_t h, mach_msg_size_t send,
    mach_msg_size_t rcv, mach_port_t name, uint64_t timeout, uint32_t priority)
{
	const mach_msg_base_t *m = options & MACH64_MSG_VECTOR ? (const mach_msg_base_t *)((mach_msg_vector_t *)data)->msgv_data :
	    (const mach_msg_base_t *)data;
	uint32_t n = options & MACH64_SEND_MSG && m->header.msgh_bits & MACH_MSGH_BITS_COMPLEX ? m->body.msgh_descriptor_count : 0;
	return mach_msg2_internal(data, options, h.msgh_bits | (uint64_t)send << 32,
	    h.msgh_remote_port | (uint64_t)h.msgh_local_port << 32, h.msgh_voucher_port | (uint64_t)(uint32_t)h.msgh_id << 32,
	    n | (uint64_t)name << 32, rcv | (uint64_t)priority << 32, timeout);
}
mach_msg_return_t mach_msg(mach_msg_header_t *, mach_msg_option_t, mach_msg_size_t, mach_msg_size_t,
    mach_port_name_t, mach_msg_timeout_t, mach_port_name_t);
mach_msg_return_t mach_msg_overwrite(mach_msg_header_t *, mach_msg_option_t, mach_msg_size_t, mach_msg_size_t,
    mach_port_name_t, mach_msg_timeout_t, mach_port_name_t, mach_msg_header_t *, mach_msg_size_t);
mach_msg_return_t mach_msg_send(mach_msg_header_t *);
mach_msg_return_t mach_msg_receive(mach_msg_header_t *);
void mach_msg_destroy(mach_msg_header_t *);
__END_DECLS
#endif
