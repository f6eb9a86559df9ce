// The least that programs link to.
int sys_value = 42;
int *sys_pointer = &sys_value;
int getpid(void) { return 7; }
void dyld_stub_binder(void) __asm("dyld_stub_binder");
void dyld_stub_binder(void) {}
void _tlv_bootstrap(void) {}
