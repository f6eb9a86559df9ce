/* Mach 2.5's calls that are more than their traps. */
#include "private.h"
#include <mach/mach25.h>

msg_return_t msg_send_trap(msg_header_t *, msg_option_t, msg_timeout_t);
msg_return_t msg_receive_trap(msg_header_t *, msg_option_t, msg_timeout_t);
kern_return_t port_status_trap(task_t, port_t, int status[4]);

/* A signal ends a wait only for who has asked for that. */
msg_return_t msg_send(msg_header_t *h, msg_option_t o, msg_timeout_t t)
{
	msg_return_t r;
	do
		r = msg_send_trap(h, o, t);
	while (r == SEND_INTERRUPTED && !(o & SEND_INTERRUPT));
	return r;
}

msg_return_t msg_receive(msg_header_t *h, msg_option_t o, msg_timeout_t t)
{
	msg_return_t r;
	do
		r = msg_receive_trap(h, o, t);
	while (r == RCV_INTERRUPTED && !(o & RCV_INTERRUPT));
	return r;
}

msg_return_t msg_rpc(msg_header_t *h, msg_option_t o, msg_size_t room, msg_timeout_t send, msg_timeout_t receive)
{
	msg_return_t r = msg_send(h, o, send);
	if (r == SEND_SUCCESS) {
		h->msg_size = room;
		r = msg_receive(h, o, receive);
	}
	return r;
}

kern_return_t port_set_status(task_t t, port_set_name_t set, port_name_array_t *members, unsigned *count)
{
	return mach_port_get_set_status(t, set, members, count) ? KERN_INVALID_ARGUMENT : KERN_SUCCESS;
}

kern_return_t port_status(task_t t, port_t p, port_set_name_t *set, int *messages, int *backlog, boolean_t *owner, boolean_t *receiver)
{
	int s[4];
	kern_return_t r = port_status_trap(t, p, s);
	if (r == KERN_SUCCESS) {
		*set = s[0];
		*messages = s[1];
		*backlog = s[2];
		*owner = *receiver = s[3];
	}
	return r;
}
