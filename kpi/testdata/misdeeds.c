/* What an extension must not do, each in a function of its own, and what it may. */
typedef unsigned long u64;
extern int printf(const char *, ...);
extern void IOLog(const char *, ...);
extern void *_MALLOC(u64, int, int);
extern void _FREE(void *, int);
extern void *IOMalloc(u64);
extern void IOFree(void *, u64);
extern void panic(const char *, ...) __attribute__((noreturn));
extern void *lck_mtx_alloc_init(void *, void *);
extern void lck_mtx_lock(void *);
extern void lck_mtx_unlock(void *);
extern void lck_mtx_free(void *, void *);
extern void *lck_spin_alloc_init(void *, void *);
extern void lck_spin_lock(void *);
extern int snprintf(char *, u64, const char *, ...);
extern int strcmp(const char *, const char *);

int add(int a, int b, int c, int d, int e, int f, int g, int h) { return a + b + c + d + e + f + g + h; }
int hello(void)
{
	IOLog("Hello, %s: %d %5.3x|%-4s|%c %llu %p\n", "world", -42, 0x1f, "ab", 'z', 1ull << 40, (void *)0x1234);
	return 7;
}
void null_write(void) { *(volatile int *)8 = 1; }
static int deep(volatile char *p)
{
	volatile char b[512];
	b[0] = p[0];
	return deep(b) + b[1];
}
void overflow(void) { char c = 0; deep(&c); }
void assertion(int n) { panic("assertion %d failed", n); }
void wrong_size(void) { void *p = IOMalloc(100); IOFree(p, 99); }
void wrong_kind(void) { void *p = IOMalloc(100); _FREE(p, 1); }
void twice(void) { void *p = _MALLOC(64, 1, 0); _FREE(p, 1); _FREE(p, 1); }
void not_held(void) { lck_mtx_unlock(lck_mtx_alloc_init(0, 0)); }
void again(void) { void *m = lck_mtx_alloc_init(0, 0); lck_mtx_lock(m); lck_mtx_lock(m); }
void spin_left(void) { lck_spin_lock(lck_spin_alloc_init(0, 0)); }
void spin_sleep(void) { lck_spin_lock(lck_spin_alloc_init(0, 0)); _MALLOC(100, 1, 0); }
void allocates(void) { _FREE(_MALLOC(100, 1, 0), 1); }
void hang(void) { for (;;) __asm__ volatile(""); }
void undefined(void) { __asm__ volatile("ud2"); }
void raw(void) { __asm__ volatile("mov $39, %%eax; syscall" ::: "rax", "rcx", "r11"); }
void wild(void) { ((void (*)(void))0x1234567)(); }
void text(void) { *(volatile char *)add = 1; }
int locks(int n)
{
	void *m = lck_mtx_alloc_init(0, 0);
	for (int i = 0; i < n; i++) {
		lck_mtx_lock(m);
		lck_mtx_unlock(m);
	}
	lck_mtx_free(m, 0);
	return n;
}
extern void bcopy(const void *, void *, u64);
extern int curipl(void);
int spin(int n) { int s = 0; for (int i = 0; i < n; i++) s += i ^ n; return s; }
extern void kpi_lock_wake(u64 *, int);
extern void PE_enter_debugger(const char *);
int enters(int n) { PE_enter_debugger("here I am"); return n + 1; }
extern void IOSleep(unsigned);
volatile int counted, enough;
int counts(void) { while (!enough) counted++; return enough; }
int sleeps(int n) { IOSleep(n); return n; }
