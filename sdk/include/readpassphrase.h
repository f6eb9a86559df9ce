/* Passwords from a terminal. */
#ifndef _READPASSPHRASE_H_
#define _READPASSPHRASE_H_
#include <sys/types.h>
#define RPP_ECHO_OFF 0x00
#define RPP_ECHO_ON 0x01
#define RPP_REQUIRE_TTY 0x02
#define RPP_FORCELOWER 0x04
#define RPP_FORCEUPPER 0x08
#define RPP_SEVENBIT 0x10
#define RPP_STDIN 0x20
__BEGIN_DECLS
char *readpassphrase(const char *, char *, size_t, int);
__END_DECLS
#endif
