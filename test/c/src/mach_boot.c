/*
 * The bootstrap task: services by name, contexts, servers that start when a message
 * comes for them; and the Network Name Server. Started with an argument it is the
 * server that is launched.
 */
#include "mach_check.h"
#include <servers/bootstrap.h>
#include <servers/netname.h>
#include <signal.h>

/* The launched server: its bootstrap port says who it is. */
static int serve(void)
{
	mach_port_t p;
	OK(bootstrap_check_in(bootstrap_port, "on.demand", &p));
	received_t r;
	OK(receive(p, &r, sizeof r, 0));
	simple_t a = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0), sizeof a, r.m.head.msgh_remote_port, 0, 0, 9 },
	    .word = { r.m.word[0] * 2, getpid() } };
	OK(mach_msg(&a.head, MACH_SEND_MSG, sizeof a, 0, 0, 0, 0));
	return failures != 0; /* and is gone: the next message launches another */
}

static void demand(char *self)
{
	census_t before = census();
	mach_port_t server = 0, service = 0, reply = port_new(), p = 0;
	cmd_t cmd;
	char path[1024];
	snprintf(cmd, sizeof cmd, "%s serve", realpath(self, path));
	OK(bootstrap_create_server(bootstrap_port, cmd, getuid(), TRUE, &server));
	OK(bootstrap_create_service(server, "on.demand", &p));
	bootstrap_status_t st = -1;
	OK(bootstrap_status(bootstrap_port, "on.demand", &st));
	CHECKEQ(st, BOOTSTRAP_STATUS_ON_DEMAND);
	/* Its name is its own. */
	CHECKKR(bootstrap_check_in(bootstrap_port, "on.demand", &(mach_port_t){ 0 }), BOOTSTRAP_NOT_PRIVILEGED);
	CHECKKR(bootstrap_register(bootstrap_port, "on.demand", p), BOOTSTRAP_NOT_PRIVILEGED);
	OK(mach_port_deallocate(SELF, p));
	OK(bootstrap_look_up(bootstrap_port, "on.demand", &service));
	int pid[2];
	for (int i = 0; i < 2; i++) {
		simple_t m = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), sizeof m, service, reply, 0, 5 },
		    .word = { 21 + i } };
		received_t r;
		OK(mach_msg(&m.head, MACH_SEND_MSG, sizeof m, 0, 0, 0, 0));
		OK(receive(reply, &r, sizeof r, 0));
		CHECKEQ(r.m.head.msgh_id, 9);
		CHECKEQ(r.m.word[0], 2 * (21 + i));
		pid[i] = r.m.word[1];
	}
	CHECK(pid[0] != pid[1] && pid[0] != getpid());
	port_end(service);
	port_end(server);
	port_end(reply);
	SAME(before);
}

