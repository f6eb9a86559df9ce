extern int demo(void);
extern int getpid(void);
extern int sys_value, demo_data[];

__attribute__((weak)) int shared_weak(void) { return 2; }
int (*main_weak)(void) = shared_weak;
static int local;
struct { void *p[8]; } table = {{
	&local, &sys_value, &demo_data[3], (void *)demo, (void *)getpid, (void *)&table, 0, (void *)shared_weak,
}};
__attribute__((constructor)) void first(void) { local = getpid(); }
int main(int argc, char **argv) { return demo() + getpid() + *(int *)table.p[argc & 7]; }
