extern int getpid(void);
extern int sys_value;
int demo_data[4] = {1, 2, 3, 4};
int *demo_second = &demo_data[1];
int *demo_imported = &sys_value;
__attribute__((weak)) int shared_weak(void) { return 1; }
int (*demo_weak)(void) = shared_weak;
_Thread_local int demo_tls = 5;
_Thread_local int demo_tls_zero;
int demo(void) { return getpid() + demo_tls + demo_tls_zero; }
__attribute__((constructor)) void demo_init(void) { demo_data[0] = getpid(); }
void demo_fini(void) { demo_data[0] = 0; }
__attribute__((section("__DATA,__mod_term_func,mod_term_funcs"), used)) static void (*fini)(void) = demo_fini;
