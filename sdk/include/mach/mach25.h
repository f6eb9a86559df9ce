/*
 * Mach 2.5's ports and messages, as NeXT's documents have them. A message is a header,
 * then items, each a type word (or a long one) and its data or, for out-of-line data, a
 * pointer of eight bytes. They travel between such programs, to kernel servers, and to
 * and from programs of today, which see them as Mach 3 messages; the kernel's own objects
 * take Mach 3 messages only.
 */
#ifndef _MACH_MACH25_H_
#define _MACH_MACH25_H_
#include <mach/mach.h>
#include <sys/cdefs.h>

typedef port_t port_set_name_t;
typedef port_t *port_name_array_t;
typedef unsigned msg_size_t, msg_timeout_t;
typedef int msg_option_t, msg_return_t, msg_id_t;
#define PORT_NULL ((port_t)0)
#define PORT_BACKLOG_DEFAULT 5
#define PORT_BACKLOG_MAX 16

typedef struct {
	unsigned msg_unused : 24, msg_simple : 8;
	msg_size_t msg_size;
	int msg_type;
	port_t msg_local_port, msg_remote_port;
	msg_id_t msg_id;
} msg_header_t;
typedef struct {
	unsigned msg_type_name : 8, msg_type_size : 8, msg_type_number : 12, msg_type_inline : 1,
		msg_type_longform : 1, msg_type_deallocate : 1, msg_type_unused : 1;
} msg_type_t;
typedef struct {
	msg_type_t msg_type_header;
	unsigned short msg_type_long_name, msg_type_long_size;
	unsigned msg_type_long_number;
} msg_type_long_t;

#define MSG_TYPE_NORMAL 0
#define MSG_TYPE_BOOLEAN 0
#define MSG_TYPE_INTEGER_16 1
#define MSG_TYPE_INTEGER_32 2
#define MSG_TYPE_PORT_OWNERSHIP 3
#define MSG_TYPE_PORT_RECEIVE 4
#define MSG_TYPE_PORT_ALL 5
#define MSG_TYPE_PORT 6
#define MSG_TYPE_CHAR 8
#define MSG_TYPE_BYTE 9
#define MSG_TYPE_INTEGER_8 9
#define MSG_TYPE_REAL 10
#define MSG_TYPE_STRING 12
#define MSG_TYPE_PORT_NAME 15

#define MSG_OPTION_NONE 0
#define SEND_TIMEOUT 0x0001
#define SEND_NOTIFY 0x0002
#define SEND_INTERRUPT 0x0004
#define RCV_TIMEOUT 0x0100
#define RCV_NO_SENDERS 0x0200
#define RCV_INTERRUPT 0x0400
#define RCV_LARGE 0x1000

#define SEND_SUCCESS 0
#define SEND_INVALID_MEMORY (-101)
#define SEND_INVALID_PORT (-102)
#define SEND_TIMED_OUT (-103)
#define SEND_KERNEL_REFUSED (-107)
#define SEND_INTERRUPTED (-108)
#define SEND_MSG_TOO_LARGE (-109)
#define SEND_MSG_TOO_SMALL (-110)
#define RCV_SUCCESS 0
#define RCV_INVALID_MEMORY (-201)
#define RCV_INVALID_PORT (-202)
#define RCV_TIMED_OUT (-203)
#define RCV_TOO_LARGE (-204)
#define RCV_NOT_ENOUGH_MEMORY (-205)
#define RCV_INTERRUPTED (-207)
#define RCV_PORT_CHANGE (-208)

__BEGIN_DECLS
/* The remote port gets the message. */
msg_return_t msg_send(msg_header_t *header, msg_option_t option, msg_timeout_t timeout);
/* From the port or set that is the local port; msg_size is how much there is room for. */
msg_return_t msg_receive(msg_header_t *header, msg_option_t option, msg_timeout_t timeout);
msg_return_t msg_rpc(msg_header_t *header, msg_option_t option, msg_size_t rcv_size, msg_timeout_t send_timeout, msg_timeout_t rcv_timeout);

#define task_self() mach_task_self()
#define thread_reply() mig_get_reply_port()
kern_return_t port_allocate(task_t task, port_t *port);
kern_return_t port_deallocate(task_t task, port_t port);
kern_return_t port_set_allocate(task_t task, port_set_name_t *set);
kern_return_t port_set_deallocate(task_t task, port_set_name_t set);
kern_return_t port_set_add(task_t task, port_set_name_t set, port_t port);
kern_return_t port_set_remove(task_t task, port_t port);
kern_return_t port_set_backlog(task_t task, port_t port, int backlog);
/* members is memory of the caller's. */
kern_return_t port_set_status(task_t task, port_set_name_t set, port_name_array_t *members, unsigned *count);
/* A task that only has send rights is told -1, -1, and that it is not the receiver. */
kern_return_t port_status(task_t task, port_t port, port_set_name_t *set, int *num_msgs, int *backlog, boolean_t *owner, boolean_t *receiver);
__END_DECLS
#endif
