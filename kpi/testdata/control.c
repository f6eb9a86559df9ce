/* Kernel controls and mbufs: what is sent to com.example.control comes back reversed, and what is sent
 * to com.example.control.stream as it is. */
#include <libkern/libkern.h>
#include <mach/mach_types.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/kern_control.h>
#include <sys/malloc.h>
#include <sys/proc.h>
#include <sys/sysctl.h>
#include <sys/systm.h>

struct unit {
	int number, option;
	unsigned sent;
};

static kern_ctl_ref datagrams, stream, fixed;
static int fails;

static errno_t up(kern_ctl_ref ref, struct sockaddr_ctl *sac, void **info)
{
	struct unit *u;

	if (sac->sc_len != sizeof(*sac) || sac->sc_family != AF_SYSTEM || sac->ss_sysaddr != AF_SYS_CONTROL || *info)
		fails++;
	if (sac->sc_unit == 13)
		return EACCES; /* and disconnect comes all the same */
	u = _MALLOC(sizeof(*u), M_TEMP, M_WAITOK | M_ZERO);
	if (!u)
		return ENOMEM;
	u->number = sac->sc_unit;
	*info = u;
	printf("control: unit %d up, pid is the caller's: %d\n", sac->sc_unit, proc_selfpid() > 1);
	return 0;
}

static errno_t down(kern_ctl_ref ref, u_int32_t unit, void *info)
{
	struct unit *u = info;

	if (!u) {
		printf("control: unit %d was never up\n", unit);
		return 0;
	}
	if (u->number != (int)unit)
		fails++;
	printf("control: unit %d down after %u bytes\n", unit, u->sent);
	_FREE(u, M_TEMP);
	return 0;
}

/* Turns a packet around, through memory that lies together. */
static errno_t reversed(kern_ctl_ref ref, u_int32_t unit, void *info, mbuf_t m, int flags)
{
	struct unit *u = info;
	size_t n = mbuf_pkthdr_len(m), i, space = 0;
	unsigned chunks = 0;
	char *b;
	mbuf_t back, x;
	errno_t e;

	u->sent += n;
	if (n == 0) {
		mbuf_freem(m);
		return ENOMSG;
	}
	b = _MALLOC(n, M_TEMP, M_WAITOK);
	if (mbuf_copydata(m, 1, n, b) != EINVAL || mbuf_copydata(m, 0, n, b))
		fails++;
	mbuf_freem(m);
	for (i = 0; i < n / 2; i++) {
		char c = b[i];
		b[i] = b[n - 1 - i];
		b[n - 1 - i] = c;
	}
	if (ctl_getenqueuespace(ref, unit, &space) || ctl_getenqueuespace(ref, 9999, &space) != EINVAL)
		fails++;
	e = mbuf_allocpacket(MBUF_WAITOK, n, &chunks, &back);
	if (e == 0) {
		i = 0;
		for (x = back; x; x = mbuf_next(x)) {
			size_t k = lmin(mbuf_maxlen(x), n - i);
			memcpy(mbuf_data(x), b + i, k);
			mbuf_setlen(x, k);
			i += k;
			chunks--;
		}
		if (chunks || i != n)
			fails++;
		mbuf_pkthdr_setlen(back, n);
		e = ctl_enqueuembuf(ref, unit, back, CTL_DATA_EOR);
		if ((e == 0) != (space >= n))
			fails++;
		if (e)
			mbuf_freem(back);
	}
	_FREE(b, M_TEMP);
	return e;
}

static errno_t echoed(kern_ctl_ref ref, u_int32_t unit, void *info, mbuf_t m, int flags)
{
	struct unit *u = info;
	mbuf_t x;
	errno_t e = 0;

	for (x = m; x && e == 0; x = mbuf_next(x)) {
		u->sent += mbuf_len(x);
		e = ctl_enqueuedata(ref, unit, mbuf_data(x), mbuf_len(x), 0);
	}
	mbuf_freem(m);
	return e;
}

static errno_t setopt(kern_ctl_ref ref, u_int32_t unit, void *info, int opt, void *data, size_t len)
{
	struct unit *u = info;

	if (opt != 7)
		return ENOPROTOOPT;
	if (len != sizeof(int))
		return EINVAL;
	u->option = *(int *)data;
	return 0;
}

