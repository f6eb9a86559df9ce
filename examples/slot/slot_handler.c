/* Access to the boards' registers. */
#import "slot_var.h"

/* Whether there is a board behind its four ID words, of whatever make: the first has
 * the VALID bit. */
boolean_t slot_valid(volatile unsigned int *id_begin)
{
	return (*id_begin & 0x00000080) != 0;
}

/* One register, as wide as its device and not wider. */
kern_return_t slot_access(int slotid, slot_request_t *in, boolean_t write, unsigned int *value)
{
	unsigned int slot = slotid * 2, phys;
	caddr_t reg;

	if (!instance.dev[slotid].present)
		return SLOT_NO_BOARD;
	if (in->space == SLOT_SLOT_SPACE && in->offset < 0x1000000)
		phys = 0xf0000000 | slot << 24 | in->offset;
	else if (in->space == SLOT_BOARD_SPACE && in->offset < 0x10000000)
		phys = slot << 28 | in->offset;
	else
		return KERN_INVALID_ARGUMENT;
	if ((in->width != 1 && in->width != 2 && in->width != 4) || phys % in->width)
		return KERN_INVALID_ARGUMENT;
	reg = map_addr(phys, in->width);
	if (reg == 0)
		return KERN_RESOURCE_SHORTAGE;
	if (!probe_rb(reg))
		return SLOT_BUS_ERROR;
	switch (in->width) {
	case 1:
		if (write)
			*(volatile unsigned char *)reg = in->value;
		else
			*value = *(volatile unsigned char *)reg;
		break;
	case 2:
		if (write)
			*(volatile unsigned short *)reg = in->value;
		else
			*value = *(volatile unsigned short *)reg;
		break;
	case 4:
		if (write)
			*(volatile unsigned int *)reg = in->value;
		else
			*value = *(volatile unsigned int *)reg;
		break;
	}
	return KERN_SUCCESS;
}
