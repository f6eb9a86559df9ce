/* Messages to those who asked for them. */
#ifndef _IOKIT_IOMESSAGE_H_
#define _IOKIT_IOMESSAGE_H_

#define iokit_common_msg(message) ((UInt32)(0xe0000000 | (message)))
#define kIOMessageSystemWillPowerOff iokit_common_msg(0x250)
#define kIOMessageCanSystemSleep iokit_common_msg(0x270)
#define kIOMessageSystemWillSleep iokit_common_msg(0x280)
#define kIOMessageSystemHasPoweredOn iokit_common_msg(0x300)
#define kIOMessageSystemWillRestart iokit_common_msg(0x310)

#endif