static errno_t getopt(kern_ctl_ref ref, u_int32_t unit, void *info, int opt, void *data, size_t *len)
{
	struct unit *u = info;

	switch (opt) {
	case 7:
		if (*len < sizeof(int))
			return EINVAL;
		*(int *)data = u->option;
		*len = sizeof(int);
		return 0;
	case 8:
		strlcpy(data, "a name", *len);
		*len = 7;
		return 0;
	case 9:
		*len = 1 << 20; /* a lie */
		return 0;
	}
	return ENOPROTOOPT;
}

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			return -__LINE__; \
	} while (0)

/* What <sys/kpi_mbuf.h> says. */
static int packets(void)
{
	static char text[6000], out[6000];
	mbuf_t m, n, o;
	mbuf_tag_id_t id, again;
	size_t off, len;
	void *tag, *found;
	unsigned chunks = 1;
	int i;

	for (i = 0; i < (int)sizeof(text); i++)
		text[i] = (char)(i * 7 + i / 251);
	CHECK(mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m) == 0);
	CHECK(mbuf_flags(m) == MBUF_PKTHDR && mbuf_type(m) == MBUF_TYPE_DATA && mbuf_len(m) == 0 && !mbuf_next(m));
	CHECK(mbuf_maxlen(m) == mbuf_get_mhlen() && mbuf_data(m) == mbuf_datastart(m));
	CHECK(mbuf_copyback(m, 0, sizeof(text), text, MBUF_WAITOK) == 0);
	CHECK(mbuf_pkthdr_len(m) == sizeof(text) && mbuf_next(m));
	CHECK(mbuf_copydata(m, 0, sizeof(text), out) == 0 && memcmp(text, out, sizeof(text)) == 0);
	CHECK(mbuf_copydata(m, 1000, 3000, out) == 0 && memcmp(text + 1000, out, 3000) == 0);
	CHECK(mbuf_copydata(m, 1, sizeof(text), out) == EINVAL);

	/* A copy is its own; tags go with it. */
	CHECK(mbuf_tag_id_find("com.example.control", &id) == 0 && mbuf_tag_id_find("com.example.control", &again) == 0 && id == again);
	CHECK(mbuf_tag_id_find("com.example.other", &again) == 0 && id != again);
	CHECK(mbuf_tag_find(m, id, 1, &len, &found) == ENOENT);
	CHECK(mbuf_tag_allocate(m, id, 1, 24, MBUF_WAITOK, &tag) == 0 && mbuf_tag_allocate(m, id, 1, 24, MBUF_WAITOK, &found) == EEXIST);
	strlcpy(tag, "seen", 24);
	CHECK(mbuf_tag_find(m, id, 1, &len, &found) == 0 && len == 24 && found == tag && mbuf_tag_find(m, again, 1, &len, &found) == ENOENT);
	CHECK(mbuf_tag_allocate(m, 5, 1, 24, MBUF_WAITOK, &found) == EINVAL);
	CHECK(mbuf_dup(m, MBUF_WAITOK, &n) == 0 && mbuf_pkthdr_len(n) == sizeof(text));
	CHECK(mbuf_tag_find(n, id, 1, &len, &found) == 0 && found != tag && strcmp(found, "seen") == 0);
	mbuf_tag_free(n, id, 1);
	CHECK(mbuf_tag_find(n, id, 1, &len, &found) == ENOENT && mbuf_tag_find(m, id, 1, &len, &found) == 0);
	*(char *)mbuf_data(n) ^= 1;
	CHECK(mbuf_copydata(m, 0, 1, out) == 0 && out[0] == text[0]);
	mbuf_freem(n);

	/* From the front, from the end. */
	mbuf_adj(m, 100);
	CHECK(mbuf_pkthdr_len(m) == sizeof(text) - 100 && mbuf_copydata(m, 0, 50, out) == 0 && memcmp(out, text + 100, 50) == 0);
	mbuf_adj(m, -100);
	CHECK(mbuf_pkthdr_len(m) == sizeof(text) - 200 && mbuf_copydata(m, sizeof(text) - 250, 51, out) == EINVAL);
	CHECK(mbuf_copydata(m, sizeof(text) - 250, 50, out) == 0 && memcmp(out, text + sizeof(text) - 150, 50) == 0);

	/* The first bytes together, and some in the middle. */
	CHECK(mbuf_len(m) < 60 && mbuf_pullup(&m, 60) == 0 && mbuf_len(m) >= 60 && memcmp(mbuf_data(m), text + 100, 60) == 0);
	off = 40;
	CHECK(mbuf_pulldown(m, &off, 2500, &n) == 0 && memcmp((char *)mbuf_data(n) + off, text + 140, 2500) == 0);
	CHECK(mbuf_copydata(m, 0, sizeof(text) - 200, out) == 0 && memcmp(out, text + 100, sizeof(text) - 200) == 0);

	/* In front. */
	CHECK(mbuf_prepend(&m, 20, MBUF_WAITOK) == 0 && mbuf_pkthdr_len(m) == sizeof(text) - 180 && mbuf_len(m) >= 20);
	CHECK(mbuf_tag_find(m, id, 1, &len, &found) == 0);
	memcpy(mbuf_data(m), text + 80, 20);
	CHECK(mbuf_copydata(m, 0, sizeof(text) - 180, out) == 0 && memcmp(out, text + 80, sizeof(text) - 180) == 0);

	/* In two, and one again. */
	CHECK(mbuf_split(m, 1234, MBUF_WAITOK, &n) == 0 && mbuf_pkthdr_len(m) == 1234 && mbuf_pkthdr_len(n) == sizeof(text) - 180 - 1234);
	CHECK(mbuf_copydata(n, 0, 100, out) == 0 && memcmp(out, text + 80 + 1234, 100) == 0 && mbuf_copydata(m, 1200, 35, out) == EINVAL);
	CHECK(mbuf_concatenate(m, n) == m && mbuf_copydata(m, 0, sizeof(text) - 180, out) == 0 && memcmp(out, text + 80, sizeof(text) - 180) == 0);
	CHECK(mbuf_copym(m, 3, 300, MBUF_WAITOK, &o) == 0 && mbuf_copydata(o, 0, 300, out) == 0 && memcmp(out, text + 83, 300) == 0);
	CHECK(!(mbuf_flags(o) & MBUF_PKTHDR));
	mbuf_freem(o);
	mbuf_freem(m);

	/* Memory of their own. */
	m = NULL;
	CHECK(mbuf_getcluster(MBUF_WAITOK, MBUF_TYPE_DATA, MBIGCLBYTES, &m) == 0 && mbuf_maxlen(m) == MBIGCLBYTES && mbuf_flags(m) & MBUF_EXT);
	CHECK(mbuf_setdata(m, (char *)mbuf_datastart(m) + 100, 5000) == EINVAL && mbuf_setdata(m, (char *)mbuf_datastart(m) + 100, 50) == 0);
	CHECK(mbuf_leadingspace(m) == 100 && mbuf_trailingspace(m) == MBIGCLBYTES - 150 && mbuf_adjustlen(m, 4000) == EINVAL);
	CHECK(mbuf_adjustlen(m, -51) == EINVAL && mbuf_adjustlen(m, 10) == 0 && mbuf_len(m) == 60);
	CHECK(mbuf_getcluster(MBUF_WAITOK, MBUF_TYPE_DATA, 1000, &m) == EINVAL);
	CHECK(mbuf_setflags(m, MBUF_EXT | MBUF_PKTHDR) == 0 && mbuf_setflags(m, 0) == EINVAL && mbuf_settype(m, MBUF_TYPE_FREE) == EINVAL);
	CHECK(mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &n) == 0 && mbuf_maxlen(n) == mbuf_get_mlen());
	mbuf_setnextpkt(m, n);
	CHECK(mbuf_nextpkt(m) == n && mbuf_freem_list(m) == 2);
	CHECK(mbuf_allocpacket(MBUF_WAITOK, 40000, &chunks, &m) == ENOBUFS && mbuf_allocpacket(MBUF_WAITOK, 0, 0, &m) == EINVAL);
	CHECK(mbuf_getpacket(MBUF_WAITOK, &m) == 0 && mbuf_maxlen(m) == MCLBYTES && mbuf_free(m) == NULL);
	mbuf_freem(NULL);
	return fails ? -fails : 1;
}

