/* Local addresses. */
#ifndef _SYS_UN_H_
#define _SYS_UN_H_
#include <sys/types.h>
struct sockaddr_un { unsigned char sun_len; sa_family_t sun_family; char sun_path[104]; };
#define SUN_LEN(s) (sizeof(*(s)) - sizeof((s)->sun_path) + __builtin_strlen((s)->sun_path))
#define SOL_LOCAL 0
#define LOCAL_PEERCRED 1
#define LOCAL_PEERPID 2
#define LOCAL_PEEREPID 3
#define LOCAL_PEERUUID 4
#define LOCAL_PEEREUUID 5
#define LOCAL_PEERTOKEN 6
#endif
