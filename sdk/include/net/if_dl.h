/* Link-level addresses. */
#ifndef _NET_IF_DL_H_
#define _NET_IF_DL_H_
#include <sys/types.h>
struct sockaddr_dl {
	u_char sdl_len, sdl_family;
	u_short sdl_index;
	u_char sdl_type, sdl_nlen, sdl_alen, sdl_slen;
	char sdl_data[12];
};
#define LLADDR(s) ((caddr_t)((s)->sdl_data + (s)->sdl_nlen))
#endif