/* What must end this extension and nothing else: by number. */
static int misdeed(int n)
{
	mbuf_t m, x;

	mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
	mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &x);
	switch (n) {
	case 1:
		mbuf_freem(m);
		mbuf_freem(m);
		break;
	case 2:
		mbuf_setlen(m, 100000);
		break;
	case 3:
		mbuf_setnext(m, x);
		mbuf_setnext(x, m);
		break;
	case 4:
		mbuf_copydata((mbuf_t)packets, 0, 1, &m);
		break;
	case 5:
		mbuf_setnextpkt(x, x);
		break;
	case 6:
		mbuf_setlen(m, 10);
		mbuf_copydata(m, 0, 10, (void *)8);
		break;
	case 7:
		ctl_enqueuedata(fixed, 5, (void *)8, 100, 0);
		break;
	case 8:
		return *(volatile int *)m;
	case 9: /* x is in two chains, and ends with the first: no harm */
		mbuf_setnext(m, x);
		mbuf_free(x);
		mbuf_copyback(m, 0, 500, packets, MBUF_WAITOK);
		mbuf_freem(m);
		break;
	}
	return 0;
}

static int do_packets SYSCTL_HANDLER_ARGS
{
	int v = packets();
	return SYSCTL_OUT(req, &v, sizeof(v));
}

