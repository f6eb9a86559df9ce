/* Special and registered ports, guards, and calls that tell about names. */
#include "mach_check.h"
#include <servers/bootstrap.h>

static void special(void)
{
	census_t before = census();
	mach_port_t p = 0, mine = port_with_send(), old = 0;
	OK(task_get_special_port(SELF, TASK_KERNEL_PORT, &p));
	CHECKEQ(p, SELF);
	OK(mach_port_deallocate(SELF, p));
	OK(task_get_special_port(SELF, TASK_HOST_PORT, &p));
	CHECKEQ(p, mach_host_self());
	OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_SEND, -2));
	OK(task_get_special_port(SELF, TASK_BOOTSTRAP_PORT, &old));
	CHECKEQ(old, bootstrap_port);
	OK(task_set_special_port(SELF, TASK_BOOTSTRAP_PORT, mine));
	OK(task_get_special_port(SELF, TASK_BOOTSTRAP_PORT, &p));
	CHECKEQ(p, mine);
	OK(mach_port_deallocate(SELF, p));
	OK(task_set_special_port(SELF, TASK_BOOTSTRAP_PORT, old));
	OK(mach_port_deallocate(SELF, old));
	CHECKKR(task_get_special_port(SELF, 77, &p), KERN_INVALID_ARGUMENT);
	CHECKKR(task_get_special_port(SELF, 0, &p), KERN_INVALID_ARGUMENT);
	CHECKKR(task_set_special_port(SELF, 77, mine), KERN_INVALID_ARGUMENT);
	mach_port_t th = mach_thread_self();
	OK(thread_get_special_port(th, THREAD_KERNEL_PORT, &p));
	CHECKEQ(p, th);
	OK(mach_port_mod_refs(SELF, th, MACH_PORT_RIGHT_SEND, -1));
	OK(mach_port_deallocate(SELF, th));
	CHECKKR(thread_get_special_port(th, 99, &p), KERN_INVALID_ARGUMENT);
	/* The host's name port is not its control port. */
	mach_port_t host = mach_host_self();
	mach_msg_type_number_t n;
	processor_array_t procs;
	kern_return_t r = host_processors(host, &procs, &n);
	CHECK(r == KERN_SUCCESS || r == KERN_INVALID_ARGUMENT || r == KERN_INVALID_HOST);
	if (r == KERN_SUCCESS) {
		for (unsigned i = 0; i < n; i++)
			OK(mach_port_deallocate(SELF, procs[i]));
		vm_deallocate(SELF, (vm_address_t)procs, n * sizeof *procs);
	}
	OK(mach_port_deallocate(SELF, host));
	port_end(mine);
	SAME(before);
}

static void registered(void)
{
	census_t before = census();
	mach_port_t l[4] = { port_with_send(), port_with_send(), MACH_PORT_NULL, MACH_PORT_NULL };
	CHECKKR(mach_ports_register(SELF, l, 4), KERN_INVALID_ARGUMENT);
	OK(mach_ports_register(SELF, l, 3));
	CHECKEQ(status_of(l[0]).mps_srights, 1);
	mach_port_array_t got;
	mach_msg_type_number_t n = 0;
	OK(mach_ports_lookup(SELF, &got, &n));
	CHECKEQ(n, 3);
	CHECKEQ(got[0], l[0]);
	CHECKEQ(got[1], l[1]);
	CHECKEQ(got[2], MACH_PORT_NULL);
	OK(mach_port_deallocate(SELF, got[0]));
	OK(mach_port_deallocate(SELF, got[1]));
	vm_deallocate(SELF, (vm_address_t)got, n * sizeof *got);
	OK(mach_ports_register(SELF, NULL, 0));
	port_end(l[0]);
	port_end(l[1]);
	SAME(before);
}

static void guards(void)
{
	census_t before = census();
	mach_port_t p = 0;
	mach_port_options_t o = { .flags = MPO_CONTEXT_AS_GUARD | MPO_STRICT | MPO_QLIMIT | MPO_INSERT_SEND_RIGHT, .mpl = { 33 } };
	OK(mach_port_construct(SELF, &o, 0xdeadbeef, &p));
	CHECKEQ(type_of(p), MACH_PORT_TYPE_SEND_RECEIVE);
	mach_port_status_t s = status_of(p);
	CHECKEQ(s.mps_qlimit, 33);
	CHECK(s.mps_flags & MACH_PORT_STATUS_FLAG_GUARDED);
	CHECK(s.mps_flags & MACH_PORT_STATUS_FLAG_STRICT_GUARD);
	mach_port_context_t c = 1;
	OK(mach_port_get_context(SELF, p, &c));
	CHECKEQ(c, 0); /* a strict guard is not told */
	CHECKKR(mach_port_guard(SELF, p, 5, 0), KERN_INVALID_ARGUMENT);
	OK(mach_port_unguard(SELF, p, 0xdeadbeef));
	CHECKEQ(status_of(p).mps_flags & MACH_PORT_STATUS_FLAG_GUARDED, 0);
	OK(mach_port_guard(SELF, p, 0x77, 0));
	OK(mach_port_get_context(SELF, p, &c));
	CHECKEQ(c, 0x77);
	OK(mach_port_swap_guard(SELF, p, 0x77, 0x78));
	OK(mach_port_swap_guard(SELF, p, 0x78, 0x77));
	OK(mach_port_destruct(SELF, p, -1, 0x77));
	CHECKEQ(type_of(p), 0);
	/* What can't be made. */
	CHECKKR(mach_port_construct(SELF, (mach_port_options_t *)0x1000, 0, &p) != KERN_SUCCESS, 1);
	o = (mach_port_options_t){ .flags = MPO_QLIMIT, .mpl = { 100000 } };
	CHECKKR(mach_port_construct(SELF, &o, 0, &p), KERN_INVALID_VALUE);
	SAME(before);
}

