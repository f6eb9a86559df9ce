/* Replies to one's own thread: the port that UseSpecialReplyPort's stubs take. */
#ifndef _MACH_SYNC_IPC_H_
#define _MACH_SYNC_IPC_H_
#include <mach/mach_init.h>
#include <mach/message.h>
__BEGIN_DECLS
mach_port_t mig_get_special_reply_port(void);
void mig_dealloc_special_reply_port(mach_port_t);
__END_DECLS
#endif
