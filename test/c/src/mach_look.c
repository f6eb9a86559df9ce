/* Ports for looking at a task or a thread: what they allow, and what not. */
#include "mach_check.h"
#include <pthread.h>
#include <mach/mach_time.h>
#include <mach/mach_vm.h>

static unsigned word = 0x4711;
static mach_port_t me;

/* What a port of each kind may do. */
static void powers(mach_port_t t, int reads, int controls)
{
	mach_task_basic_info_data_t b;
	mach_msg_type_number_t n = MACH_TASK_BASIC_INFO_COUNT;
	OK(task_info(t, MACH_TASK_BASIC_INFO, (task_info_t)&b, &n));
	unsigned got = 0;
	mach_vm_size_t size = 0;
	kern_return_t kr = mach_vm_read_overwrite(t, (mach_vm_address_t)&word, sizeof word, (mach_vm_address_t)&got, &size);
	CHECKEQ(kr == KERN_SUCCESS, reads);
	CHECKEQ(got, reads ? 0x4711 : 0);
	mach_port_name_array_t names;
	mach_port_type_array_t types;
	mach_msg_type_number_t m;
	kr = mach_port_names(t, &names, &n, &types, &m);
	CHECKEQ(kr == KERN_SUCCESS, controls);
	if (kr == KERN_SUCCESS) {
		vm_deallocate(SELF, (vm_address_t)names, n * sizeof *names);
		vm_deallocate(SELF, (vm_address_t)types, m * sizeof *types);
	}
	unsigned new = 0x4711;
	CHECKEQ(mach_vm_write(t, (mach_vm_address_t)&word, (vm_offset_t)&new, sizeof new) == KERN_SUCCESS, controls);
	/* What may only be read must not be shared so that it can be written. */
	mach_vm_address_t page = (mach_vm_address_t)&word & ~(mach_vm_address_t)4095, at = 0;
	vm_prot_t cur = VM_PROT_READ | VM_PROT_WRITE, max = cur;
	kr = mach_vm_remap_new(SELF, &at, 4096, 0, VM_FLAGS_ANYWHERE, t, page, FALSE, &cur, &max, VM_INHERIT_NONE);
	CHECKEQ(kr == KERN_SUCCESS, controls);
	if (kr == KERN_SUCCESS)
		OK(mach_vm_deallocate(SELF, at, 4096));
	mach_port_name_t p = 0;
	kr = mach_port_allocate(t, MACH_PORT_RIGHT_RECEIVE, &p);
	CHECKEQ(kr == KERN_SUCCESS, controls);
	if (p)
		OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_RECEIVE, -1));
	CHECKEQ(task_set_exception_ports(t, EXC_MASK_GUARD, MACH_PORT_NULL, EXCEPTION_DEFAULT, THREAD_STATE_NONE) == KERN_SUCCESS, controls);
	int pid = 0;
	OK(pid_for_task(t, &pid));
	CHECKEQ(pid, getpid());
	CHECK(mach_task_is_self(t));
}

