/* Functions of the kernel for which the manual names no header. */
#ifndef _KERNSERV_PROTOTYPES_H
#define _KERNSERV_PROTOTYPES_H
#include <mach_types.h>

extern int printf(const char *format, ...);
extern int sprintf(char *s, const char *format, ...);
extern int log(int level, const char *format, ...);
extern void panic(const char *string, ...);
extern void bcopy(const void *from, void *to, unsigned long length);
extern void bzero(void *to, unsigned long length);
extern void bytecopy(const void *from, void *to, int length);
extern int copyin(const void *from, void *to, int length);
extern int copyout(const void *from, void *to, int length);
extern void *kalloc(int size);
extern void *kget(int size);
extern void kfree(void *address, int size);
extern int curipl(void);
extern int suser(void);

/* Any number is a physical address; as a pointer it would need a cast. */
extern caddr_t map_addr(caddr_t address, int size);
#define map_addr(address, size) (map_addr)((caddr_t)((unsigned long)(address) & 0xffffffffUL), size)
extern int probe_rb(const volatile void *address);

extern task_t current_task(void);
extern thread_t kernel_thread(task_t task, void (*start)());
extern kern_return_t thread_terminate(thread_t thread);
extern void thread_halt_self(void);

extern int hz;

#endif
