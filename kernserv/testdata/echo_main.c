/* The first half of a server for tests. Its functions do nothing here: the tests'
 * kernel runs others in their place, by name. */
struct kern_server;
struct instance { struct kern_server *kern_server; int units[4]; };
struct instance instance;

extern int echo_count(int);
extern int kern_serv_log();

int echo_init(int n) { instance.units[0] = n; return echo_count(n); }
int echo_off(int n) { return n; }
int echo_port_death(unsigned port) { return (int)port; }
