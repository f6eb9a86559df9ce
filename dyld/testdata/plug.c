extern int getpid(void);
extern int demo_data[];
int *plug_data = demo_data;
int plug(void) { return getpid() + 1; }
__attribute__((constructor)) void plug_init(void) { *plug_data = 3; }
