/* Universally unique identifiers. */
#ifndef _UUID_UUID_H
#define _UUID_UUID_H
#include <sys/cdefs.h>
#include <sys/types.h>
#include <time.h>
typedef char uuid_string_t[37];
#define UUID_DEFINE(name, ...) static const uuid_t name __attribute__((__unused__)) = { __VA_ARGS__ }
UUID_DEFINE(UUID_NULL, 0);
__BEGIN_DECLS
void uuid_clear(uuid_t);
int uuid_compare(const uuid_t, const uuid_t);
void uuid_copy(uuid_t, const uuid_t);
void uuid_generate(uuid_t);
void uuid_generate_random(uuid_t);
void uuid_generate_time(uuid_t);
int uuid_is_null(const uuid_t);
int uuid_parse(const char *, uuid_t);
void uuid_unparse(const uuid_t, uuid_string_t);
void uuid_unparse_lower(const uuid_t, uuid_string_t);
void uuid_unparse_upper(const uuid_t, uuid_string_t);
__END_DECLS
#endif
