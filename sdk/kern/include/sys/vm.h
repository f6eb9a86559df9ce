/* Memory: the older name. */
#ifndef _SYS_VM_H_
#define _SYS_VM_H_

#include <vm/vm_kern.h>

#endif
