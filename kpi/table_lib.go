package kpi

// The C library's part: all of it is guest code.
func init() {
	rows := func(names ...[2]string) (l []Row) {
		for _, n := range names {
			l = append(l, Row{Name: n[0], Proto: n[1]})
		}
		return l
	}
	register("string.h", "1990", "libkern bsd", rows(
		[2]string{"bcopy", "void bcopy(const void *from, void *to, size_t n)"},
		[2]string{"bzero", "void bzero(void *p, size_t n)"},
		[2]string{"strcat", "char *strcat(char *to, const char *from)"},
		[2]string{"strcmp", "int strcmp(const char *a, const char *b)"},
		[2]string{"strcpy", "char *strcpy(char *to, const char *from)"},
		[2]string{"strlen", "size_t strlen(const char *s)"},
		[2]string{"bytecopy", "void bytecopy(void *from, void *to, int n)"},
	))
	register("string.h", "2002", "libkern bsd", rows(
		[2]string{"memcpy", "void *memcpy(void *to, const void *from, size_t n)"},
		[2]string{"memmove", "void *memmove(void *to, const void *from, size_t n)"},
		[2]string{"memset", "void *memset(void *p, int c, size_t n)"},
		[2]string{"memcmp", "int memcmp(const void *a, const void *b, size_t n)"},
		[2]string{"bcmp", "int bcmp(const void *a, const void *b, size_t n)"},
		[2]string{"ovbcopy", "void ovbcopy(const void *from, void *to, size_t n)"},
		[2]string{"strnlen", "size_t strnlen(const char *s, size_t n)"},
		[2]string{"strncpy", "char *strncpy(char *to, const char *from, size_t n)"},
		[2]string{"strncat", "char *strncat(char *to, const char *from, size_t n)"},
		[2]string{"strlcpy", "size_t strlcpy(char *to, const char *from, size_t n)"},
		[2]string{"strlcat", "size_t strlcat(char *to, const char *from, size_t n)"},
		[2]string{"strncmp", "int strncmp(const char *a, const char *b, size_t n)"},
		[2]string{"strcasecmp", "int strcasecmp(const char *a, const char *b)"},
		[2]string{"strncasecmp", "int strncasecmp(const char *a, const char *b, size_t n)"},
		[2]string{"strchr", "char *strchr(const char *s, int c)"},
		[2]string{"strrchr", "char *strrchr(const char *s, int c)"},
		[2]string{"strstr", "char *strstr(const char *s, const char *find)"},
		[2]string{"strnstr", "char *strnstr(const char *s, const char *find, size_t n)"},
		[2]string{"strsep", "char *strsep(char **s, const char *delim)"},
		[2]string{"strtol", "long strtol(const char *s, char **end, int base)"},
		[2]string{"strtoul", "unsigned long strtoul(const char *s, char **end, int base)"},
		[2]string{"strtoq", "long long strtoq(const char *s, char **end, int base)"},
		[2]string{"strtouq", "unsigned long long strtouq(const char *s, char **end, int base)"},
		[2]string{"atoi", "int atoi(const char *s)"},
		[2]string{"ffs", "int ffs(unsigned int v)"},
		[2]string{"fls", "int fls(unsigned int v)"},
		[2]string{"ffsll", "int ffsll(unsigned long long v)"},
		[2]string{"flsll", "int flsll(unsigned long long v)"},
	))
	register("sys/conf.h", "1990", "bsd", rows(
		[2]string{"nulldev", "int nulldev(void)"},
		[2]string{"nodev", "int nodev(void)"},
		[2]string{"seltrue", "int seltrue(dev_t dev, int which, struct proc *p)"},
		[2]string{"enosys", "int enosys(void)"},
		[2]string{"enodev", "int enodev(void)"},
		[2]string{"enodev_strat", "int enodev_strat(void)"},
		[2]string{"eno_strat", "int eno_strat(void)"},
		[2]string{"enxio", "int enxio(void)"},
		[2]string{"ureturn0", "int ureturn0(void)"},
	))
	register("libkern/OSAtomic.h", "2002", "libkern", rows(
		[2]string{"OSCompareAndSwap", "Boolean OSCompareAndSwap(UInt32 old, UInt32 new, volatile UInt32 *p)"},
		[2]string{"OSCompareAndSwap64", "Boolean OSCompareAndSwap64(UInt64 old, UInt64 new, volatile UInt64 *p)"},
		[2]string{"OSCompareAndSwapPtr", "Boolean OSCompareAndSwapPtr(void *old, void *new, void *volatile *p)"},
		[2]string{"OSAddAtomic", "SInt32 OSAddAtomic(SInt32 n, volatile SInt32 *p)"},
		[2]string{"OSAddAtomic64", "SInt64 OSAddAtomic64(SInt64 n, volatile SInt64 *p)"},
		[2]string{"OSAddAtomicLong", "long OSAddAtomicLong(long n, volatile long *p)"},
		[2]string{"OSAddAtomic16", "SInt16 OSAddAtomic16(SInt32 n, volatile SInt16 *p)"},
		[2]string{"OSAddAtomic8", "SInt8 OSAddAtomic8(SInt32 n, volatile SInt8 *p)"},
		[2]string{"OSIncrementAtomic", "SInt32 OSIncrementAtomic(volatile SInt32 *p)"},
		[2]string{"OSDecrementAtomic", "SInt32 OSDecrementAtomic(volatile SInt32 *p)"},
		[2]string{"OSIncrementAtomic64", "SInt64 OSIncrementAtomic64(volatile SInt64 *p)"},
		[2]string{"OSDecrementAtomic64", "SInt64 OSDecrementAtomic64(volatile SInt64 *p)"},
		[2]string{"OSIncrementAtomic16", "SInt16 OSIncrementAtomic16(volatile SInt16 *p)"},
		[2]string{"OSDecrementAtomic16", "SInt16 OSDecrementAtomic16(volatile SInt16 *p)"},
		[2]string{"OSIncrementAtomic8", "SInt8 OSIncrementAtomic8(volatile SInt8 *p)"},
		[2]string{"OSDecrementAtomic8", "SInt8 OSDecrementAtomic8(volatile SInt8 *p)"},
		[2]string{"OSBitAndAtomic", "UInt32 OSBitAndAtomic(UInt32 mask, volatile UInt32 *p)"},
		[2]string{"OSBitOrAtomic", "UInt32 OSBitOrAtomic(UInt32 mask, volatile UInt32 *p)"},
		[2]string{"OSBitXorAtomic", "UInt32 OSBitXorAtomic(UInt32 mask, volatile UInt32 *p)"},
		[2]string{"OSBitAndAtomic16", "UInt16 OSBitAndAtomic16(UInt32 mask, volatile UInt16 *p)"},
		[2]string{"OSBitOrAtomic16", "UInt16 OSBitOrAtomic16(UInt32 mask, volatile UInt16 *p)"},
		[2]string{"OSBitXorAtomic16", "UInt16 OSBitXorAtomic16(UInt32 mask, volatile UInt16 *p)"},
		[2]string{"OSBitAndAtomic8", "UInt8 OSBitAndAtomic8(UInt32 mask, volatile UInt8 *p)"},
		[2]string{"OSBitOrAtomic8", "UInt8 OSBitOrAtomic8(UInt32 mask, volatile UInt8 *p)"},
		[2]string{"OSBitXorAtomic8", "UInt8 OSBitXorAtomic8(UInt32 mask, volatile UInt8 *p)"},
		[2]string{"OSTestAndSet", "Boolean OSTestAndSet(UInt32 bit, volatile UInt8 *p)"},
		[2]string{"OSTestAndClear", "Boolean OSTestAndClear(UInt32 bit, volatile UInt8 *p)"},
		[2]string{"OSSynchronizeIO", "void OSSynchronizeIO(void)"},
		[2]string{"OSMemoryBarrier", "void OSMemoryBarrier(void)"},
		[2]string{"test_and_set", "int test_and_set(volatile int *p)"},
	))
	register("mach/machine_routines.h", "2002", "unsupported", rows(
		[2]string{"hw_atomic_add", "uint32_t hw_atomic_add(volatile uint32_t *p, uint32_t n)"},
		[2]string{"hw_atomic_sub", "uint32_t hw_atomic_sub(volatile uint32_t *p, uint32_t n)"},
		[2]string{"hw_atomic_or", "uint32_t hw_atomic_or(volatile uint32_t *p, uint32_t mask)"},
		[2]string{"hw_atomic_and", "uint32_t hw_atomic_and(volatile uint32_t *p, uint32_t mask)"},
		[2]string{"hw_compare_and_store", "uint32_t hw_compare_and_store(uint32_t old, uint32_t new, volatile uint32_t *p)"},
		[2]string{"ml_get_interrupts_enabled", "boolean_t ml_get_interrupts_enabled(void)"},
		[2]string{"preemption_enabled", "boolean_t preemption_enabled(void)"},
		[2]string{"get_preemption_level", "int get_preemption_level(void)"},
		[2]string{"curipl", "int curipl(void)"},
	))
	register("kern/thread.h", "1990", "mach bsd", rows(
		[2]string{"current_thread", "thread_t current_thread(void)"},
		[2]string{"current_act", "thread_act_t current_act(void)"},
		[2]string{"getact_thread", "thread_act_t getact_thread(thread_t thread)"},
		[2]string{"thread_tid", "uint64_t thread_tid(thread_t thread)"},
	))
	register("IOKit/IOLib.h", "2002", "iokit", rows(
		[2]string{"IOThreadSelf", "IOThread IOThreadSelf(void)"},
	))
	register("sys/sysctl.h", "2002", "bsd", rows(
		[2]string{"sysctl_handle_int", "int sysctl_handle_int SYSCTL_HANDLER_ARGS"},
		[2]string{"sysctl_handle_long", "int sysctl_handle_long SYSCTL_HANDLER_ARGS"},
		[2]string{"sysctl_handle_quad", "int sysctl_handle_quad SYSCTL_HANDLER_ARGS"},
		[2]string{"sysctl_handle_int2quad", "int sysctl_handle_int2quad SYSCTL_HANDLER_ARGS"},
		[2]string{"sysctl_handle_opaque", "int sysctl_handle_opaque SYSCTL_HANDLER_ARGS"},
		[2]string{"sysctl_handle_string", "int sysctl_handle_string SYSCTL_HANDLER_ARGS"},
		[2]string{"sysctl_io_number", "int sysctl_io_number(struct sysctl_req *req, long long value, size_t size, void *p, int *changed)"},
		[2]string{"sysctl_io_string", "int sysctl_io_string(struct sysctl_req *req, char *s, size_t size, int trunc, int *changed)"},
		[2]string{"sysctl_io_opaque", "int sysctl_io_opaque(struct sysctl_req *req, void *p, size_t size, int *changed)"},
	))
	var data []Row
	for _, d := range [][3]string{
		{"hz", "int hz", "sys/kernel.h"}, {"tick", "int tick", "sys/kernel.h"},
		{"boottime", "struct timeval boottime", "sys/kernel.h"}, {"hostname", "char hostname[]", "sys/kernel.h"},
		{"version", "const char version[]", "libkern/version.h"}, {"osrelease", "const char osrelease[]", "libkern/version.h"},
		{"ostype", "const char ostype[]", "libkern/version.h"}, {"version_major", "const int version_major", "libkern/version.h"},
		{"version_minor", "const int version_minor", "libkern/version.h"},
		{"page_size", "vm_size_t page_size", "mach/vm_param.h"}, {"page_mask", "vm_size_t page_mask", "mach/vm_param.h"},
		{"page_shift", "int page_shift", "mach/vm_param.h"}, {"mem_size", "uint64_t mem_size", "mach/vm_param.h"},
		{"max_mem", "uint64_t max_mem", "mach/vm_param.h"}, {"sane_size", "uint64_t sane_size", "mach/vm_param.h"},
		{"kernel_task", "task_t kernel_task", "kern/task.h"}, {"kernproc", "proc_t kernproc", "sys/proc.h"},
	} {
		data = append(data, Row{Name: d[0], Proto: d[1], Header: d[2], Data: true})
	}
	register("", "2002", "all", data)
}
