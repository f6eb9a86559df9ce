/*
 * The little of ICU that a JavaScript engine asks for before a program uses Intl: the default
 * locale, and the names of errors. There is no locale data here: what needs it is
 * absent, and a program that calls it is aborted with the name.
 */
#include "icu.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const struct { int code; const char *name; } errors[] = {
	{ U_ZERO_ERROR, "U_ZERO_ERROR" }, { U_ILLEGAL_ARGUMENT_ERROR, "U_ILLEGAL_ARGUMENT_ERROR" },
	{ U_MEMORY_ALLOCATION_ERROR, "U_MEMORY_ALLOCATION_ERROR" }, { U_BUFFER_OVERFLOW_ERROR, "U_BUFFER_OVERFLOW_ERROR" },
	{ U_UNSUPPORTED_ERROR, "U_UNSUPPORTED_ERROR" }, { U_STRING_NOT_TERMINATED_WARNING, "U_STRING_NOT_TERMINATED_WARNING" },
};
const char *u_errorName(int code)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (errors[i].code == code)
			return errors[i].name;
	return "[BOGUS UErrorCode]";
}

/* Names that were the default once last, since the program may still hold them. */
struct name { struct name *next; char text[]; };
static struct name *names;
static const char *current = "en_US";
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
enum { LONGEST = 157 };

/* ICU's way of writing: language, script and country with lines under. NULL for what is none. */
static bool canonical(const char *in, char *out)
{
	size_t n = strlen(in), part = 0, at = 0;
	if (n >= LONGEST)
		return false;
	for (size_t i = 0; i <= n; i++) {
		char c = in[i] == '-' ? '_' : in[i];
		if (c && c != '_' && !((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9')) {
			if (c != '.' && c != '@')
				return false;
			c = 0; /* a character set or keywords, which make no difference here */
		}
		out[i] = c;
		if (c && c != '_')
			continue;
		size_t k = i - at;
		for (size_t j = at; j < i; j++) {
			bool upper = part > 0 && (k == 2 || (k == 4 && j == at) || k > 4);
			if ((out[j] | 32) >= 'a')
				out[j] = upper ? out[j] & ~32 : out[j] | 32;
		}
		part++, at = i + 1;
		if (!c)
			break;
	}
	return true;
}
int uloc_canonicalize(const char *in, char *to, int room, int *error)
{
	char b[LONGEST + 1];
	if (*error > 0)
		return 0;
	if (!canonical(in ? in : uloc_getDefault(), b))
		return *error = U_ILLEGAL_ARGUMENT_ERROR, 0;
	int n = strlen(b);
	if (n < room)
		memcpy(to, b, n + 1);
	else if (n == room)
		memcpy(to, b, n), *error = U_STRING_NOT_TERMINATED_WARNING;
	else
		*error = U_BUFFER_OVERFLOW_ERROR;
	return n;
}
/* A locale's name in another's data is the same here: there are no data. */
void uloc_setDefault(const char *name, int *error)
{
	char b[LONGEST + 1];
	if (*error > 0)
		return;
	if (!canonical(name ? name : "en_US", b)) {
		*error = U_ILLEGAL_ARGUMENT_ERROR;
		return;
	}
	pthread_mutex_lock(&lock);
	struct name *k = names;
	while (k && strcmp(k->text, b) != 0)
		k = k->next;
	if (!k && (k = malloc(sizeof *k + strlen(b) + 1))) {
		strcpy(k->text, b);
		k->next = names;
		names = k;
	}
	if (k)
		current = k->text;
	else
		*error = U_MEMORY_ALLOCATION_ERROR;
	pthread_mutex_unlock(&lock);
}
const char *uloc_getDefault(void)
{
	pthread_mutex_lock(&lock);
	const char *c = current;
	pthread_mutex_unlock(&lock);
	return c;
}
