/* What slot's clients and slot agree on. A request is a message with these fields, and so
 * is its reply (id + 100); each group of integers has a type word of Mach 2.5 before it. */
#ifndef SLOT_H
#define SLOT_H
#include <sys/message.h>

#define SLOT_READ 4000   /* space, offset, width -> value */
#define SLOT_WRITE 4001  /* space, offset, width, value */
#define SLOT_ENABLE 4002 /* a port: it gets SLOT_INTERRUPT for each interrupt of the board */
#define SLOT_INTERRUPT 4200

#define SLOT_BOARD_SPACE 0
#define SLOT_SLOT_SPACE 1

/* Answers besides kern_return_t's. */
#define SLOT_NO_BOARD 4001
#define SLOT_BUS_ERROR 4002

typedef struct {
	msg_header_t head;
	msg_type_t type; /* four integers of 32 bits */
	unsigned int space, offset, width, value;
} slot_request_t;

typedef struct {
	msg_header_t head;
	msg_type_t code_type;
	kern_return_t code;
	msg_type_t type;
	unsigned int value;
} slot_reply_t;

#endif
