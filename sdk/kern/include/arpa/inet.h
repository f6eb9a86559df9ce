#ifndef _ARPA_INET_H_
#define _ARPA_INET_H_

#include <netinet/in.h>

#endif
