/* Sockets' names. */
#ifndef _SYS_SOCKET_H
#define _SYS_SOCKET_H

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2

struct sockaddr {
	unsigned char sa_len, sa_family;
	char sa_data[14];
};

#endif