static int do_misdeed SYSCTL_HANDLER_ARGS
{
	int n = 0, e = sysctl_handle_int(oidp, &n, 0, req);
	return e ? e : misdeed(n);
}

SYSCTL_PROC(_debug, OID_AUTO, control_packets, CTLTYPE_INT | CTLFLAG_RD, 0, 0, do_packets, "I", "");
SYSCTL_PROC(_debug, OID_AUTO, control_misdeed, CTLTYPE_INT | CTLFLAG_RW, 0, 0, do_misdeed, "I", "");

static int add(const char *name, int flags, ctl_send_func send, kern_ctl_ref *ref)
{
	struct kern_ctl_reg reg = {.ctl_flags = flags, .ctl_connect = up, .ctl_disconnect = down, .ctl_send = send,
		.ctl_setopt = setopt, .ctl_getopt = getopt};
	int e;

	strlcpy(reg.ctl_name, name, sizeof(reg.ctl_name));
	if (flags & CTL_FLAG_REG_ID_UNIT) {
		reg.ctl_id = 77777;
		reg.ctl_unit = 5;
	}
	e = ctl_register(&reg, ref);
	if (e == 0 && (reg.ctl_sendsize != 2048 || reg.ctl_recvsize != 8192 || reg.ctl_id == 0))
		fails++;
	return e;
}

static kern_return_t control_start(kmod_info_t *ki, void *data)
{
	kern_ctl_ref none;

	if (add("com.example.control", 0, reversed, &datagrams) ||
	    add("com.example.control.stream", CTL_FLAG_REG_SOCK_STREAM | CTL_FLAG_PRIVILEGED, echoed, &stream) ||
	    add("com.example.control.fixed", CTL_FLAG_REG_ID_UNIT, 0, &fixed))
		return KERN_FAILURE;
	if (add("com.example.control", 0, reversed, &none) != EEXIST || add("", 0, reversed, &none) != EINVAL ||
	    ctl_deregister((kern_ctl_ref)8) != EINVAL)
		fails++;
	sysctl_register_oid(&sysctl__debug_control_packets);
	sysctl_register_oid(&sysctl__debug_control_misdeed);
	return KERN_SUCCESS;
}

static kern_return_t control_stop(kmod_info_t *ki, void *data)
{
	if (ctl_deregister(datagrams) == EBUSY || ctl_deregister(stream) == EBUSY || ctl_deregister(fixed) == EBUSY) {
		printf("control: busy\n");
		return KERN_FAILURE;
	}
	sysctl_unregister_oid(&sysctl__debug_control_packets);
	sysctl_unregister_oid(&sysctl__debug_control_misdeed);
	return KERN_SUCCESS;
}

KMOD_EXPLICIT_DECL(com.example.control, "1.0", control_start, control_stop)
