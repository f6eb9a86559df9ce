/* What the files of the unwinder share. */
#ifndef UNWIND_PRIVATE_H
#define UNWIND_PRIVATE_H
#include "private.h"
#include <unwind.h>
#include <mach-o/loader.h>

/* Registers by their DWARF numbers. */
enum { R_RAX, R_RDX, R_RCX, R_RBX, R_RSI, R_RDI, R_RBP, R_RSP, R_R8, R_R12 = 12, R_R13, R_R14, R_R15, R_RIP, R_COUNT };

/* A frame: the registers as they are in it, and what is known of its function. */
struct _Unwind_Context {
	uint64_t r[R_COUNT];
	bool exact; /* rip is where it stopped, and not a return address */
	/* Of the function; start 0: nothing is known, the stack ends here. */
	uint64_t start, lsda, personality;
	uint32_t encoding;           /* compact; 0 if the description is an FDE */
	const uint8_t *fde;
};
typedef struct _Unwind_Context frame;

/* Where an image has its tables; addresses are slid. */
struct tables {
	const struct mach_header_64 *mh;
	uint64_t lo, hi;             /* of __TEXT */
	const uint8_t *compact, *eh; /* 0: none */
	uint64_t compact_size, eh_size;
};

#pragma GCC visibility push(hidden)
bool unwind_tables(uint64_t ip, struct tables *);
void unwind_find(frame *);       /* fills in what is known of r[R_RIP]'s function */
bool unwind_step(frame *);       /* to the caller; false: it can't be found */

bool compact_find(frame *, const struct tables *, uint64_t ip);
bool compact_step(frame *);
const uint8_t *fde_find(const uint8_t *eh, uint64_t size, uint64_t ip);
const uint8_t *fde_registered(uint64_t ip);
bool fde_info(frame *, const uint8_t *fde);
bool fde_step(frame *);

void unwind_capture(frame *);    /* the caller's registers as they will be when it has returned */
void unwind_resume(const frame *) __attribute__((noreturn));
#pragma GCC visibility pop

static inline uint64_t peek(uint64_t at) { return *(const uint64_t *)at; }
#endif
