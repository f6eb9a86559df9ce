/* What a child gets of its parent's memory. */
#ifndef _MACH_VM_INHERIT_H_
#define _MACH_VM_INHERIT_H_
#define VM_INHERIT_SHARE 0
#define VM_INHERIT_COPY 1
#define VM_INHERIT_NONE 2
#define VM_INHERIT_DEFAULT VM_INHERIT_COPY
#endif
