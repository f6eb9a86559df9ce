/* sysctl for kernel code: objects, their declaration, handlers. */
#ifndef _SYS_SYSCTL_H_
#define _SYS_SYSCTL_H_

#include <libkern/libkern.h>
#include <sys/errno.h>
#include <sys/queue.h>
#include <sys/types.h>

#define CTL_MAXNAME 12

#define CTLTYPE 0xf
#define CTLTYPE_NODE 1
#define CTLTYPE_INT 2
#define CTLTYPE_STRING 3
#define CTLTYPE_QUAD 4
#define CTLTYPE_OPAQUE 5
#define CTLTYPE_STRUCT CTLTYPE_OPAQUE

#define CTLFLAG_RD 0x80000000
#define CTLFLAG_WR 0x40000000
#define CTLFLAG_RW (CTLFLAG_RD | CTLFLAG_WR)
#define CTLFLAG_NOLOCK 0x20000000
#define CTLFLAG_ANYBODY 0x10000000
#define CTLFLAG_SECURE 0x08000000
#define CTLFLAG_MASKED 0x04000000
#define CTLFLAG_KERN 0x01000000
#define CTLFLAG_LOCKED 0x00800000
#define CTLFLAG_OID2 0x00400000

#define OID_AUTO (-1)
#define SYSCTL_OID_VERSION 1

struct sysctl_req {
	struct proc *p;
	int lock;
	user_addr_t oldptr;
	size_t oldlen;
	size_t oldidx;
	int (*oldfunc)(struct sysctl_req *, const void *, size_t);
	user_addr_t newptr;
	size_t newlen;
	size_t newidx;
	int (*newfunc)(struct sysctl_req *, void *, size_t);
};

SLIST_HEAD(sysctl_oid_list, sysctl_oid);

#define SYSCTL_HANDLER_ARGS (struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req)

struct sysctl_oid {
	struct sysctl_oid_list *oid_parent;
	SLIST_ENTRY(sysctl_oid) oid_link;
	int oid_number;
	int oid_kind;
	void *oid_arg1;
	int oid_arg2;
	const char *oid_name;
	int (*oid_handler) SYSCTL_HANDLER_ARGS;
	const char *oid_fmt;
	const char *oid_descr;
	int oid_version;
	int oid_refcnt;
};

#define SYSCTL_IN(r, p, l) (((r)->newfunc)(r, p, l))
#define SYSCTL_OUT(r, p, l) (((r)->oldfunc)(r, p, l))

#define SYSCTL_DECL(name) extern struct sysctl_oid_list sysctl_##name##_children

/* a1 of type void *, or what becomes one. A blank parent is the root. */
#define SYSCTL_OID(parent, nbr, name, kind, a1, a2, handler, fmt, descr)                       \
	struct sysctl_oid sysctl_##parent##_##name = {&sysctl_##parent##_children, {0}, nbr,  \
		(int)(kind), (void *)(a1), (int)(a2), #name, handler, fmt, descr, SYSCTL_OID_VERSION, 0}
#define SYSCTL_NODE(parent, nbr, name, access, handler, descr)                                 \
	struct sysctl_oid_list sysctl_##parent##_##name##_children;                           \
	SYSCTL_OID(parent, nbr, name, CTLTYPE_NODE | (access), &sysctl_##parent##_##name##_children, 0, handler, "N", descr)
#define SYSCTL_STRING(parent, nbr, name, access, arg, len, descr) \
	SYSCTL_OID(parent, nbr, name, CTLTYPE_STRING | (access), arg, len, sysctl_handle_string, "A", descr)
#define SYSCTL_INT(parent, nbr, name, access, ptr, val, descr) \
	SYSCTL_OID(parent, nbr, name, CTLTYPE_INT | (access), ptr, val, sysctl_handle_int, "I", descr)
#define SYSCTL_UINT(parent, nbr, name, access, ptr, val, descr) \
	SYSCTL_OID(parent, nbr, name, CTLTYPE_INT | (access), ptr, val, sysctl_handle_int, "IU", descr)
#define SYSCTL_LONG(parent, nbr, name, access, ptr, descr) \
	SYSCTL_OID(parent, nbr, name, CTLTYPE_QUAD | (access), ptr, 0, sysctl_handle_long, "L", descr)
#define SYSCTL_QUAD(parent, nbr, name, access, ptr, descr) \
	SYSCTL_OID(parent, nbr, name, CTLTYPE_QUAD | (access), ptr, 0, sysctl_handle_quad, "Q", descr)
#define SYSCTL_OPAQUE(parent, nbr, name, access, ptr, len, fmt, descr) \
	SYSCTL_OID(parent, nbr, name, CTLTYPE_OPAQUE | (access), ptr, len, sysctl_handle_opaque, fmt, descr)
#define SYSCTL_STRUCT(parent, nbr, name, access, ptr, type, descr) \
	SYSCTL_OID(parent, nbr, name, CTLTYPE_OPAQUE | (access), ptr, sizeof(struct type), sysctl_handle_opaque, "S," #type, descr)
#define SYSCTL_PROC(parent, nbr, name, access, ptr, arg, handler, fmt, descr) \
	SYSCTL_OID(parent, nbr, name, access, ptr, arg, handler, fmt, descr)

__BEGIN_DECLS
int sysctl_handle_int SYSCTL_HANDLER_ARGS;
int sysctl_handle_int2quad SYSCTL_HANDLER_ARGS;
int sysctl_handle_long SYSCTL_HANDLER_ARGS;
int sysctl_handle_quad SYSCTL_HANDLER_ARGS;
int sysctl_handle_opaque SYSCTL_HANDLER_ARGS;
int sysctl_handle_string SYSCTL_HANDLER_ARGS;
int sysctl_io_number(struct sysctl_req *req, long long value, size_t size, void *out, int *changed);
int sysctl_io_string(struct sysctl_req *req, char *s, size_t size, int trunc, int *changed);
int sysctl_io_opaque(struct sysctl_req *req, void *p, size_t size, int *changed);
void sysctl_register_oid(struct sysctl_oid *oid);
void sysctl_unregister_oid(struct sysctl_oid *oid);

extern struct sysctl_oid_list sysctl__children;
SYSCTL_DECL(_kern);
SYSCTL_DECL(_kern_ipc);
SYSCTL_DECL(_vm);
SYSCTL_DECL(_vfs);
SYSCTL_DECL(_net);
SYSCTL_DECL(_net_inet);
SYSCTL_DECL(_net_inet_ip);
SYSCTL_DECL(_net_inet_tcp);
SYSCTL_DECL(_net_inet_udp);
SYSCTL_DECL(_debug);
SYSCTL_DECL(_hw);
SYSCTL_DECL(_machdep);
SYSCTL_DECL(_user);
__END_DECLS

#endif
