/* Notification messages. */
#ifndef _SYS_NOTIFY_H
#define _SYS_NOTIFY_H
#include <sys/message.h>

#define NOTIFY_PORT_DELETED 0101

typedef struct {
	msg_header_t notify_header;
	msg_type_t notify_type;
	port_name_t notify_port;
} notification_t;

#endif
