/* The guest side of the KPI: what kernel code calls without a crossing. */
#ifndef RT_H
#define RT_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef unsigned long size_t;
typedef long ssize_t;
typedef int boolean_t;
#define NULL ((void *)0)
#define va_list __builtin_va_list
#define va_start __builtin_va_start
#define va_end __builtin_va_end
#define va_arg __builtin_va_arg

/* What GS points to; thread.go has the same layout. */
struct thread {
	struct thread *self;
	u32 spins; /* spin locks held */
	u32 ipl;
	u64 id;
	u32 mutexes;
	u32 interrupt;
	u32 u_error, u_acflag;
};

static inline struct thread *self(void)
{
	struct thread *t;
	__asm__("movq %%gs:0, %0" : "=r"(t));
	return t;
}

static inline void pause(void) { __asm__ volatile("pause"); }

/* Calls of the kernel that only the runtime makes. */
extern void kpi_write(int level, const char *s, size_t n);
extern void kpi_panic(const char *s);
/* Sleep while *word == value; group counts the miss (0: none). */
extern void kpi_lock_wait(u64 *word, u64 value, u64 *misses);
extern void kpi_lock_wake(u64 *word, int all);
extern void kpi_spin_wait(u64 *word);
extern void *kpi_etap_group(u32 event);

void panic(const char *fmt, ...) __attribute__((noreturn));
int vsnprintf(char *s, size_t n, const char *fmt, va_list ap);
size_t strlen(const char *s);
void *memcpy(void *d, const void *s, size_t n);
void *memset(void *d, int c, size_t n);
#endif
