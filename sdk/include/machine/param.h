/* The machine's page. */
#ifndef _MACHINE_PARAM_H_
#define _MACHINE_PARAM_H_
#include <sys/param.h>
#endif
