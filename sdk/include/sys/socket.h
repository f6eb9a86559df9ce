/* Sockets. */
#ifndef _SYS_SOCKET_H_
#define _SYS_SOCKET_H_
#include <sys/types.h>
#include <sys/uio.h>
#define AF_APPLETALK             0x10
#define AF_CCITT                 0xa
#define AF_CHAOS                 0x5
#define AF_CNT                   0x15
#define AF_COIP                  0x14
#define AF_DATAKIT               0x9
#define AF_DLI                   0xd
#define AF_E164                  0x1c
#define AF_ECMA                  0x8
#define AF_HYLINK                0xf
#define AF_IEEE80211             0x25
#define AF_IMPLINK               0x3
#define AF_INET                  0x2
#define AF_INET6                 0x1e
#define AF_IPX                   0x17
#define AF_ISDN                  0x1c
#define AF_ISO                   0x7
#define AF_LAT                   0xe
#define AF_LINK                  0x12
#define AF_LOCAL                 0x1
#define AF_MAX                   0x29
#define AF_NATM                  0x1f
#define AF_NDRV                  0x1b
#define AF_NETBIOS               0x21
#define AF_NS                    0x6
#define AF_OSI                   0x7
#define AF_PPP                   0x22
#define AF_PUP                   0x4
#define AF_RESERVED_36           0x24
#define AF_ROUTE                 0x11
#define AF_SIP                   0x18
#define AF_SNA                   0xb
#define AF_SYSTEM                0x20
#define AF_UNIX                  0x1
#define AF_UNSPEC                0x0
#define AF_UTUN                  0x26
#define AF_VSOCK                 0x28
#define MSG_CTRUNC               0x20
#define MSG_DONTROUTE            0x4
#define MSG_DONTWAIT             0x80
#define MSG_EOF                  0x100
#define MSG_EOR                  0x8
#define MSG_FLUSH                0x400
#define MSG_HAVEMORE             0x2000
#define MSG_HOLD                 0x800
#define MSG_NEEDSA               0x10000
#define MSG_NOSIGNAL             0x80000
#define MSG_OOB                  0x1
#define MSG_PEEK                 0x2
#define MSG_RCVMORE              0x4000
#define MSG_SEND                 0x1000
#define MSG_TRUNC                0x10
#define MSG_WAITALL              0x40
#define MSG_WAITSTREAM           0x200
#define SCM_CREDS                0x3
#define SCM_RIGHTS               0x1
#define SCM_TIMESTAMP            0x2
#define SCM_TIMESTAMP_MONOTONIC  0x4
#define SHUT_RD                  0x0
#define SHUT_RDWR                0x2
#define SHUT_WR                  0x1
#define SOCK_DGRAM               0x2
#define SOCK_MAXADDRLEN          0xff
#define SOCK_RAW                 0x3
#define SOCK_RDM                 0x4
#define SOCK_SEQPACKET           0x5
#define SOCK_STREAM              0x1
#define SOL_SOCKET               0xffff
#define SOMAXCONN                0x80
#define SO_ACCEPTCONN            0x2
#define SO_BROADCAST             0x20
#define SO_DEBUG                 0x1
#define SO_DONTROUTE             0x10
#define SO_DONTTRUNC             0x2000
#define SO_ERROR                 0x1007
#define SO_KEEPALIVE             0x8
#define SO_LABEL                 0x1010
#define SO_LINGER                0x80
#define SO_LINGER_SEC            0x1080
#define SO_NETSVC_MARKING_LEVEL  0x1119
#define SO_NET_SERVICE_TYPE      0x1116
#define SO_NKE                   0x1021
#define SO_NOADDRERR             0x1023
#define SO_NOSIGPIPE             0x1022
#define SO_NOTIFYCONFLICT        0x1026
#define SO_NP_EXTENSIONS         0x1083
#define SO_NREAD                 0x1020
#define SO_NUMRCVPKT             0x1112
#define SO_NWRITE                0x1024
#define SO_OOBINLINE             0x100
#define SO_PEERLABEL             0x1011
#define SO_RANDOMPORT            0x1082
#define SO_RCVBUF                0x1002
#define SO_RCVLOWAT              0x1004
#define SO_RCVTIMEO              0x1006
#define SO_REUSEADDR             0x4
#define SO_REUSEPORT             0x200
#define SO_REUSESHAREUID         0x1025
#define SO_SNDBUF                0x1001
#define SO_SNDLOWAT              0x1003
#define SO_SNDTIMEO              0x1005
#define SO_TIMESTAMP             0x400
#define SO_TIMESTAMP_MONOTONIC   0x800
#define SO_TYPE                  0x1008
#define SO_UPCALLCLOSEWAIT       0x1027
#define SO_USELOOPBACK           0x40
#define SO_WANTMORE              0x4000
#define SO_WANTOOBFLAG           0x8000
#define PF_UNSPEC AF_UNSPEC
#define PF_LOCAL AF_LOCAL
#define PF_UNIX AF_UNIX
#define PF_INET AF_INET
#define PF_INET6 AF_INET6
#define PF_ROUTE AF_ROUTE
#define PF_SYSTEM AF_SYSTEM
struct sockaddr { uint8_t sa_len; sa_family_t sa_family; char sa_data[14]; };
struct sockaddr_storage { uint8_t ss_len; sa_family_t ss_family; char __pad1[6]; int64_t __align; char __pad2[112]; };
struct linger { int l_onoff, l_linger; };
struct msghdr {
	void *msg_name;
	socklen_t msg_namelen;
	struct iovec *msg_iov;
	int msg_iovlen;
	void *msg_control;
	socklen_t msg_controllen;
	int msg_flags;
};
struct cmsghdr { socklen_t cmsg_len; int cmsg_level, cmsg_type; };
#define CMSG_ALIGN(n) (((n) + 3) & ~3u)
#define CMSG_DATA(c) ((unsigned char *)(c) + CMSG_ALIGN(sizeof(struct cmsghdr)))
#define CMSG_SPACE(n) (CMSG_ALIGN(sizeof(struct cmsghdr)) + CMSG_ALIGN(n))
#define CMSG_LEN(n) (CMSG_ALIGN(sizeof(struct cmsghdr)) + (n))
#define CMSG_FIRSTHDR(m) ((m)->msg_controllen >= sizeof(struct cmsghdr) ? (struct cmsghdr *)(m)->msg_control : (struct cmsghdr *)0)
#define CMSG_NXTHDR(m, c) \
	((unsigned char *)(c) + CMSG_ALIGN((c)->cmsg_len) + CMSG_ALIGN(sizeof(struct cmsghdr)) > \
	(unsigned char *)(m)->msg_control + (m)->msg_controllen ? (struct cmsghdr *)0 : \
	(struct cmsghdr *)((unsigned char *)(c) + CMSG_ALIGN((c)->cmsg_len)))
struct sf_hdtr { struct iovec *headers; int hdr_cnt; struct iovec *trailers; int trl_cnt; };
__BEGIN_DECLS
int accept(int, struct sockaddr *, socklen_t *);
int bind(int, const struct sockaddr *, socklen_t);
int connect(int, const struct sockaddr *, socklen_t);
int getpeername(int, struct sockaddr *, socklen_t *);
int getsockname(int, struct sockaddr *, socklen_t *);
int getsockopt(int, int, int, void *, socklen_t *);
int listen(int, int);
ssize_t recv(int, void *, size_t, int);
ssize_t recvfrom(int, void *, size_t, int, struct sockaddr *, socklen_t *);
ssize_t recvmsg(int, struct msghdr *, int);
ssize_t send(int, const void *, size_t, int);
ssize_t sendmsg(int, const struct msghdr *, int);
ssize_t sendto(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
int setsockopt(int, int, int, const void *, socklen_t);
int shutdown(int, int);
int socket(int, int, int);
int socketpair(int, int, int, int *);
int sendfile(int, int, off_t, off_t *, struct sf_hdtr *, int);
int sockatmark(int);
__END_DECLS
#endif
