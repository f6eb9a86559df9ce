/* Integers of given width: the compiler knows them. */
#ifndef _STDINT_H_
#define _STDINT_H_
#include_next <stdint.h>
#endif
