/* Memory that a program and kernel code (kpi/testdata/window.c) share. */
#include "check.h"
#include <mach/mach.h>
#include <mach/mach_vm.h>
#include <signal.h>
#include <setjmp.h>
#include <sys/sysctl.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf back;
static void fault(int s) { siglongjmp(back, s); }

static int get(const char *name)
{
	int v = -99;
	size_t n = sizeof v;
	CHECKEQ(sysctlbyname(name, &v, &n, NULL, 0), 0);
	return v;
}

static int put(const char *name, int v) { return sysctlbyname(name, NULL, NULL, &v, sizeof v); }
static int put64(const char *name, long v) { return sysctlbyname(name, NULL, NULL, &v, sizeof v); }

int main(void)
{
	mach_vm_address_t a = 0;
	CHECKEQ(mach_vm_allocate(mach_task_self(), &a, 3 * 4096, VM_FLAGS_ANYWHERE), 0);
	char *b = (char *)a;
	strcpy(b, "the program's");
	CHECKEQ(put64("debug.window.buffer", (long)b), 0);
	CHECKSTR(b + 4090, "across two pages");
	CHECKEQ(put("debug.window.word", 4711), 0);
	CHECKEQ(*(int *)b, 4711);
	*(int *)b = 1234567;
	CHECKEQ(get("debug.window.word"), 1234567);

	/* a child has a copy, and the parent and the kernel go on sharing */
	int st;
	pid_t pid = fork();
	if (pid == 0) {
		*(int *)b = 1;
		_exit(get("debug.window.word") == 1234567 ? 3 : 4);
	}
	CHECKEQ(waitpid(pid, &st, 0), pid);
	CHECKEQ(WEXITSTATUS(st), 3);
	CHECKEQ(put("debug.window.word", 5), 0);
	CHECKEQ(*(int *)b, 5);

	/* the kernel's mapping lives on without the program's */
	CHECKEQ(mach_vm_deallocate(mach_task_self(), a, 3 * 4096), 0);
	CHECKEQ(get("debug.window.word"), 5);
	CHECKEQ(put("debug.window.word", 6), 0);
	CHECKEQ(get("debug.window.word"), 6);
	CHECKEQ(put64("debug.window.buffer", 0), 0);
	CHECKEQ(put("debug.window.word", 6), -1);
	CHECKEQ(errno, ENXIO);

	/* what the kernel owns is read, and not written */
	long at = 0;
	size_t n = sizeof at;
	CHECKEQ(sysctlbyname("debug.window.kernels", &at, &n, NULL, 0), 0);
	char *k = (char *)at;
	CHECKSTR(k, "the kernel's");
	CHECKEQ(put("debug.window.kernels_word", 99), 0);
	CHECKEQ(*(int *)(k + 512), 99);
	CHECKEQ(mach_vm_write(mach_task_self(), at, (vm_offset_t)"x", 1), KERN_PROTECTION_FAILURE);
	CHECKEQ(mach_vm_protect(mach_task_self(), at, 4096, FALSE, VM_PROT_READ | VM_PROT_WRITE), KERN_PROTECTION_FAILURE);
	signal(SIGBUS, fault);
	signal(SIGSEGV, fault);
	int s = sigsetjmp(back, 1);
	if (s == 0) {
		*(volatile char *)k = 'x';
		CHECK(!"written");
	}
	CHECKEQ(s, SIGBUS);
	CHECKSTR(k, "the kernel's");
	puts("window ok");
	DONE();
}
