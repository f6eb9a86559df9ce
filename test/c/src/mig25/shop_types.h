#pragma once
typedef char *char_p;
typedef short *short_p;
typedef int *int_p;
typedef mach_port_t *port_p;
typedef struct { int words[2]; } pair_t;
