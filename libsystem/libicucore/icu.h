/* What the sources of libicucore share. Errors: those above 0; a function does nothing after one. */
#ifndef ICU_H
#define ICU_H
#include <stdbool.h>
#include <stdint.h>
enum { U_STRING_NOT_TERMINATED_WARNING = -124, U_ZERO_ERROR = 0, U_ILLEGAL_ARGUMENT_ERROR = 1, U_MEMORY_ALLOCATION_ERROR = 7,
	U_BUFFER_OVERFLOW_ERROR = 15, U_UNSUPPORTED_ERROR = 16 };
typedef uint16_t UChar;
const char *uloc_getDefault(void);
#endif
