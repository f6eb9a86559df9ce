/* The same interface by the server's and the handler's way: a server routine is given the
 * reply to fill in, a handler makes and sends only the reply that it needs. */
#import <kernserv/kern_server_types.h>
#import <kernserv/prototypes.h>
#import <sys/message.h>
#import "tally.h"

kern_server_t instance;
static int base, handled;

int tally_init(int arg)
{
	base = arg;
	return 0;
}

kern_return_t tally_add(port_t server, int by, int *total)
{
	*total = base + by;
	return KERN_SUCCESS;
}

kern_return_t tally_halve(port_t server, int number, int *half, int *rest)
{
	if (number < 0)
		return KERN_INVALID_ARGUMENT;
	*half = number / 2;
	*rest = number % 2;
	return KERN_SUCCESS;
}

/* HMAP's: the argument that goes with the port may be a pointer to data. */
boolean_t tally_handler(msg_header_t *in, int arg)
{
	enum { ROOM = 64 };
	msg_header_t *reply;

	if (arg != 46)
		panic("tally: the handler got %d", arg);
	handled++;
	reply = (msg_header_t *)kalloc(ROOM);
	tally_server(in, reply);
	msg_send(reply, SEND_TIMEOUT, 0);
	kfree(reply, ROOM);
	return 1;
}

int tally_handled(void) { return handled; }
