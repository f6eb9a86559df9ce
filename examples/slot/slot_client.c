/*
 * A program that uses slot: it looks the port of a slot up at the Network Name Server,
 * and sends it messages. kern_loader loads slot when the first one comes.
 *
 *	slot_client slot2 read SPACE OFFSET WIDTH
 *	slot_client slot2 write SPACE OFFSET WIDTH VALUE
 *	slot_client slot2 wait		the board adds up 32 words of its memory; wait for the interrupt
 */
#include <mach/mach.h>
#include <servers/bootstrap.h>
#include <servers/netname.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* slot.h has these, for Mach 2.5; here is what their messages are in today's format. */
#define SLOT_READ 4000
#define SLOT_WRITE 4001
#define SLOT_ENABLE 4002
#define SLOT_INTERRUPT 4200
#define TYPE_4_INTS (2 | 32 << 8 | 4 << 16 | 1 << 28)

/* Registers of the example board. */
#define SUM_COMMAND 0x104
#define SUM_COUNT 0x10c
#define SUM_START 1

static mach_port_t slot, answer;

static void check(kern_return_t kr, const char *what)
{
	if (kr != KERN_SUCCESS) {
		fprintf(stderr, "slot_client: %s: %s (%#x)\n", what, mach_error_string(kr), kr);
		exit(1);
	}
}

typedef struct {
	mach_msg_header_t head;
	unsigned int type, space, offset, width, value;
} request_t;

typedef struct {
	mach_msg_header_t head;
	unsigned int code_type, code, type, value;
	char trailer[128];
} reply_t;

static void receive(reply_t *r, mach_port_t on)
{
	memset(r, 0, sizeof *r);
	check(mach_msg(&r->head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof *r, on, 20000, MACH_PORT_NULL), "receiving");
}

static unsigned int call(int id, unsigned int space, unsigned int offset, unsigned int width, unsigned int value)
{
	request_t m = {{MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), sizeof m, slot, answer, 0, id},
		TYPE_4_INTS, space, offset, width, value};
	reply_t r;

	check(mach_msg(&m.head, MACH_SEND_MSG, sizeof m, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL), "sending");
	receive(&r, answer);
	if (r.head.msgh_id != id + 100) {
		fprintf(stderr, "slot_client: the server is gone (message %d)\n", r.head.msgh_id);
		exit(1);
	}
	if (r.code != 0) {
		fprintf(stderr, "slot_client: error %d\n", (int)r.code);
		exit(2);
	}
	return r.value;
}

static void enable(mach_port_t told)
{
	struct {
		mach_msg_header_t head;
		mach_msg_body_t body;
		mach_msg_port_descriptor_t port;
	} m = {{MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) | MACH_MSGH_BITS_COMPLEX, sizeof m, slot, answer, 0, SLOT_ENABLE},
		{1}, {told, 0, 0, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_PORT_DESCRIPTOR}};
	reply_t r;

	check(mach_msg(&m.head, MACH_SEND_MSG, sizeof m, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL), "sending");
	receive(&r, answer);
	check(r.code, "SLOT_ENABLE");
}

int main(int argc, char **argv)
{
	mach_port_t names, told;
	reply_t r;
#define ARG(i) (argc > (i) ? (unsigned)strtoul(argv[i], 0, 0) : 0)

	if (argc < 3) {
		fprintf(stderr, "usage: slot_client slotN read|write|wait [SPACE OFFSET WIDTH [VALUE]]\n");
		return 64;
	}
	check(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &answer), "a port");
	check(bootstrap_look_up(bootstrap_port, "NetMessage", &names), "the name server");
	netname_name_t name = "";
	strlcpy(name, argv[1], sizeof name);
	check(netname_look_up(names, "", name, &slot), argv[1]);
	if (strcmp(argv[2], "read") == 0) {
		printf("%#x\n", call(SLOT_READ, ARG(3), ARG(4), ARG(5), 0));
	} else if (strcmp(argv[2], "write") == 0) {
		call(SLOT_WRITE, ARG(3), ARG(4), ARG(5), ARG(6));
	} else if (strcmp(argv[2], "wait") == 0) {
		check(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &told), "a port");
		enable(told);
		call(SLOT_WRITE, 1, SUM_COUNT, 2, 32);
		call(SLOT_WRITE, 1, SUM_COMMAND, 1, SUM_START);
		receive(&r, told);
		if (r.head.msgh_id != SLOT_INTERRUPT)
			return 1;
		printf("interrupt\n");
	}
	return 0;
}
