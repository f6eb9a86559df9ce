/* Mbufs: what packets are made of. An mbuf_t is opaque: its data is where mbuf_data says. */
#ifndef _SYS_KPI_MBUF_H_
#define _SYS_KPI_MBUF_H_

#include <sys/kernel_types.h>

enum {
	MBUF_EXT = 0x0001,
	MBUF_PKTHDR = 0x0002,
	MBUF_EOR = 0x0004,
	MBUF_LOOP = 0x0040,
	MBUF_BCAST = 0x0100,
	MBUF_MCAST = 0x0200,
	MBUF_FRAG = 0x0400,
	MBUF_FIRSTFRAG = 0x0800,
	MBUF_LASTFRAG = 0x1000,
	MBUF_PROMISC = 0x2000,
	MBUF_HASFCS = 0x4000
};
typedef u_int32_t mbuf_flags_t;

enum {
	MBUF_TYPE_FREE = 0,
	MBUF_TYPE_DATA = 1,
	MBUF_TYPE_HEADER = 2,
	MBUF_TYPE_SOCKET = 3,
	MBUF_TYPE_PCB = 4,
	MBUF_TYPE_RTABLE = 5,
	MBUF_TYPE_HTABLE = 6,
	MBUF_TYPE_ATABLE = 7,
	MBUF_TYPE_SONAME = 8,
	MBUF_TYPE_SOOPTS = 10,
	MBUF_TYPE_FTABLE = 11,
	MBUF_TYPE_RIGHTS = 12,
	MBUF_TYPE_IFADDR = 13,
	MBUF_TYPE_CONTROL = 14,
	MBUF_TYPE_OOBDATA = 15
};
typedef u_int32_t mbuf_type_t;

enum { MBUF_WAITOK = 0, MBUF_DONTWAIT = 1 };
typedef u_int32_t mbuf_how_t;

typedef u_int32_t mbuf_tag_id_t;
typedef u_int16_t mbuf_tag_type_t;

#define MBUF_COPYALL 1000000000
#define MCLBYTES 2048
#define MBIGCLBYTES 4096
#define M16KCLBYTES 16384

__BEGIN_DECLS
void *mbuf_data(mbuf_t m);
void *mbuf_datastart(mbuf_t m);
errno_t mbuf_setdata(mbuf_t m, void *data, size_t len);
errno_t mbuf_align_32(mbuf_t m, size_t len);
errno_t mbuf_get(mbuf_how_t how, mbuf_type_t type, mbuf_t *m);
errno_t mbuf_gethdr(mbuf_how_t how, mbuf_type_t type, mbuf_t *m);
errno_t mbuf_getpacket(mbuf_how_t how, mbuf_t *m);
errno_t mbuf_getcluster(mbuf_how_t how, mbuf_type_t type, size_t size, mbuf_t *m);
errno_t mbuf_mclget(mbuf_how_t how, mbuf_type_t type, mbuf_t *m);
errno_t mbuf_allocpacket(mbuf_how_t how, size_t len, unsigned int *maxchunks, mbuf_t *m);
mbuf_t mbuf_free(mbuf_t m);
void mbuf_freem(mbuf_t m);
int mbuf_freem_list(mbuf_t m);
size_t mbuf_leadingspace(const mbuf_t m);
size_t mbuf_trailingspace(const mbuf_t m);
size_t mbuf_maxlen(const mbuf_t m);
errno_t mbuf_copym(const mbuf_t src, size_t off, size_t len, mbuf_how_t how, mbuf_t *m);
errno_t mbuf_dup(const mbuf_t src, mbuf_how_t how, mbuf_t *m);
errno_t mbuf_prepend(mbuf_t *m, size_t len, mbuf_how_t how);
errno_t mbuf_split(mbuf_t src, size_t off, mbuf_how_t how, mbuf_t *m);
errno_t mbuf_pullup(mbuf_t *m, size_t len);
errno_t mbuf_pulldown(mbuf_t src, size_t *off, size_t len, mbuf_t *m);
void mbuf_adj(mbuf_t m, int len);
errno_t mbuf_adjustlen(mbuf_t m, int amount);
mbuf_t mbuf_concatenate(mbuf_t dst, mbuf_t src);
errno_t mbuf_copydata(const mbuf_t m, size_t off, size_t len, void *out);
errno_t mbuf_copyback(mbuf_t m, size_t off, size_t len, const void *data, mbuf_how_t how);
int mbuf_mclhasreference(mbuf_t m);
mbuf_t mbuf_next(const mbuf_t m);
errno_t mbuf_setnext(mbuf_t m, mbuf_t next);
mbuf_t mbuf_nextpkt(const mbuf_t m);
void mbuf_setnextpkt(mbuf_t m, mbuf_t next);
size_t mbuf_len(const mbuf_t m);
void mbuf_setlen(mbuf_t m, size_t len);
mbuf_type_t mbuf_type(const mbuf_t m);
errno_t mbuf_settype(mbuf_t m, mbuf_type_t type);
mbuf_flags_t mbuf_flags(const mbuf_t m);
errno_t mbuf_setflags(mbuf_t m, mbuf_flags_t flags);
errno_t mbuf_setflags_mask(mbuf_t m, mbuf_flags_t flags, mbuf_flags_t mask);
errno_t mbuf_copy_pkthdr(mbuf_t dest, const mbuf_t src);
size_t mbuf_pkthdr_len(const mbuf_t m);
void mbuf_pkthdr_setlen(mbuf_t m, size_t len);
void mbuf_pkthdr_adjustlen(mbuf_t m, int amount);
ifnet_t mbuf_pkthdr_rcvif(const mbuf_t m);
errno_t mbuf_pkthdr_setrcvif(mbuf_t m, ifnet_t ifp);
void *mbuf_pkthdr_header(const mbuf_t m);
void mbuf_pkthdr_setheader(mbuf_t m, void *header);
errno_t mbuf_tag_id_find(const char *name, mbuf_tag_id_t *id);
errno_t mbuf_tag_allocate(mbuf_t m, mbuf_tag_id_t id, mbuf_tag_type_t type, size_t len, mbuf_how_t how, void **data);
errno_t mbuf_tag_find(mbuf_t m, mbuf_tag_id_t id, mbuf_tag_type_t type, size_t *len, void **data);
void mbuf_tag_free(mbuf_t m, mbuf_tag_id_t id, mbuf_tag_type_t type);
u_int32_t mbuf_get_mlen(void);
u_int32_t mbuf_get_mhlen(void);
u_int32_t mbuf_get_minclsize(void);
__END_DECLS

#endif
