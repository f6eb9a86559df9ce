/* Network modules: drivers, protocol handlers and packet sniffers ("Writing Loadable Kernel
 * Servers", chapter 4). A module stays as long as the machine runs: nothing takes it away, so a
 * server with one can't be unloaded. */
#ifndef _NET_NETIF_H
#define _NET_NETIF_H
#include <mach_types.h>
#include <net/netbuf.h>
#include <net/if.h>

typedef struct netif *netif_t;

/* In the dispatcher's order: sniffers see a packet before any handler. */
typedef enum { NETIFCLASS_REAL, NETIFCLASS_VIRTUAL, NETIFCLASS_SNIFFER } netif_class_t;

/* A handler that takes a packet returns 0 and frees it later; otherwise EAFNOSUPPORT, as a sniffer
 * always does. May run at interrupt priority. */
typedef int (*if_input_func_t)(netif_t netif, netif_t realnetif, netbuf_t packet, void *extra);
typedef int (*if_init_func_t)(netif_t netif);
typedef int (*if_output_func_t)(netif_t netif, netbuf_t packet, void *address);
typedef netbuf_t (*if_getbuf_func_t)(netif_t netif);
typedef int (*if_control_func_t)(netif_t netif, const char *command, void *data);
typedef void (*if_attach_func_t)(void *priv, netif_t realif);

/* Types of handlers; net/etherdefs.h has a driver's. */
#define IFTYPE_IP "Internet Protocol"

/* Commands of a control function. */
#define IFCONTROL_SETFLAGS "setflags"
#define IFCONTROL_SET_FLAGS IFCONTROL_SETFLAGS
#define IFCONTROL_SETADDR "setaddr"
#define IFCONTROL_GETADDR "getaddr"
#define IFCONTROL_AUTOADDR "autoaddr"
#define IFCONTROL_UNIX_IOCTL "unix-ioctl"

typedef struct if_ioctl {
	unsigned int ioctl_command;
	void *ioctl_data;
} if_ioctl_t;

/* NULL stands for a function that is missing. name and type stay the module's own and must last. A
 * handler of IFTYPE_IP becomes an interface of the kernel's, named by name and unit; without memory, or if
 * that name is taken, the result is NULL. */
extern netif_t if_attach(if_init_func_t init_func, if_input_func_t input_func, if_output_func_t output_func,
	if_getbuf_func_t getbuf_func, if_control_func_t control_func, const char *name, unsigned int unit, const char *type,
	unsigned int mtu, unsigned int flags, netif_class_t class, void *priv);
/* attach_func is called once for each driver that is there, and that comes. */
extern void if_registervirtual(if_attach_func_t attach_func, void *priv);

/* For drivers: EAFNOSUPPORT if nobody takes the packet, which then is still the driver's. */
extern int if_handle_input(netif_t netif, netbuf_t packet, void *extra);

/* ENXIO, and for if_getbuf NULL, from a module that lacks the function. */
extern int if_init(netif_t netif);
extern int if_output(netif_t netif, netbuf_t packet, void *address);
extern netbuf_t if_getbuf(netif_t netif);
extern int if_control(netif_t netif, const char *command, void *data);
extern int if_ioctl(netif_t netif, unsigned int command, void *data);

/* What is set, is set by the module itself only. */
extern unsigned int if_flags(netif_t netif), if_ipackets(netif_t netif), if_opackets(netif_t netif);
extern unsigned int if_ierrors(netif_t netif), if_oerrors(netif_t netif), if_collisions(netif_t netif);
extern void if_flags_set(netif_t netif, unsigned int flags);
extern void if_ipackets_set(netif_t netif, unsigned int ipackets);
extern void if_opackets_set(netif_t netif, unsigned int opackets);
extern void if_ierrors_set(netif_t netif, unsigned int ierrors);
extern void if_oerrors_set(netif_t netif, unsigned int oerrors);
extern void if_collisions_set(netif_t netif, unsigned int collisions);
extern unsigned int if_mtu(netif_t netif), if_unit(netif_t netif);
extern const char *if_name(netif_t netif), *if_type(netif_t netif);
extern void *if_private(netif_t netif);

/* Gives a packet of IP, which starts with its header, to the kernel. Never blocks. */
extern void inet_queue(netif_t netif, netbuf_t netbuf);

#endif
