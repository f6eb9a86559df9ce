/* The instance variable. */
#import <kernserv/kern_server_types.h>
#import "slot.h"

#define SLOTCOUNT 4
#define SLOT_INTR_BIT 0x80

typedef struct slot_var {
	kern_server_t kern_server; /* generic instance info */
	struct slot_dev {
		boolean_t present;                 /* a board that is VALID */
		volatile unsigned char *nbic_addr; /* its interrupt byte */
		port_t intr_port;                  /* who is told of interrupts */
		int interrupts;
	} dev[SLOTCOUNT]; /* by slot number / 2 */
} slot_var_t;

extern slot_var_t instance;

extern kern_return_t slot_access(int slotid, slot_request_t *in, boolean_t write, unsigned int *value);
extern boolean_t slot_valid(volatile unsigned int *id_begin);
