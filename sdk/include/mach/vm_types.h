/* Address spaces' scalar types. */
#ifndef _MACH_VM_TYPES_H_
#define _MACH_VM_TYPES_H_
#include <mach/port.h>
typedef uint64_t vm_object_offset_t, vm_object_size_t, vm_object_id_t, memory_object_size_t;
typedef vm_offset_t pointer_t;
#endif
