/*
 * The mach_ipc family: IPC with state (Kernel Programming, 2002, chapter 6). The
 * document names mach_ipc_dispatch and mach_msg_dispatch and says what they do; the
 * other names and all structures are Puggle's own.
 *
 * An object is denoted by a port: a message queue (a receive right or port set of
 * the caller's), a semaphore, a lock of a lock set, a notification, or an RPC
 * object. Objects are registered in a set; a thread that dispatches the set makes
 * one callout for each event. The event of a lock or an RPC object is a transaction:
 * the lock is held, or the client waits, until the callout returns.
 */
#ifndef _MACH_MACH_IPC_H_
#define _MACH_MACH_IPC_H_
#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>
#include <stdint.h>
#include <sys/cdefs.h>

typedef mach_port_t mach_ipc_set_t, mach_ipc_notification_t, mach_ipc_rpc_t;

#define MACH_IPC_FOREVER   (~0u)
#define MACH_IPC_STATE_MAX 4096
#define MACH_IPC_BLOCK_MAX 65536

/* A format of argument blocks: lengths in bytes. A call is refused that has another. */
typedef struct mach_ipc_format { uint32_t id, request_size, reply_size; } mach_ipc_format_t;

enum {
	MACH_IPC_MESSAGE = 1, MACH_IPC_SEMAPHORE, MACH_IPC_NOTIFICATION, MACH_IPC_LOCK, MACH_IPC_RPC,
};
enum { MACH_IPC_LOCK_UNSTABLE = 1 }; /* flags: the lock's last holder died */

typedef struct mach_ipc_event {
	uint32_t    kind;
	mach_port_t object;     /* as it was registered */
	uint64_t    cookie;
	uint32_t    index;      /* the lock's number, the format's id */
	uint32_t    size;       /* of the state or the argument block */
	uint32_t    flags;
	uint32_t    reply_size; /* of the format */
	uint32_t    uid, gid, pid; /* the client's identity */
	uint32_t    pad;
} mach_ipc_event_t;

/*
 * Callouts of mach_msg_dispatch. What they return goes to the client of an RPC;
 * MACH_IPC_STOP ends mach_ipc_dispatch after the transaction (and is success for the
 * client). A missing callout drops the event; an RPC's client gets MIG_BAD_ID.
 */
#define MACH_IPC_STOP ((kern_return_t)0x6d697073)
typedef struct mach_ipc_callouts {
	kern_return_t (*message)(void *context, const mach_ipc_event_t *, mach_msg_header_t *);
	kern_return_t (*semaphore)(void *context, const mach_ipc_event_t *);
	kern_return_t (*notification)(void *context, const mach_ipc_event_t *, const void *state);
	kern_return_t (*lock)(void *context, const mach_ipc_event_t *);
	kern_return_t (*rpc)(void *context, const mach_ipc_event_t *, const void *args, void *reply);
} mach_ipc_callouts_t;

__BEGIN_DECLS
kern_return_t mach_ipc_set_create(mach_ipc_set_t *set);
/* index: the number of the lock, else 0. A lock gives an event when another thread has released it. */
kern_return_t mach_ipc_register(mach_ipc_set_t set, mach_port_t object, int index, uint64_t cookie);
kern_return_t mach_ipc_unregister(mach_ipc_set_t set, mach_port_t object, int index);

/* Processes events until a callout returns MACH_IPC_STOP (KERN_SUCCESS), none has
   come for timeout milliseconds (KERN_OPERATION_TIMED_OUT), or the set has gone
   (KERN_TERMINATED). */
kern_return_t mach_ipc_dispatch(mach_ipc_set_t set, const mach_ipc_callouts_t *, void *context, uint32_t timeout);
/* Makes the callout of one event. */
kern_return_t mach_msg_dispatch(const mach_ipc_callouts_t *, void *context, const mach_ipc_event_t *, void *data, void *reply);

kern_return_t mach_ipc_notification_create(uint32_t state_size, mach_ipc_notification_t *);
kern_return_t mach_ipc_notification_post(mach_ipc_notification_t, const void *state, uint32_t size);
kern_return_t mach_ipc_notification_wait(mach_ipc_notification_t, void *state, uint32_t size, uint32_t timeout);
kern_return_t mach_ipc_semaphore_post(mach_port_t semaphore);
kern_return_t mach_ipc_semaphore_post_all(mach_port_t semaphore);
kern_return_t mach_ipc_semaphore_wait(mach_port_t semaphore, uint32_t timeout);

kern_return_t mach_ipc_rpc_create(const mach_ipc_format_t *, uint32_t count, mach_ipc_rpc_t *);
/* KERN_INVALID_ARGUMENT: the block matches no format. */
kern_return_t mach_ipc_call(mach_ipc_rpc_t, uint32_t format, const void *args, uint32_t size, void *reply, uint32_t room);

/* The receive right, which may be given to others from now on, comes back when they end. */
kern_return_t mach_ipc_lend(mach_port_t receive);
__END_DECLS
#endif