static void inspection(void)
{
	census_t before = census();
	mach_port_t p = port_with_send();
	/* mach_port_names has it, with its type. */
	mach_port_name_t *names;
	mach_port_type_t *types;
	mach_msg_type_number_t n, m;
	OK(mach_port_names(SELF, &names, &n, &types, &m));
	CHECKEQ(n, m);
	int found = 0;
	for (unsigned i = 0; i < n; i++)
		if (names[i] == p)
			found += types[i] == MACH_PORT_TYPE_SEND_RECEIVE;
	CHECKEQ(found, 1);
	vm_deallocate(SELF, (vm_address_t)names, n * sizeof *names);
	vm_deallocate(SELF, (vm_address_t)types, m * sizeof *types);
	/* A peek leaves the message. */
	OK(mach_port_set_seqno(SELF, p, 10));
	OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 321, 1));
	mach_port_seqno_t seq = 0;
	mach_msg_size_t size = 0;
	mach_msg_id_t id = 0;
	char trailer[68];
	mach_msg_type_number_t tn = sizeof trailer;
	OK(mach_port_peek(SELF, p, 0, &seq, &size, &id, trailer, &tn));
	CHECKEQ(seq, 10);
	CHECKEQ(size, sizeof(simple_t) + 8); /* as long as in the kernel */
	CHECKEQ(id, 321);
	CHECKEQ(receive_word(p), 1);
	tn = sizeof trailer;
	CHECKKR(mach_port_peek(SELF, p, 0, &seq, &size, &id, trailer, &tn), KERN_FAILURE);
	mach_port_srights_t sr = 9;
	OK(mach_port_get_srights(SELF, p, &sr));
	CHECKEQ(sr, 1);
	/* What is behind a port of the kernel. */
	natural_t kind = 0, addr = 1;
	OK(mach_port_kernel_object(SELF, SELF, &kind, &addr));
	CHECKEQ(kind, 2); /* IKOT_TASK_CONTROL */
	/* The space's table. */
	ipc_info_space_t info;
	ipc_info_name_array_t table;
	ipc_info_tree_name_array_t tree;
	mach_msg_type_number_t tabn = 0, treen = 0;
	OK(mach_port_space_info(SELF, &info, &table, &tabn, &tree, &treen));
	found = 0;
	for (unsigned i = 0; i < tabn; i++)
		if (table[i].iin_name == p) {
			found++;
			CHECKEQ(table[i].iin_type, MACH_PORT_TYPE_SEND_RECEIVE);
			CHECKEQ(table[i].iin_urefs, 1);
		}
	CHECKEQ(found, 1);
	vm_deallocate(SELF, (vm_address_t)table, tabn * sizeof *table);
	if (treen)
		vm_deallocate(SELF, (vm_address_t)tree, treen * sizeof *tree);
	/* Another task's names, by its port: here our own by message. */
	CHECKKR(mach_port_get_refs(SELF, 0x7777, MACH_PORT_RIGHT_SEND, &(mach_port_urefs_t){ 0 }), KERN_INVALID_NAME);
	port_end(p);
	SAME(before);
}

/* A parent reaches into its child's space by the child's task port. */
static int lender(mach_port_t main)
{
	OK(send_right(main, SELF, MACH_MSG_TYPE_COPY_SEND, 0));
	mach_port_t p = port_new();
	OK(send_word(main, MACH_MSG_TYPE_COPY_SEND, 1, p));
	CHECKEQ(receive_word(p), 7);
	return failures != 0;
}
static void foreign(void)
{
	census_t before = census();
	mach_port_t main = port_with_send(), right = 0;
	pid_t pid = child(main, lender);
	mach_port_t task = receive_right(main, NULL);
	mach_port_name_t name = receive_word(main);
	mach_port_type_t t = 0;
	mach_msg_type_name_t disp;
	OK(mach_port_type(task, name, &t));
	CHECKEQ(t, MACH_PORT_TYPE_RECEIVE);
	OK(mach_port_extract_right(task, name, MACH_MSG_TYPE_MAKE_SEND, &right, &disp));
	CHECKEQ(disp, MACH_MSG_TYPE_PORT_SEND);
	int got = 0;
	OK(pid_for_task(task, &got));
	CHECKEQ(got, pid);
	/* And puts one there. */
	mach_port_t new = port_new();
	OK(mach_port_insert_right(task, 0x5555503, new, MACH_MSG_TYPE_MAKE_SEND));
	OK(mach_port_type(task, 0x5555503, &t));
	CHECKEQ(t, MACH_PORT_TYPE_SEND);
	OK(mach_port_deallocate(task, 0x5555503));
	CHECKEQ(status_of(new).mps_srights, 0);
	port_end(new);
	OK(send_word(right, MACH_MSG_TYPE_COPY_SEND, 1, 7));
	ended(pid);
	CHECKKR(mach_port_type(task, name, &t), MACH_SEND_INVALID_DEST);
	port_end(task);
	port_end(right);
	port_end(main);
	SAME(before);
}

int main(void)
{
	mach_port_deallocate(SELF, 0);
	special();
	registered();
	guards();
	inspection();
	foreign();
	printf("mach_ports ok\n");
	DONE();
}
