/* Texts for kernel results, MIG's and the bootstrap task's. */
#include "private.h"
#include <stdio.h>
#include <mach/mach_error.h>
#include <mach/mig_errors.h>
#include <servers/bootstrap.h>

static const char unknown[] = "unknown error code";

#define K(s) "(os/kern) " s
static const char *const kern[] = {
	K("successful"), K("invalid address"), K("protection failure"), K("no space available"), K("invalid argument"),
	K("failure"), K("resource shortage"), K("not receiver"), K("no access"), K("memory failure"), K("memory error"),
	K("already in set"), K("not in set"), K("name exists"), K("aborted"), K("invalid name"), K("invalid task"),
	K("invalid right"), K("invalid value"), K("urefs overflow"), K("invalid capability"), K("right exists"),
	K("invalid host"), K("memory present"), K("memory data moved"), K("memory restart copy"), K("invalid processor set"),
	K("policy limit"), K("invalid policy"), K("invalid object"), K("already waiting"), K("default set"),
	K("exception protected"), K("invalid ledger"), K("invalid memory control"), K("invalid security"), K("not depressed"),
	K("object terminated"), K("lock set destroyed"), K("lock unstable"), K("lock owned by another"), K("lock owned by self"),
	K("semaphore destroyed"), K("RPC terminated"), K("terminate orphan"), K("let orphan continue"),
	K("service not supported"), K("remote node down"), K("thread not waiting"), K("operation timed out"),
	K("code signing error"), K("policy is static"), K("insufficient input buffer size"), K("denied by security policy"),
};
#define S(s) "(ipc/send) " s
static const char *const sent[] = {
	S("no error"), S("send in progress"), S("invalid data"), S("invalid destination port"), S("timed out"),
	S("invalid voucher"), S("unused error"), S("interrupted"), S("msg too small"), S("invalid reply port"),
	S("invalid port right"), S("invalid notify port"), S("invalid memory"), S("no msg buffer"), S("msg too large"),
	S("invalid msg-type"), S("invalid msg-header"), S("invalid msg-trailer"), S("invalid context for reply"),
	S("unused error"), S("unused error"), S("out-of-line buffer too large"), S("destination does not accept OOL ports"),
};
#define R(s) "(ipc/rcv) " s
static const char *const received[] = {
	R("no error"), R("receive in progress"), R("invalid name"), R("timed out"), R("msg too large"), R("interrupted"),
	R("port changed"), R("invalid notify port"), R("invalid data"), R("port died"), R("port in set"), R("header error"),
	R("body error"), R("invalid scatter list entry"), R("overwrite region too small"), R("invalid msg-trailer"),
	R("DIPC transport error"),
};
#define M(s) "(ipc/mig) " s
static const char *const mig[] = {
	M("client type check failure"), M("wrong reply message ID"), M("server detected error"), M("bad request message ID"),
	M("server type check failure"), M("no reply should be sent"), M("server raised exception"), M("array not large enough"),
	M("server died"), M("unknown trailer format"),
};

static const struct { const char *name, *const *text; int first, n; } tables[] = {
	{ "(os/kern)", kern, 0, countof(kern) }, { "(ipc/send)", sent, 0x10000000, countof(sent) },
	{ "(ipc/rcv)", received, 0x10004000, countof(received) },
};

/* Codes before the systems: MIG's count down. */
static const char *text(mach_error_t e, const char **type)
{
	if (e <= MIG_TYPE_ERROR && e > MIG_TYPE_ERROR - (int)countof(mig)) {
		*type = "(ipc/mig)";
		return mig[MIG_TYPE_ERROR - e];
	}
	for (unsigned i = 0; i < countof(tables); i++)
		if (e >= tables[i].first && e <= tables[i].first + 0x3fff) {
			*type = tables[i].name;
			return e - tables[i].first < tables[i].n ? tables[i].text[e - tables[i].first] : unknown;
		}
	*type = "(?/?)";
	return "(?/?) unknown error system";
}

char *mach_error_string(mach_error_t e) { const char *t; return (char *)text(e, &t); }
char *mach_error_type(mach_error_t e) { const char *t; text(e, &t); return (char *)t; }
void mach_error(const char *what, mach_error_t e)
{
	const char *type, *s = text(e, &type);
	if (s == unknown || type[1] == '?')
		fprintf(stderr, "%s %s %s (%x)\n", what, type, s, e);
	else
		fprintf(stderr, "%s %s\n", what, s);
}

const char *bootstrap_strerror(kern_return_t r)
{
	static const char *const own[] = { "Permission denied", "Service name already exists", "Unknown service name",
		"Service is already active", "Too many names", "Out of memory" };
	if (r >= BOOTSTRAP_NOT_PRIVILEGED && r < BOOTSTRAP_NOT_PRIVILEGED + (int)countof(own))
		return own[r - BOOTSTRAP_NOT_PRIVILEGED];
	return mach_error_string(r);
}
