/* The Network Name Server. */
#ifndef _SERVERS_NETNAME_H_
#define _SERVERS_NETNAME_H_
#include <mach/mach_types.h>
#include <sys/cdefs.h>
typedef char netname_name_t[80];
#define NETNAME_SUCCESS      0
#define NETNAME_PENDING      (-1)
#define NETNAME_NOT_YOURS    1000
#define NAME_NOT_YOURS       1000
#define NAME_NOT_CHECKED_IN  1001
#define NETNAME_NOT_CHECKED_IN 1001
#define NETNAME_NO_SUCH_HOST 1002
#define NETNAME_HOST_NOT_FOUND 1003
__BEGIN_DECLS
extern mach_port_t name_server_port;
kern_return_t netname_check_in(mach_port_t, netname_name_t, mach_port_t, mach_port_t);
kern_return_t netname_look_up(mach_port_t, netname_name_t, netname_name_t, mach_port_t *);
kern_return_t netname_check_out(mach_port_t, netname_name_t, mach_port_t);
kern_return_t netname_version(mach_port_t, netname_name_t);
__END_DECLS
#endif
