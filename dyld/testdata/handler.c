// A libSystem in which all is absent but what says so.
void absent(const char *symbol, const char *library) __asm("___puggle_absent");
void absent(const char *symbol, const char *library) {}
