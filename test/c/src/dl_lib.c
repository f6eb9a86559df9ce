/* A library that the program links to. */
__thread int dl_lib_tls = 11;
static int value;
__attribute__((constructor)) static void begin(void) { value = 41; }
int dl_lib_value(void) { return value; }
