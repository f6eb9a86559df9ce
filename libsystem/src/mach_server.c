/*
 * The loops of servers made by MIG: receive a request, have it served, send the
 * reply. What a request carried is destroyed when serving it failed; a reply that
 * can't be sent, too.
 */
#include "private.h"
#include <stdlib.h>
#include <mach/mach.h>

typedef boolean_t (*demux_t)(mach_msg_header_t *, mach_msg_header_t *);

/* In a reply that is complex the descriptors say that all went well. */
static kern_return_t outcome(mig_reply_error_t *r)
{
	return r->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX ? KERN_SUCCESS : r->RetCode;
}

/* Serves one request; the result is that of sending the reply. */
static mach_msg_return_t serve(demux_t demux, mach_msg_header_t *in, mig_reply_error_t *out, mach_msg_options_t options)
{
	demux(in, &out->Head);
	switch (outcome(out)) {
	case KERN_SUCCESS:
		break;
	case MIG_NO_REPLY:
		out->Head.msgh_remote_port = MACH_PORT_NULL;
		break;
	default: /* the reply port has moved to the reply */
		in->msgh_remote_port = MACH_PORT_NULL;
		mach_msg_destroy(in);
	}
	if (out->Head.msgh_remote_port == MACH_PORT_NULL)
		return MACH_MSG_SUCCESS;
	/* A client that does not receive must not stop the server. */
	if (MACH_MSGH_BITS_REMOTE(out->Head.msgh_bits) != MACH_MSG_TYPE_MOVE_SEND_ONCE)
		options |= MACH_SEND_TIMEOUT;
	mach_msg_return_t r = mach_msg(&out->Head, MACH_SEND_MSG | options, out->Head.msgh_size, 0, MACH_PORT_NULL,
	    MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
	if (r == MACH_SEND_INVALID_DEST || r == MACH_SEND_TIMED_OUT) {
		mach_msg_destroy(&out->Head);
		r = MACH_MSG_SUCCESS;
	}
	return r;
}

static mach_msg_return_t loop(demux_t demux, mach_msg_size_t max, mach_port_t port, mach_msg_options_t options, bool once)
{
	options &= ~(MACH_SEND_MSG | MACH_RCV_MSG);
	mach_msg_size_t size = max + MAX_TRAILER_SIZE;
	mach_msg_header_t *in = malloc(size);
	mig_reply_error_t *out = malloc(max < sizeof *out ? sizeof *out : max);
	mach_msg_return_t r = KERN_RESOURCE_SHORTAGE;
	while (in && out) {
		r = mach_msg(in, MACH_RCV_MSG | options, 0, size, port, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
		if (r == MACH_RCV_TOO_LARGE && options & MACH_RCV_LARGE) {
			size = in->msgh_size + MAX_TRAILER_SIZE;
			free(in);
			in = malloc(size);
			r = KERN_RESOURCE_SHORTAGE;
			continue;
		}
		if (r == MACH_MSG_SUCCESS)
			r = serve(demux, in, out, options);
		if (once || r != MACH_MSG_SUCCESS)
			break;
	}
	free(in);
	free(out);
	return r;
}

mach_msg_return_t mach_msg_server(demux_t demux, mach_msg_size_t max, mach_port_t port, mach_msg_options_t options)
{
	return loop(demux, max, port, options, false);
}
mach_msg_return_t mach_msg_server_once(demux_t demux, mach_msg_size_t max, mach_port_t port, mach_msg_options_t options)
{
	return loop(demux, max, port, options, true);
}

/* What the output of Apple's MIG puts strings into messages with. */
int mig_strncpy(char *dest, const char *src, int len)
{
	int n = 0;
	while (n < len - 1 && src[n]) {
		dest[n] = src[n];
		n++;
	}
	if (len > 0)
		dest[n++] = 0;
	return n;
}
int mig_strncpy_zerofill(char *dest, const char *src, int len)
{
	int n = mig_strncpy(dest, src, len);
	for (int i = n; i < len; i++)
		dest[i] = 0;
	return n;
}

/* Memory that servers' stubs of MIG give and take. */
void mig_allocate(vm_address_t *at, vm_size_t size)
{
	if (vm_allocate(mach_task_self(), at, size, VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
		*at = 0;
}
void mig_deallocate(vm_address_t at, vm_size_t size) { vm_deallocate(mach_task_self(), at, size); }
