/*
 * Network modules of the 1990 document: drivers, protocol handlers and sniffers, and the
 * dispatcher between them. Modules are only ever added, at the lists' ends and by one store, so
 * that the dispatcher needs no lock, in an interrupt handler neither.
 */
#include "rt.h"

#define ENXIO 6
#define EINVAL 22
#define EMSGSIZE 40
#define EAFNOSUPPORT 47
#define ENOBUFS 55

enum { REAL, VIRTUAL, SNIFFER };

struct netbuf;
struct netif {
	struct netif *next;
	int (*init)(struct netif *);
	int (*input)(struct netif *, struct netif *, struct netbuf *, void *);
	int (*output)(struct netif *, struct netbuf *, void *);
	struct netbuf *(*getbuf)(struct netif *);
	int (*control)(struct netif *, const char *, void *);
	/* table_netif.go has the layout up to here */
	const char *name, *type;
	void *private;
	u32 unit, mtu, flags, class;
	u32 ipackets, opackets, ierrors, oerrors, collisions;
};

/* A callback for each driver. */
struct virtual {
	struct virtual *next;
	void (*attach)(void *, struct netif *);
	/* table_netif.go has the layout up to here */
	void *private;
	struct netif *last; /* the driver that it was told of last */
	u32 busy;
};

struct ioctl {
	u32 command;
	void *data;
};

extern void *kalloc(u64 size);
extern void kfree(void *p, u64 size);
struct netbuf *nb_alloc(u32 size);
void nb_free(struct netbuf *);
int nb_shrink_bot(struct netbuf *, u32), nb_write(struct netbuf *, u32, u32, void *);
char *nb_map(struct netbuf *);
u32 nb_size(struct netbuf *);
/* The kernel's side. */
extern int kpi_netif_attach(struct netif *, const char *name, u32 unit, const char *type, u32 mtu, u32 flags, u32 class);
extern int kpi_netif_virtual(struct virtual *, void *attach);
extern void kpi_inet_queue(struct netif *, const void *packet, u32 size);
extern int kpi_ether_address(u8 *address);
extern int kpi_ether_start(struct netif *);
extern int kpi_ether_output(const void *frame, u32 size);

static struct netif *netifs;
static struct virtual *virtuals;

/* The driver after last, or the first. */
static struct netif *driver_after(struct netif *last)
{
	struct netif *n = __atomic_load_n(last ? &last->next : &netifs, __ATOMIC_ACQUIRE);

	while (n != NULL && n->class != REAL)
		n = __atomic_load_n(&n->next, __ATOMIC_ACQUIRE);
	return n;
}

/*
 * Tells a callback of the drivers that it has not heard of. Whoever adds a driver or a callback
 * looks afterwards; if another does it in that moment, that one looks again.
 */
static void tell(struct virtual *v)
{
	struct netif *n;

	while (driver_after(v->last) != NULL && __atomic_exchange_n(&v->busy, 1, __ATOMIC_ACQ_REL) == 0) {
		while ((n = driver_after(v->last)) != NULL) {
			v->last = n;
			if (v->attach != NULL)
				v->attach(v->private, n);
		}
		__atomic_store_n(&v->busy, 0, __ATOMIC_SEQ_CST);
	}
}

static void start_ether(void);

struct netif *if_attach(void *init, void *input, void *output, void *getbuf, void *control, const char *name, u32 unit, const char *type,
	u32 mtu, u32 flags, u32 class, void *private)
{
	struct netif *n, **p, *end;
	struct virtual *v;

	if (class != REAL)
		start_ether();
	if ((n = kalloc(sizeof *n)) == NULL)
		return NULL;
	memset(n, 0, sizeof *n);
	n->init = init;
	n->input = input;
	n->output = output;
	n->getbuf = getbuf;
	n->control = control;
	n->name = name;
	n->unit = unit;
	n->type = type;
	n->mtu = mtu;
	n->flags = flags;
	n->class = class;
	n->private = private;
	if (kpi_netif_attach(n, name, unit, type, mtu, flags, class) != 0) {
		kfree(n, sizeof *n);
		return NULL;
	}
	for (p = &netifs, end = NULL; !__atomic_compare_exchange_n(p, &end, n, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE); end = NULL)
		p = &end->next;
	if (class == REAL)
		for (v = __atomic_load_n(&virtuals, __ATOMIC_ACQUIRE); v != NULL; v = __atomic_load_n(&v->next, __ATOMIC_ACQUIRE))
			tell(v);
	return n;
}

void if_registervirtual(void *attach, void *private)
{
	struct virtual *v, **p, *end;

	start_ether();
	if ((v = kalloc(sizeof *v)) == NULL)
		panic("if_registervirtual: no memory");
	memset(v, 0, sizeof *v);
	v->attach = attach;
	v->private = private;
	if (kpi_netif_virtual(v, attach) != 0)
		panic("if_registervirtual: too many callbacks");
	for (p = &virtuals, end = NULL; !__atomic_compare_exchange_n(p, &end, v, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE); end = NULL)
		p = &end->next;
	tell(v);
}

