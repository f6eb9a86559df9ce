/* slot: access to NeXTbus boards for programs, by messages to the ports slot0, slot2,
 * slot4 and slot6. It is loaded by the first of them. */
#import "slot_var.h"
#import <sys/notify.h>
#import <next/cpu.h>
#import <next/autoconf.h>

slot_var_t instance;

/* In the following macro, slotid is half the slot #. */
#define nbic_regs(slotid) (caddr_t)(unsigned long)(0xf0ffffe8 | ((unsigned)(slotid) << 25))

/* An interrupt has been fielded; here, on the server's own thread, we may sleep. */
static void slot_interrupted(void *arg)
{
	struct slot_dev *dp = arg;
	msg_header_t m = { 0 };

	kern_serv_log(&instance, 3, "slot %d: interrupt %d\n", (int)(dp - instance.dev) * 2, dp->interrupts, 0, 0, 0);
	if (dp->intr_port == PORT_NULL)
		return;
	m.msg_simple = TRUE;
	m.msg_size = sizeof m;
	m.msg_remote_port = dp->intr_port;
	m.msg_id = SLOT_INTERRUPT;
	msg_send(&m, SEND_TIMEOUT, 0);
}

int slot_intr(void)
{
	int slotid;
	volatile unsigned char *intr_reg, *mask_reg;

	/* Interrupts at level 5 are polled: is it one of our boards, and may it? */
	for (slotid = 1; slotid < SLOTCOUNT; slotid++) {
		if (instance.dev[slotid].present) {
			intr_reg = instance.dev[slotid].nbic_addr;
			if (*intr_reg & intr_reg[4] & SLOT_INTR_BIT)
				break;
		}
	}
	if (slotid == SLOTCOUNT)
		return FALSE; /* Poll code should try next handler */

	/* The client resets the board's condition; until it enables interrupts again
	 * (0 masks, in spite of page 2-5) there are no more. */
	mask_reg = intr_reg + 4;
	*mask_reg = 0;
	instance.dev[slotid].interrupts++;
	kern_serv_callout(&instance, slot_interrupted, &instance.dev[slotid]);
	return TRUE;
}

int slot_init(int arg)
{
	int slotid;

	for (slotid = 1; slotid < SLOTCOUNT; slotid++) {
		struct slot_dev *dp = &instance.dev[slotid];

		dp->nbic_addr = (unsigned char *)map_addr(nbic_regs(slotid), 24);
		dp->present = dp->nbic_addr != 0 && probe_rb(dp->nbic_addr) &&
			slot_valid((unsigned int *)(dp->nbic_addr + 8));
		if (dp->present)
			printf("slot: board in slot %d\n", slotid * 2);
	}
	return install_polled_intr(I_BUS, slot_intr);
}

int slot_signoff(int arg)
{
	uninstall_polled_intr(I_BUS, slot_intr);
	printf("slot: unloaded\n");
	return 0;
}

/* A client that wanted to hear of interrupts is gone. */
boolean_t slot_port_death(port_name_t port)
{
	int slotid;

	for (slotid = 0; slotid < SLOTCOUNT; slotid++)
		if (instance.dev[slotid].intr_port == port)
			instance.dev[slotid].intr_port = PORT_NULL;
	port_deallocate((task_t)task_self(), port);
	return TRUE;
}

/* The port of SLOT_ENABLE, behind a type word or a long type. */
static kern_return_t slot_enable(int slotid, msg_header_t *in)
{
	struct slot_dev *dp = &instance.dev[slotid];
	msg_type_t *t = (msg_type_t *)(in + 1);
	unsigned int size = sizeof *in + (t->msg_type_longform ? sizeof(msg_type_long_t) : sizeof *t);
	port_t port;

	if (!dp->present)
		return SLOT_NO_BOARD;
	if (in->msg_simple || in->msg_size < size + sizeof port)
		return MIG_TYPE_ERROR;
	port = *(port_t *)((caddr_t)in + size);
	if (dp->intr_port != port) {
		dp->intr_port = port;
		kern_serv_notify(&instance, kern_serv_notify_port(&instance), port);
	}
	dp->nbic_addr[4] = SLOT_INTR_BIT;
	return KERN_SUCCESS;
}

/* The server interface: msg_local_port is the argument of the mapping. */
boolean_t slot_msg(msg_header_t *in, msg_header_t *out)
{
	slot_reply_t *reply = (slot_reply_t *)out;
	slot_request_t *request = (slot_request_t *)in;
	int slotid = in->msg_local_port;

	reply->head.msg_simple = TRUE;
	reply->head.msg_size = sizeof *reply;
	reply->head.msg_type = in->msg_type;
	reply->head.msg_local_port = PORT_NULL;
	reply->head.msg_remote_port = in->msg_remote_port;
	reply->head.msg_id = in->msg_id + 100;
	reply->type = reply->code_type;
	reply->value = 0;
	switch (in->msg_id) {
	case SLOT_READ:
	case SLOT_WRITE:
		if (in->msg_size < sizeof *request)
			reply->code = MIG_TYPE_ERROR;
		else
			reply->code = slot_access(slotid, request, in->msg_id == SLOT_WRITE, &reply->value);
		break;
	case SLOT_ENABLE:
		reply->code = slot_enable(slotid, in);
		break;
	default:
		reply->code = MIG_BAD_ID;
		return FALSE;
	}
	return TRUE;
}
