/* Mach's truth. */
#ifndef _MACH_BOOLEAN_H_
#define _MACH_BOOLEAN_H_
typedef unsigned boolean_t;
#ifndef TRUE
#define TRUE 1
#define FALSE 0
#endif
#endif