static void services(void)
{
	census_t before = census();
	mach_port_t p = port_with_send(), q = 0, r = 0, s = 0;
	CHECK(MACH_PORT_VALID(bootstrap_port));
	CHECKKR(bootstrap_look_up(bootstrap_port, "no.such", &q), BOOTSTRAP_UNKNOWN_SERVICE);
	CHECKSTR(bootstrap_strerror(BOOTSTRAP_UNKNOWN_SERVICE), "Unknown service name");
	OK(bootstrap_register(bootstrap_port, "mine", p));
	OK(bootstrap_look_up(bootstrap_port, "mine", &q));
	CHECKEQ(q, p);
	OK(mach_port_deallocate(SELF, q));
	CHECKKR(bootstrap_register(bootstrap_port, "mine", p), BOOTSTRAP_SERVICE_ACTIVE);
	bootstrap_status_t st = -1;
	OK(bootstrap_status(bootstrap_port, "mine", &st));
	CHECKEQ(st, BOOTSTRAP_STATUS_ACTIVE);
	/* The port dies, and the name is free. */
	port_end(p);
	CHECKKR(bootstrap_look_up(bootstrap_port, "mine", &q), BOOTSTRAP_UNKNOWN_SERVICE);
	/* Created, then checked in to: messages wait for the server meanwhile. */
	OK(bootstrap_create_service(bootstrap_port, "made", &q));
	CHECKEQ(type_of(q), MACH_PORT_TYPE_SEND);
	CHECKKR(bootstrap_create_service(bootstrap_port, "made", &r), BOOTSTRAP_NAME_IN_USE);
	OK(send_word(q, MACH_MSG_TYPE_COPY_SEND, 1, 77));
	OK(bootstrap_check_in(bootstrap_port, "made", &s));
	CHECKEQ(s, q);
	CHECKEQ(receive_word(s), 77);
	CHECKKR(bootstrap_check_in(bootstrap_port, "made", &r), BOOTSTRAP_SERVICE_ACTIVE);
	/* The server loses the right: it goes back, and the service lives. */
	OK(mach_port_mod_refs(SELF, s, MACH_PORT_RIGHT_RECEIVE, -1));
	CHECKEQ(type_of(q), MACH_PORT_TYPE_SEND);
	for (int i = 0; i < 30000 && bootstrap_check_in(bootstrap_port, "made", &s) != KERN_SUCCESS; i++)
		usleep(1000);
	CHECKEQ(type_of(s), MACH_PORT_TYPE_SEND_RECEIVE);
	/* Several at once. */
	name_t names[2] = { "made", "no.such" };
	mach_port_array_t ports;
	mach_msg_type_number_t n = 0;
	boolean_t all = TRUE;
	OK(bootstrap_look_up_array(bootstrap_port, names, 2, &ports, &n, &all));
	CHECKEQ(n, 2);
	CHECKEQ(all, FALSE);
	CHECKEQ(ports[0], q);
	CHECKEQ(ports[1], MACH_PORT_NULL);
	OK(mach_port_deallocate(SELF, ports[0]));
	vm_deallocate(SELF, (vm_address_t)ports, n * sizeof *ports);
	/* All there are. */
	name_array_t service, server;
	bootstrap_status_array_t active;
	mach_msg_type_number_t a, b, c;
	OK(bootstrap_info(bootstrap_port, &service, &a, &server, &b, &active, &c));
	CHECKEQ(a, b);
	CHECKEQ(a, c);
	int found = 0;
	for (unsigned i = 0; i < a; i++)
		if (strcmp(service[i], "made") == 0)
			found += active[i] == BOOTSTRAP_STATUS_ACTIVE;
	CHECKEQ(found, 1);
	vm_deallocate(SELF, (vm_address_t)service, a * sizeof *service);
	vm_deallocate(SELF, (vm_address_t)server, b * sizeof *server);
	vm_deallocate(SELF, (vm_address_t)active, c * sizeof *active);
	port_end(q);
	SAME(before);
}

/* Tasks of a login see its services, and others do not. */
static mach_port_t login_requestor;
static int in_login(mach_port_t main)
{
	mach_port_t p = 0;
	OK(bootstrap_look_up(bootstrap_port, "printer", &p));
	OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, 5));
	return failures != 0;
}
static void contexts(void)
{
	census_t before = census();
	mach_port_t top = bootstrap_port, sub = 0, up = 0, q = 0;
	mach_port_t common = port_with_send(), theirs = port_with_send();
	login_requestor = port_with_send();
	OK(bootstrap_register(top, "printer", common));
	OK(bootstrap_subset(top, login_requestor, &sub));
	CHECK(sub != top);
	OK(bootstrap_look_up(sub, "printer", &q));
	CHECKEQ(q, common); /* it falls through to the parent */
	OK(mach_port_deallocate(SELF, q));
	OK(bootstrap_register(sub, "printer", theirs));
	OK(bootstrap_look_up(sub, "printer", &q));
	CHECKEQ(q, theirs);
	OK(mach_port_deallocate(SELF, q));
	OK(bootstrap_look_up(top, "printer", &q));
	CHECKEQ(q, common);
	OK(mach_port_deallocate(SELF, q));
	OK(bootstrap_parent(sub, &up));
	CHECKEQ(up, top);
	OK(mach_port_deallocate(SELF, up));
	/* A child is in its parent's context. */
	OK(task_set_bootstrap_port(SELF, sub));
	bootstrap_port = sub;
	ended(child(common, in_login));
	OK(task_set_bootstrap_port(SELF, top));
	bootstrap_port = top;
	CHECKEQ(receive_word(theirs), 5);
	/* Logout: the context ends with its requestor. */
	port_end(login_requestor);
	for (int i = 0; i < 30000 && !(type_of(sub) & MACH_PORT_TYPE_DEAD_NAME); i++)
		usleep(1000);
	CHECK(bootstrap_look_up(sub, "printer", &q) != KERN_SUCCESS);
	CHECKEQ(type_of(sub), MACH_PORT_TYPE_DEAD_NAME);
	port_end(sub);
	port_end(theirs);
	port_end(common);
	SAME(before);
}

