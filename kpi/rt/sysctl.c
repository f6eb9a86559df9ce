/* Handlers of sysctl for ordinary variables, and the lists that children hang on. */
#include "rt.h"

struct req {
	void *p;
	int lock;
	u64 oldptr;
	size_t oldlen, oldidx;
	int (*oldfunc)(struct req *, const void *, size_t);
	u64 newptr;
	size_t newlen, newidx;
	int (*newfunc)(struct req *, void *, size_t);
};

enum { EPERM = 1, EINVAL = 22, ERANGE = 34 };

/* Values of 4 and 8 bytes are interchangeable when they fit. */
static int integer(void *var, long value, int size, struct req *req)
{
	long v = !var ? value : size == 8 ? *(long *)var : *(int *)var;
	int n = (int)v, e;
	if (size == 8 && req->oldptr && req->oldlen == 4) {
		if (v != n)
			return ERANGE;
		e = req->oldfunc(req, &n, 4);
	} else if (size == 8)
		e = req->oldfunc(req, &v, 8);
	else
		e = req->oldfunc(req, &n, 4);
	if (e || !req->newptr)
		return e;
	if (!var)
		return EPERM;
	if (req->newlen == 8)
		e = req->newfunc(req, &v, 8);
	else {
		e = req->newfunc(req, &n, 4);
		v = n;
	}
	if (e)
		return e;
	if (size == 8)
		*(long *)var = v;
	else if (v != (int)v)
		return ERANGE;
	else
		*(int *)var = (int)v;
	return 0;
}

int sysctl_handle_int(void *oid, void *arg1, int arg2, struct req *req) { (void)oid; return integer(arg1, arg2, 4, req); }
int sysctl_handle_long(void *oid, void *arg1, int arg2, struct req *req) { (void)oid; (void)arg2; return arg1 ? integer(arg1, 0, 8, req) : EINVAL; }
int sysctl_handle_quad(void *oid, void *arg1, int arg2, struct req *req) { (void)oid; (void)arg2; return arg1 ? integer(arg1, 0, 8, req) : EINVAL; }
int sysctl_handle_int2quad(void *oid, void *arg1, int arg2, struct req *req)
{
	long v;
	(void)oid, (void)arg2;
	if (!arg1)
		return EINVAL;
	v = *(int *)arg1;
	int e = integer(&v, 0, 8, req);
	if (!e && req->newptr) {
		if (v != (int)v)
			return ERANGE;
		*(int *)arg1 = (int)v;
	}
	return e;
}

int sysctl_handle_opaque(void *oid, void *arg1, int arg2, struct req *req)
{
	(void)oid;
	int e = req->oldfunc(req, arg1, (size_t)arg2);
	return e || !req->newptr ? e : req->newfunc(req, arg1, (size_t)arg2);
}

/* arg2 is the size of the buffer. */
int sysctl_handle_string(void *oid, char *arg1, int arg2, struct req *req)
{
	(void)oid;
	int e = req->oldfunc(req, arg1, strlen(arg1) + 1);
	if (e || !req->newptr)
		return e;
	if (req->newlen >= (size_t)arg2)
		return EINVAL;
	size_t n = req->newlen;
	e = req->newfunc(req, arg1, n);
	arg1[e ? 0 : n] = 0;
	return e;
}

/* Handlers of today's style answer with sysctl_io_*. */
int sysctl_io_number(struct req *req, long value, size_t size, void *out, int *changed)
{
	long v = value;
	if (changed)
		*changed = 0;
	int e = integer(&v, 0, size == 8 ? 8 : 4, req);
	if (e || !req->newptr)
		return e;
	if (changed)
		*changed = 1;
	if (size == 8)
		*(long *)out = v;
	else
		*(int *)out = (int)v;
	return 0;
}

int sysctl_io_string(struct req *req, char *s, size_t size, int trunc, int *changed)
{
	(void)trunc;
	if (changed)
		*changed = req->newptr != 0;
	return sysctl_handle_string(NULL, s, (int)size, req);
}

int sysctl_io_opaque(struct req *req, void *p, size_t size, int *changed)
{
	if (changed)
		*changed = req->newptr != 0;
	return sysctl_handle_opaque(NULL, p, (int)size, req);
}

/* The children of what the system's own tree has; the kernel knows their names. */
#define CHILDREN(name) void *sysctl_##name##_children
void *sysctl__children; /* the root */
CHILDREN(_kern);
CHILDREN(_kern_ipc);
CHILDREN(_vm);
CHILDREN(_vfs);
CHILDREN(_net);
CHILDREN(_net_inet);
CHILDREN(_net_inet_ip);
CHILDREN(_net_inet_tcp);
CHILDREN(_net_inet_udp);
CHILDREN(_debug);
CHILDREN(_hw);
CHILDREN(_machdep);
CHILDREN(_user);
