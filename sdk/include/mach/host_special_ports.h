/* The host's special ports. */
#ifndef _MACH_HOST_SPECIAL_PORTS_H_
#define _MACH_HOST_SPECIAL_PORTS_H_
#define HOST_SECURITY_PORT 0
#define HOST_PORT 1
#define HOST_PRIV_PORT 2
#define HOST_IO_MAIN_PORT 3
#define HOST_MAX_SPECIAL_KERNEL_PORT 7
#define HOST_LOCAL_NODE (-1)
#define host_get_host_port(h, p) host_get_special_port((h), HOST_LOCAL_NODE, HOST_PORT, (p))
#define host_get_host_priv_port(h, p) host_get_special_port((h), HOST_LOCAL_NODE, HOST_PRIV_PORT, (p))
#endif
