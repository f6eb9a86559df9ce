/*
 * Chapter 4's network modules: IP over Ethernet as the samples have it, with a driver whose medium is
 * a station that echoes datagrams, and a packet sniffer. The numbers are what the test reads.
 */
#import <kernserv/kern_server_types.h>
#import <net/netif.h>
#import <net/netbuf.h>
#import <net/etherdefs.h>
#import <netinet/in.h>
#import <sys/errno.h>
#import <sys/socket.h>

/* The instance variable. */
struct { kern_server_t kern_server; } instance;

static int same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/*
 * The driver.
 */
static netif_t ve;
static int buffers, echoed, refused;

static void put_back(void *arg)
{
	buffers--;
	kfree(arg, ETHERHDRSIZE + ETHERMTU);
}

static int ve_init(netif_t netif)
{
	if_flags_set(netif, if_flags(netif) | IFF_UP);
	return 0;
}

static netbuf_t ve_getbuf(netif_t netif)
{
	void *buf;
	if (buffers == 64 || (buf = kalloc(ETHERHDRSIZE + ETHERMTU)) == NULL)
		return NULL;
	buffers++;
	return nb_alloc_wrapper(buf, ETHERHDRSIZE + ETHERMTU, put_back, buf);
}

static unsigned sum(const unsigned char *p, int n)
{
	unsigned s = 0;
	for (int i = 0; i < n; i += 2)
		s += p[i] << 8 | p[i + 1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

/* The station at the other end takes what is sent to it, and sends datagrams back. */
static int ve_output(netif_t netif, netbuf_t nb, void *address)
{
	static const unsigned char station[6] = {2, 0, 0, 0, 0, 9}, mine[6] = {2, 0, 0, 0, 0, 8};
	unsigned char *p = (unsigned char *)nb_map(nb), ip[4];
	netbuf_t reply;
	unsigned n = nb_size(nb), i, port;

	for (i = 0; i < 6; i++)
		if (((unsigned char *)address)[i] != station[i])
			break;
	if_opackets_set(netif, if_opackets(netif) + 1);
	/* IPv4, no options, UDP */
	if (i == 6 && n >= ETHERHDRSIZE + 28 && p[ETHERHDRSIZE] == 0x45 && p[ETHERHDRSIZE + 9] == 17 && (reply = if_getbuf(netif)) != NULL) {
		nb_shrink_bot(reply, nb_size(reply) - n);
		nb_write(reply, 0, n, p);
		p = (unsigned char *)nb_map(reply);
		bcopy(mine, p, 6);
		bcopy(station, p + 6, 6);
		p += ETHERHDRSIZE;
		bcopy(p + 12, ip, 4);
		bcopy(p + 16, p + 12, 4);
		bcopy(ip, p + 16, 4);
		port = p[20] << 8 | p[21];
		p[20] = p[22], p[21] = p[23];
		p[22] = port >> 8, p[23] = port;
		p[26] = p[27] = 0; /* a datagram without a checksum */
		p[10] = p[11] = 0;
		i = ~sum(p, 20);
		p[10] = i >> 8, p[11] = i;
		echoed++;
		if_ipackets_set(netif, if_ipackets(netif) + 1);
		if (if_handle_input(netif, reply, NULL) != 0) {
			refused++;
			nb_free(reply);
		}
	}
	nb_free(nb);
	return 0;
}

static int ve_control(netif_t netif, const char *command, void *data)
{
	static const unsigned char mine[6] = {2, 0, 0, 0, 0, 8};
	if (!same(command, IFCONTROL_GETADDR))
		return EINVAL;
	bcopy(mine, data, 6);
	return 0;
}

/*
 * The protocol handler, on ve only.
 */
typedef struct venip_private {
	netif_t vp_rif;
	struct in_addr vp_ipaddr;
	unsigned char vp_ether[6];
} venip_private_t;
static venip_private_t venip_private;
static netif_t venip;
static int offered; /* drivers of which the callback was told */
#define VENIP_PRIVATE(ifp) ((venip_private_t *)if_private(ifp))
#define VENIP_RIF(ifp) (VENIP_PRIVATE(ifp)->vp_rif)

static int venip_input(netif_t ifp, netif_t rifp, netbuf_t nb, void *extra)
{
	unsigned short etype;

	if (VENIP_RIF(ifp) != rifp)
		return EAFNOSUPPORT;
	if (nb_read(nb, 12, sizeof(etype), &etype) != 0)
		return EAFNOSUPPORT;
	switch (htons(etype)) {
	case ETHERTYPE_IP:
		nb_shrink_top(nb, ETHERHDRSIZE);
		if_ipackets_set(ifp, if_ipackets(ifp) + 1);
		inet_queue(ifp, nb);
		return 0;
	}
	return EAFNOSUPPORT;
}

static int venip_output(netif_t ifp, netbuf_t nb, void *addr)
{
	struct sockaddr *dst = addr;
	struct ether_header eh;
	int error;

	switch (dst->sa_family) {
	case AF_INET: /* the station has every address: it is found without ARP */
		bcopy("\2\0\0\0\0\11", eh.ether_dhost, 6);
		eh.ether_type = htons(ETHERTYPE_IP);
		break;
	default:
		nb_free(nb);
		return EAFNOSUPPORT;
	}
	nb_grow_top(nb, ETHERHDRSIZE);
	nb_write(nb, 12, sizeof(eh.ether_type), &eh.ether_type);
	error = if_output(VENIP_RIF(ifp), nb, eh.ether_dhost);
	if (error == 0)
		if_opackets_set(ifp, if_opackets(ifp) + 1);
	else
		if_oerrors_set(ifp, if_oerrors(ifp) + 1);
	return error;
}

static netbuf_t venip_getbuf(netif_t ifp)
{
	netbuf_t nb = if_getbuf(VENIP_RIF(ifp));
	if (nb == NULL)
		return NULL;
	nb_shrink_top(nb, ETHERHDRSIZE);
	return nb;
}

static int venip_control(netif_t ifp, const char *command, void *data)
{
	struct sockaddr_in *sin = data;

	if (same(command, IFCONTROL_SETADDR)) {
		if (sin->sin_family != AF_INET)
			return EAFNOSUPPORT;
		if (ntohl(sin->sin_addr.s_addr) >> 24 == 13) /* an address that it doesn't like */
			return EADDRNOTAVAIL;
		if_flags_set(ifp, if_flags(ifp) | IFF_UP);
		if_init(VENIP_RIF(ifp));
		VENIP_PRIVATE(ifp)->vp_ipaddr = sin->sin_addr;
		return 0;
	}
	return if_control(VENIP_RIF(ifp), command, data);
}

static void venip_attach(void *private, netif_t rifp)
{
	offered++;
	if (!same(if_type(rifp), IFTYPE_ETHERNET) || !same(if_name(rifp), "ve") || venip != NULL)
		return;
	venip_private.vp_rif = rifp;
	venip = if_attach(NULL, venip_input, venip_output, venip_getbuf, venip_control, "venip", 0, IFTYPE_IP, if_mtu(rifp),
		IFF_BROADCAST, NETIFCLASS_VIRTUAL, private);
	if (venip != NULL)
		if_control(rifp, IFCONTROL_GETADDR, venip_private.vp_ether);
}

/*
 * The sniffer, of all drivers; and a handler of ARP on en0.
 */
static netif_t sniffer, en, arp;
static int sniffed, sniffed_en, answers;

static int sniff(netif_t ifp, netif_t rifp, netbuf_t nb, void *extra)
{
	sniffed++;
	if (same(if_name(rifp), "en"))
		sniffed_en++;
	return EAFNOSUPPORT;
}

static int arp_input(netif_t ifp, netif_t rifp, netbuf_t nb, void *extra)
{
	unsigned short etype, op;
	unsigned char from[6];

	if (rifp != en || nb_read(nb, 12, 2, &etype) || htons(etype) != ETHERTYPE_ARP || nb_read(nb, 20, 2, &op) || htons(op) != 2 ||
		nb_read(nb, 22, 6, from))
		return EAFNOSUPPORT;
	if (from[0] == 2 && from[5] == 2)
		answers++;
	nb_free(nb);
	return 0;
}

static void look(void *private, netif_t rifp)
{
	if (sniffer == NULL)
		sniffer = if_attach(NULL, sniff, NULL, NULL, NULL, "sniff", 0, "Sniffer", 0, 0, NETIFCLASS_SNIFFER, NULL);
	if (same(if_name(rifp), "en")) {
		en = rifp;
		arp = if_attach(NULL, arp_input, NULL, NULL, NULL, "arp", 0, "Address Resolution Protocol", 0, 0, NETIFCLASS_VIRTUAL, NULL);
	}
}

/* What the test calls. */
int start(void)
{
	if_registervirtual(venip_attach, &venip_private);
	if_registervirtual(look, NULL);
	ve = if_attach(ve_init, NULL, ve_output, ve_getbuf, ve_control, "ve", 0, IFTYPE_ETHERNET, ETHERMTU, IFF_BROADCAST,
		NETIFCLASS_REAL, NULL);
	return ve != NULL && venip != NULL && sniffer != NULL;
}

/* Asks on en0 who has 10.0.2.2. */
int ask_arp(void)
{
	unsigned char q[28] = {0, 1, 8, 0, 6, 4, 0, 1}, all[6] = {255, 255, 255, 255, 255, 255};
	unsigned short type = htons(ETHERTYPE_ARP);
	netbuf_t nb = if_getbuf(en);

	if (nb == NULL || if_control(en, IFCONTROL_GETADDR, q + 8) != 0)
		return -1;
	bcopy("\12\0\2\17", q + 14, 4);
	bcopy("\12\0\2\2", q + 24, 4);
	nb_shrink_bot(nb, nb_size(nb) - ETHERHDRSIZE - 28);
	nb_write(nb, 12, 2, &type);
	nb_write(nb, ETHERHDRSIZE, 28, q);
	return if_output(en, nb, all);
}

int count(int what)
{
	switch (what) {
	case 0: return offered;
	case 1: return echoed;
	case 2: return refused;
	case 3: return sniffed;
	case 4: return sniffed_en;
	case 5: return answers;
	case 6: return buffers;
	case 7: return if_ipackets(venip);
	case 8: return if_opackets(venip);
	case 9: return if_flags(venip);
	case 10: return if_flags(ve);
	case 11: return ntohl(venip_private.vp_ipaddr.s_addr);
	case 12: return venip_private.vp_ether[5];
	case 13: return if_opackets(ve);
	}
	return -1;
}

/* What modules lack, and buffers' edges: the number of the first that is wrong. */
static int freed;
static void note(void *arg) { freed += *(int *)arg; }

int edges(void)
{
	netif_t n = if_attach(NULL, NULL, NULL, NULL, NULL, "none", 3, "nothing", 7, IFF_LOOPBACK, NETIFCLASS_SNIFFER, &freed);
	netbuf_t nb = nb_alloc(10), w;
	char b[10] = "abcdefghi";
	int five = 5;

	if (if_init(n) != ENXIO || if_output(n, nb, NULL) != ENXIO || if_control(n, "x", NULL) != ENXIO || if_ioctl(n, 1, NULL) != ENXIO)
		return 1;
	if (if_getbuf(n) != NULL)
		return 2;
	if (if_unit(n) != 3 || if_mtu(n) != 7 || !same(if_type(n), "nothing") || if_private(n) != &freed || if_flags(n) != IFF_LOOPBACK)
		return 3;
	if (if_handle_input(ve, nb, NULL) != EAFNOSUPPORT)
		return 4;
	if (nb_size(nb) != 10 || nb_write(nb, 0, 10, b) != 0 || nb_write(nb, 1, 10, b) == 0 || nb_read(nb, 0xffffffff, 2, b) == 0)
		return 5;
	if (nb_shrink_top(nb, 3) || nb_shrink_bot(nb, 2) || nb_size(nb) != 5 || nb_map(nb)[0] != 'd' || nb_read(nb, 3, 2, b) || b[0] != 'g' ||
		nb_read(nb, 4, 2, b) == 0)
		return 6;
	if (nb_grow_top(nb, 1) || nb_grow_bot(nb, 2) || nb_size(nb) != 8 || nb_map(nb)[0] != 'c')
		return 7;
	nb_free(nb);
	w = nb_alloc_wrapper(b, 4, note, &five);
	if (nb_map(w) != b || nb_size(w) != 4)
		return 8;
	nb_free(w);
	if (freed != 5)
		return 9;
	nb_free_wrapper(nb_alloc_wrapper(b, 4, note, &five));
	return freed != 5 ? 10 : 0;
}