/* One class's turn: 0 if somebody took the packet. */
static int poll(u32 class, struct netif *driver, struct netbuf *nb, void *extra)
{
	struct netif *n;

	for (n = __atomic_load_n(&netifs, __ATOMIC_ACQUIRE); n != NULL; n = __atomic_load_n(&n->next, __ATOMIC_ACQUIRE))
		if (n->class == class && n->input != NULL && n->input(n, driver, nb, extra) == 0)
			return 0;
	return EAFNOSUPPORT;
}

int if_handle_input(struct netif *n, struct netbuf *nb, void *extra)
{
	if (poll(SNIFFER, n, nb, extra) == 0)
		return 0;
	return poll(VIRTUAL, n, nb, extra);
}

int if_init(struct netif *n) { return n->init ? n->init(n) : ENXIO; }
int if_output(struct netif *n, struct netbuf *nb, void *address) { return n->output ? n->output(n, nb, address) : ENXIO; }
struct netbuf *if_getbuf(struct netif *n) { return n->getbuf ? n->getbuf(n) : NULL; }
int if_control(struct netif *n, const char *command, void *data) { return n->control ? n->control(n, command, data) : ENXIO; }

int if_ioctl(struct netif *n, u32 command, void *data)
{
	struct ioctl i = {command, data};
	return if_control(n, "unix-ioctl", &i);
}

#define FIELD(f) \
	u32 if_##f(struct netif *n) { return n->f; } \
	void if_##f##_set(struct netif *n, u32 v) { n->f = v; }
FIELD(flags)
FIELD(ipackets)
FIELD(opackets)
FIELD(ierrors)
FIELD(oerrors)
FIELD(collisions)
u32 if_mtu(struct netif *n) { return n->mtu; }
u32 if_unit(struct netif *n) { return n->unit; }
const char *if_name(struct netif *n) { return n->name; }
const char *if_type(struct netif *n) { return n->type; }
void *if_private(struct netif *n) { return n->private; }

void inet_queue(struct netif *n, struct netbuf *nb)
{
	kpi_inet_queue(n, nb_map(nb), nb_size(nb));
	nb_free(nb);
}

/* The kernel's packets leave by a handler of IP. Called by the kernel. */
int kpi_netif_output(struct netif *n, void *packet, u32 size, void *to)
{
	struct netbuf *nb = if_getbuf(n);
	int r;

	if (nb == NULL) {
		n->oerrors++;
		return ENOBUFS;
	}
	if (nb_size(nb) < size) {
		nb_free(nb);
		n->oerrors++;
		return EMSGSIZE;
	}
	nb_shrink_bot(nb, nb_size(nb) - size);
	nb_write(nb, 0, size, packet);
	r = if_output(n, nb, to);
	if (r == ENXIO && n->output == NULL)
		nb_free(nb);
	return r;
}

/*
 * The driver that is there, of en0.
 */
#define HEADER 14
#define ETHERMTU 1500

static struct netif *en;
static u8 en_address[6];

static int en_init(struct netif *n)
{
	n->flags |= 1;
	return 0;
}

static struct netbuf *en_getbuf(struct netif *n)
{
	(void)n;
	return nb_alloc(HEADER + ETHERMTU);
}

static int en_output(struct netif *n, struct netbuf *nb, void *address)
{
	int r = EINVAL;

	if (nb_write(nb, 0, 6, address) == 0 && nb_write(nb, 6, 6, en_address) == 0)
		r = kpi_ether_output(nb_map(nb), nb_size(nb));
	nb_free(nb);
	if (r == 0)
		n->opackets++;
	else
		n->oerrors++;
	return r;
}

static int same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static int en_control(struct netif *n, const char *command, void *data)
{
	(void)n;
	if (!same(command, "getaddr"))
		return EINVAL;
	memcpy(data, en_address, 6);
	return 0;
}

/* The first module that may want it attaches it. */
static void start_ether(void)
{
	static u32 begun;

	if (__atomic_exchange_n(&begun, 1, __ATOMIC_ACQ_REL) || kpi_ether_address(en_address) != 0)
		return;
	en = if_attach(en_init, NULL, en_output, en_getbuf, en_control, "en", 0, "10MB Ethernet", ETHERMTU, 2, REAL, NULL);
	if (en != NULL && kpi_ether_start(en) != 0)
		panic("en0 has a tap");
}

/* A frame has come. Called by the kernel; who answers 0 has taken it. */
int kpi_ether_input(struct netif *n, void *frame, u32 size)
{
	struct netbuf *nb = nb_alloc(size);
	int r;

	if (nb == NULL) {
		n->ierrors++;
		return ENOBUFS;
	}
	nb_write(nb, 0, size, frame);
	n->ipackets++;
	if ((r = if_handle_input(n, nb, NULL)) != 0)
		nb_free(nb);
	return r;
}
