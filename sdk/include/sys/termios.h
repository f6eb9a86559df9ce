/* See termios.h. */
#include <termios.h>