static void net_names(void)
{
	census_t before = census();
	mach_port_t ns = 0, p = port_with_send(), sig = port_with_send(), q = 0;
	netname_name_t version;
	OK(bootstrap_look_up(bootstrap_port, "NetMessage", &ns));
	OK(netname_version(ns, version));
	OK(netname_check_in(ns, "midi0", sig, p));
	OK(netname_look_up(ns, "", "midi0", &q));
	CHECKEQ(q, p);
	OK(mach_port_deallocate(SELF, q));
	CHECKKR(netname_look_up(ns, "elsewhere", "midi0", &q), NETNAME_NO_SUCH_HOST);
	CHECKKR(netname_check_out(ns, "midi0", p), NETNAME_NOT_YOURS);
	OK(netname_check_out(ns, "midi0", sig));
	CHECKKR(netname_look_up(ns, "", "midi0", &q), NETNAME_NOT_CHECKED_IN);
	port_end(p);
	port_end(sig);
	port_end(ns);
	SAME(before);
}

/*
 * A session from outside. In a login context, services are registered for the login
 * alone, others are found through it, and a process that outlives the login can use the
 * rights it has, but look nothing up.
 */
static int session(int login)
{
	mach_port_t up = 0, p = port_with_send(), ns = 0, q = 0;
	OK(bootstrap_parent(bootstrap_port, &up));
	CHECKEQ(up != bootstrap_port, login);
	if (!login) {
		CHECKKR(bootstrap_look_up(bootstrap_port, "login.own", &q), BOOTSTRAP_UNKNOWN_SERVICE);
		printf("startup ok\n");
		return failures != 0;
	}
	OK(bootstrap_look_up(bootstrap_port, "NetMessage", &ns));
	OK(bootstrap_register(bootstrap_port, "login.own", p));
	OK(bootstrap_look_up(bootstrap_port, "login.own", &q));
	CHECKEQ(q, p);
	CHECKKR(bootstrap_look_up(up, "login.own", &q), BOOTSTRAP_UNKNOWN_SERVICE);
	printf("login ok\n");
	fflush(NULL);
	if (fork() != 0)
		return failures != 0;
	signal(SIGHUP, SIG_IGN);
	OK(task_get_bootstrap_port(SELF, &bootstrap_port));
	CHECK(MACH_PORT_VALID(bootstrap_port));
	p = port_with_send();
	kern_return_t kr = KERN_SUCCESS;
	for (int i = 0; i < 30000; i++) {
		kr = bootstrap_look_up(bootstrap_port, "NetMessage", &ns);
		if (kr != KERN_SUCCESS)
			break;
		mach_port_deallocate(SELF, ns);
		usleep(1000);
	}
	CHECKKR(kr, MACH_SEND_INVALID_DEST);
	OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, 66));
	CHECKEQ(receive_word(p), 66);
	printf("logged out\n");
	fflush(NULL);
	_exit(failures != 0);
}

int main(int argc, char **argv)
{
	if (argc > 2)
		return session(argv[2][0] == 'l');
	if (argc > 1)
		return serve();
	services();
	contexts();
	net_names();
	demand(argv[0]);
	printf("mach_boot ok\n");
	DONE();
}
