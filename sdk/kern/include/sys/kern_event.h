/* Events that programs read from sockets of PF_SYSTEM. */
#ifndef SYS_KERN_EVENT_H
#define SYS_KERN_EVENT_H

#include <sys/kernel_types.h>

#define KEVENTS_OFF 1
#define KEV_ANY_VENDOR 0
#define KEV_ANY_CLASS 0
#define KEV_ANY_SUBCLASS 0
#define KEV_VENDOR_APPLE 1
#define KEV_NETWORK_CLASS 1
#define KEV_INET_SUBCLASS 1
#define KEV_DL_SUBCLASS 2
#define KEV_DL_SIFFLAGS 1
#define KEV_DL_SIFMTU 3
#define KEV_DL_IF_ATTACHED 9
#define KEV_DL_IF_DETACHED 11

#define N_KEV_VECTORS 5

struct kev_d_vectors {
	uint32_t data_length; /* 0: no more */
	void *data_ptr;
};

struct kev_msg {
	uint32_t vendor_code, kev_class, kev_subclass, event_code;
	struct kev_d_vectors dv[N_KEV_VECTORS];
};

__BEGIN_DECLS
errno_t kev_vendor_code_find(const char *vendor_string, uint32_t *vendor_code);
/* EINVAL: the vendor's number is not one of kev_vendor_code_find's; EMSGSIZE. */
errno_t kev_msg_post(struct kev_msg *event_msg);
__END_DECLS

#endif
