/* The second half: the message routines. */
struct instance;
extern struct instance instance;
extern void kern_serv_log(struct instance *, int, const char *, ...);
static int count;

int echo_count(int n) { return count += n; }
int echo_handler(void *in, long arg) { kern_serv_log(&instance, 5, "handler %d\n", (int)arg); return 0; }
int echo_server(void *in, void *out) { kern_serv_log(&instance, 5, "server\n"); return 1; }
int echo_intr(void) { return 1; }