static void threads(mach_port_t t, int reads, int controls)
{
	thread_act_array_t l;
	mach_msg_type_number_t n = 0, c = x86_THREAD_STATE64_COUNT;
	OK(task_threads(t, &l, &n));
	CHECKEQ(n, 1);
	x86_thread_state64_t s;
	thread_basic_info_data_t b;
	mach_msg_type_number_t k = THREAD_BASIC_INFO_COUNT;
	OK(thread_info(l[0], THREAD_BASIC_INFO, (thread_info_t)&b, &k));
	CHECKEQ(thread_get_state(l[0], x86_THREAD_STATE64, (thread_state_t)&s, &c) == KERN_SUCCESS, reads);
	CHECKEQ(thread_set_exception_ports(l[0], EXC_MASK_GUARD, MACH_PORT_NULL, EXCEPTION_DEFAULT, THREAD_STATE_NONE) == KERN_SUCCESS, controls);
	CHECKEQ(l[0] == me, controls);
	mach_port_t p = 0;
	CHECKKR(thread_get_special_port(l[0], THREAD_KERNEL_PORT, &p), controls ? KERN_SUCCESS : KERN_INVALID_CAPABILITY);
	if (p)
		OK(mach_port_deallocate(SELF, p));
	p = 0;
	CHECKKR(thread_get_special_port(l[0], THREAD_READ_PORT, &p), reads ? KERN_SUCCESS : KERN_INVALID_CAPABILITY);
	if (p)
		OK(mach_port_deallocate(SELF, p));
	OK(thread_get_special_port(l[0], THREAD_INSPECT_PORT, &p));
	OK(mach_port_deallocate(SELF, p));
	OK(mach_port_deallocate(SELF, l[0]));
	vm_deallocate(SELF, (vm_address_t)l, n * sizeof *l);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static void *waits(void *x)
{
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return x;
}

/* Each pthread is a thread of the task, and the kernel's name for it is among them. */
static void pthreads(void)
{
	pthread_t t[3];
	pthread_mutex_lock(&gate);
	for (int i = 0; i < 3; i++)
		CHECKEQ(pthread_create(&t[i], NULL, waits, NULL), 0);
	thread_act_array_t l;
	mach_msg_type_number_t n = 0;
	OK(task_threads(SELF, &l, &n));
	CHECKEQ(n, 4);
	int found = 0;
	for (unsigned i = 0; i < n; i++) {
		for (int j = 0; j < 3; j++)
			found += l[i] == pthread_mach_thread_np(t[j]);
		found += l[i] == me;
		OK(mach_port_deallocate(SELF, l[i]));
	}
	CHECKEQ(found, 4);
	vm_deallocate(SELF, (vm_address_t)l, n * sizeof *l);
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
}

int main(void)
{
	mach_port_t read = 0, look = 0, name = 0, p = 0;
	me = mach_thread_self();
	powers(SELF, 1, 1);
	census_t before = census();
	OK(task_get_special_port(SELF, TASK_READ_PORT, &read));
	OK(task_get_special_port(SELF, TASK_INSPECT_PORT, &look));
	OK(task_get_special_port(SELF, TASK_NAME_PORT, &name));
	CHECK(read != SELF && look != SELF && read != look && name != look);
	powers(read, 1, 0);
	powers(look, 0, 0);
	threads(read, 1, 0);
	threads(look, 0, 0);
	/* No port gives one that allows more. */
	CHECKKR(task_get_special_port(read, TASK_KERNEL_PORT, &p), KERN_INVALID_CAPABILITY);
	CHECKKR(task_get_special_port(read, TASK_BOOTSTRAP_PORT, &p), KERN_INVALID_CAPABILITY);
	CHECKKR(task_get_special_port(look, TASK_READ_PORT, &p), KERN_INVALID_CAPABILITY);
	OK(task_get_special_port(read, TASK_INSPECT_PORT, &p));
	CHECKEQ(p, look);
	OK(mach_port_deallocate(SELF, p));
	OK(task_get_special_port(look, TASK_NAME_PORT, &p));
	CHECKEQ(p, name);
	OK(mach_port_deallocate(SELF, p));
	CHECKKR(task_get_special_port(name, TASK_NAME_PORT, &p), KERN_INVALID_ARGUMENT);
	/* By number. */
	OK(task_read_for_pid(SELF, getpid(), &p));
	CHECKEQ(p, read);
	OK(mach_port_deallocate(SELF, p));
	OK(task_inspect_for_pid(SELF, getpid(), &p));
	CHECKEQ(p, look);
	OK(mach_port_deallocate(SELF, p));
	CHECKEQ(task_read_for_pid(SELF, 999999, &p), -1);
	CHECKEQ(errno, KERN_FAILURE);
	OK(mach_port_deallocate(SELF, read));
	OK(mach_port_deallocate(SELF, look));
	OK(mach_port_deallocate(SELF, name));
	SAME(before);
	pthreads();
	/* The three clocks together. */
	uint64_t a = mach_absolute_time(), b, c;
	struct timespec ts;
	OK(mach_get_times(&b, &c, &ts));
	CHECK(a <= b && b <= mach_absolute_time());
	CHECK(c >= b && c <= mach_continuous_time());
	CHECK(ts.tv_sec > 1000000000 && mach_boottime_usec() / 1000000 <= (uint64_t)ts.tv_sec);
	printf("mach_look ok\n");
	DONE();
}
