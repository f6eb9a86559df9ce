/* See sys/syslog.h. */
#include <sys/syslog.h>
