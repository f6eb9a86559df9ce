package trap

import "puggle/machine"

// Places in a shell; stub.S has the same numbers.
const (
	ctlBase    = uint64(machine.CommPage) + 0x1000
	ctlPages   = 4
	replyBase  = uint64(machine.CommPage) + 0x5000
	rodataBase = uint64(machine.CommPage) + 0x6000
	textBase   = uint64(machine.TrapEntry)
	textSize   = 0x2000

	bellsBase = uint64(machine.CommPage) + 0x10000
	bellsSize = 0x120000

	slotSize   = 0x8000
	slotsMax   = int((uint64(machine.CommPage) - uint64(machine.SlotBase)) / slotSize)
	altStack   = 0x3000 // in a slot: the alternate signal stack, to the slot's end
	xstateBuf  = 0x1000 // in a slot: the XSAVE image of a full resume
	xstateSize = 0x2000

	ackOffset  = 0x3000 // of ACK in CTL
	ordersMax  = (ackOffset - 0x40) / 64
	stackTSize = 24 // sizeof(stack_t)
)

// Physical offsets of the fixed pages.
const (
	paComm   = 0x0000
	paRodata = 0x1000
	paText   = 0x4000
	paCtl    = 0x10000 // the zygote's
	paReply  = 0x14000
	paBells  = 0x20000
	paFree   = paBells + bellsSize // where allocation begins
)
