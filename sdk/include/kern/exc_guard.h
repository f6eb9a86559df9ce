/* What the codes of EXC_GUARD say: the kind of guard in the highest three bits, what
 * happened in the next 29, and to what in the low 32. */
#ifndef _EXC_GUARD_H_
#define _EXC_GUARD_H_
#include <stdint.h>

#define GUARD_TYPE_NONE 0x0
#define GUARD_TYPE_MACH_PORT 0x1 /* kGUARD_EXC_* of <mach/port.h>, a port's name; the other code is the guard */
#define GUARD_TYPE_FD 0x2
#define GUARD_TYPE_USER 0x3
#define GUARD_TYPE_VN 0x4
#define GUARD_TYPE_VIRT_MEMORY 0x5
#define GUARD_TYPE_REJECTED_SC 0x6

#define EXC_GUARD_DECODE_GUARD_TYPE(code) ((uint64_t)(code) >> 61 & 7)
#define EXC_GUARD_DECODE_GUARD_FLAVOR(code) ((uint64_t)(code) >> 32 & 0x1fffffff)
#define EXC_GUARD_DECODE_GUARD_TARGET(code) ((uint32_t)(code))
#define EXC_GUARD_ENCODE_TYPE(code, type) ((code) |= ((uint64_t)(type) & 7) << 61)
#define EXC_GUARD_ENCODE_FLAVOR(code, flavor) ((code) |= ((uint64_t)(flavor) & 0x1fffffff) << 32)
#define EXC_GUARD_ENCODE_TARGET(code, target) ((code) |= (uint64_t)(uint32_t)(target))
#endif
