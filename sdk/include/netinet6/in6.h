/* IPv6: all of it is in <netinet/in.h>. */
#include <netinet/in.h>
