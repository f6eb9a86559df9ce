/* The I/O Kit's C functions. */
#ifndef _IOKIT_IOLIB_H_
#define _IOKIT_IOLIB_H_
#include <kern/thread.h>
#include <IOKit/IOTypes.h>
#include <libkern/OSAtomic.h>
#include <libkern/libkern.h>
#include <mach/mach_types.h>
typedef thread_t IOThread;
typedef void (*IOThreadFunc)(void *argument);
__BEGIN_DECLS
void IOLog(const char *format, ...) __attribute__((format(printf, 1, 2)));
void IOLogv(const char *format, va_list ap);
void *IOMalloc(vm_size_t size);
void IOFree(void *addr, vm_size_t size);
void *IOMallocAligned(vm_size_t size, vm_offset_t alignment);
void IOFreeAligned(void *addr, vm_size_t size);
void *IOMallocContiguous(vm_size_t size, vm_size_t alignment, IOPhysicalAddress *phys);
void IOFreeContiguous(void *addr, vm_size_t size);
void *IOMallocPageable(vm_size_t size, vm_size_t alignment);
void IOFreePageable(void *addr, vm_size_t size);
IOThread IOCreateThread(IOThreadFunc function, void *argument);
IOThread IOThreadSelf(void);
void IOExitThread(void);
void IODelay(unsigned microseconds);
void IOSleep(unsigned milliseconds);
__END_DECLS
#endif
