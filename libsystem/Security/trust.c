/*
 * Certificates and trust. On a Mac, Security asks trustd to evaluate a chain;
 * here it asks the kernel's own trust evaluator, by private call 7, which knows
 * the host's root certificates. Nothing is trusted without an evaluation.
 *
 * The request and the reply are flat, little endian:
 *   request  u32 magic 'TRST', i64 verification time in Unix seconds (the least
 *            number: now), u32 length and bytes of the host name (0: none), u32 how
 *            many certificates, each u32 length and DER; the leaf is first
 *   reply    i32 status: 0 trusted, else an OSStatus; then for 0: u32 how many
 *            certificates, each u32 length and DER, leaf to root; else u32 length
 *            and text of the reason
 */
#include "../CoreFoundation/cf.h"
#include <stdlib.h>
#include <string.h>

long __puggle_trust(const void *req, size_t n, void *reply, size_t room);
long CFArrayGetCount(CFTypeRef);
const void *CFArrayGetValueAtIndex(CFTypeRef, CFIndex);

typedef int OSStatus;
enum { errSecSuccess = 0, errSecParam = -50, errSecInternal = -26276, errSecNotAvailable = -25291 };
enum { SEC_CERT = 100, SEC_POLICY, SEC_TRUST };

struct cert { struct cf cf; struct cf_data *der; };
struct policy { struct cf cf; struct cf_string *host; };
struct trust { struct cf cf; struct cf_array *certs; struct cf_string *host; bool dated; double at; struct cf_array *chain; };

static void free_cert(struct cf *o) { CFRelease(((struct cert *)o)->der); }

/* One DER element of [*p, end): its tag, or -1; *p moves behind it. */
static int element(const uint8_t **p, const uint8_t *end, const uint8_t **body, uint64_t *len)
{
	const uint8_t *q = *p;
	if (end - q < 2)
		return -1;
	int tag = *q++;
	*len = *q++;
	if (*len & 0x80) {
		int b = *len & 0x7f;
		if (b < 1 || b > 4 || end - q < b)
			return -1;
		for (*len = 0; b; b--)
			*len = *len << 8 | *q++;
	}
	if ((uint64_t)(end - q) < *len)
		return -1;
	*body = q;
	*p = q + *len;
	return tag;
}
/*
 * Only the shape is checked: a SEQUENCE that fills the data, and in it the
 * certificate to be signed, whose elements fill it. A list of extensions, [3], may
 * be left out but not be empty (RFC 5280, 4.1): Security refuses that.
 */
static bool looks_like_cert(const uint8_t *p, CFIndex n)
{
	const uint8_t *end = p + n, *tbs, *body, *in;
	uint64_t len;
	if (element(&p, end, &body, &len) != 0x30 || p != end)
		return false;
	if (element(&body, end, &tbs, &len) != 0x30)
		return false;
	for (end = tbs + len; tbs < end;) {
		int tag = element(&tbs, end, &body, &len);
		if (tag < 0)
			return false;
		if (tag == 0xa3 && (element(&body, body + len, &in, &len) != 0x30 || len == 0))
			return false;
	}
	return true;
}
CFTypeRef SecCertificateCreateWithData(const void *alloc, CFTypeRef data)
{
	const struct cf_data *d = data;
	if (!d || !looks_like_cert(d->bytes, d->n))
		return NULL;
	struct cert *c = __CFNew(sizeof *c, SEC_CERT, free_cert);
	c->der = (struct cf_data *)CFDataCreate(NULL, d->bytes, d->n);
	return c;
}
CFTypeRef SecCertificateCopyData(CFTypeRef c) { return c ? CFRetain(((const struct cert *)c)->der) : NULL; }
CFTypeID SecCertificateGetTypeID(void) { return SEC_CERT; }

static void free_policy(struct cf *o)
{
	if (((struct policy *)o)->host)
		CFRelease(((struct policy *)o)->host);
}
CFTypeRef SecPolicyCreateSSL(Boolean server, CFTypeRef host)
{
	struct policy *p = __CFNew(sizeof *p, SEC_POLICY, free_policy);
	if (host)
		p->host = (struct cf_string *)CFRetain(host);
	return p;
}
CFTypeRef SecPolicyCreateBasicX509(void) { return SecPolicyCreateSSL(false, NULL); }

static void free_trust(struct cf *o)
{
	struct trust *t = (void *)o;
	CFRelease(t->certs);
	if (t->host)
		CFRelease(t->host);
	if (t->chain)
		CFRelease(t->chain);
}
static const char retained; /* any callbacks: the array retains */

OSStatus SecTrustCreateWithCertificates(CFTypeRef certs, CFTypeRef policies, CFTypeRef *out)
{
	if (!certs || !out)
		return errSecParam;
	struct trust *t = __CFNew(sizeof *t, SEC_TRUST, free_trust);
	t->certs = (struct cf_array *)CFArrayCreateMutable(NULL, 0, &retained);
	if (((const struct cf *)certs)->type == SEC_CERT)
		CFArrayAppendValue(t->certs, certs);
	else
		for (CFIndex i = 0; i < CFArrayGetCount(certs); i++)
			CFArrayAppendValue(t->certs, CFArrayGetValueAtIndex(certs, i));
	const struct policy *p = policies;
	if (p && p->cf.type == CF_ARRAY)
		p = CFArrayGetCount(p) > 0 ? CFArrayGetValueAtIndex(p, 0) : NULL;
	if (p && p->host)
		t->host = (struct cf_string *)CFRetain(p->host);
	if (t->certs->n == 0) {
		CFRelease(t);
		return errSecParam;
	}
	*out = t;
	return errSecSuccess;
}
OSStatus SecTrustSetVerifyDate(CFTypeRef trust, CFTypeRef date)
{
	struct trust *t = (void *)trust;
	if (!t || !date)
		return errSecParam;
	t->dated = true;
	t->at = ((const struct cf_date *)date)->at;
	return errSecSuccess;
}

static uint8_t *put32(uint8_t *p, uint32_t v) { memcpy(p, &v, 4); return p + 4; }
static uint8_t *put_bytes(uint8_t *p, const void *b, size_t n)
{
	p = put32(p, n);
	memcpy(p, b, n);
	return p + n;
}
static bool fail(CFTypeRef *err, CFIndex code, const char *text)
{
	if (err)
		*err = __CFErrorCreate(code, text);
	return false;
}
#define REPLY_MAX (1 << 20)

Boolean SecTrustEvaluateWithError(CFTypeRef trust, CFTypeRef *err)
{
	struct trust *t = (void *)trust;
	if (err)
		*err = NULL;
	if (!t)
		return fail(err, errSecParam, "no trust object");
	size_t size = 4 + 8 + 4 + (t->host ? t->host->n : 0) + 4;
	for (CFIndex i = 0; i < t->certs->n; i++)
		size += 4 + ((const struct cert *)t->certs->v[i])->der->n;
	uint8_t *req = malloc(size), *reply = malloc(REPLY_MAX);
	if (!req || !reply)
		abort();
	uint8_t *p = put32(req, 0x54535254);
	int64_t when = INT64_MIN;
	if (t->dated && t->at > -9e15 && t->at < 9e15)
		when = (int64_t)(t->at - (t->at < 0 && (int64_t)t->at != t->at)) + 978307200;
	memcpy(p, &when, 8);
	p = put_bytes(p + 8, t->host ? t->host->utf8 : "", t->host ? t->host->n : 0);
	p = put32(p, t->certs->n);
	for (CFIndex i = 0; i < t->certs->n; i++) {
		const struct cf_data *d = ((const struct cert *)t->certs->v[i])->der;
		p = put_bytes(p, d->bytes, d->n);
	}
	long n = __puggle_trust(req, size, reply, REPLY_MAX);
	free(req);
	bool ok = false;
	uint32_t count, len;
	int32_t status;
	const uint8_t *q = reply, *end = reply + n;
	if (n < 8 || n > REPLY_MAX) {
		fail(err, errSecNotAvailable, "the trust evaluator does not answer");
		goto out;
	}
	memcpy(&status, q, 4);
	memcpy(&count, q + 4, 4);
	q += 8;
	if (status != 0) {
		char text[512] = "certificate is not trusted";
		if (count <= (uint32_t)(end - q) && count > 0) {
			len = count < sizeof text ? count : sizeof text - 1;
			memcpy(text, q, len);
			text[len] = 0;
		}
		fail(err, status, text);
		goto out;
	}
	struct cf_array *chain = (struct cf_array *)CFArrayCreateMutable(NULL, 0, &retained);
	for (; count; count--) {
		if (end - q < 4 || (memcpy(&len, q, 4), len > (uint32_t)(end - q - 4)))
			break;
		struct cert *c = __CFNew(sizeof *c, SEC_CERT, free_cert);
		c->der = (struct cf_data *)CFDataCreate(NULL, q + 4, len);
		CFArrayAppendValue(chain, c);
		CFRelease(c);
		q += 4 + len;
	}
	if (count) {
		CFRelease(chain);
		fail(err, errSecInternal, "the trust evaluator's answer is malformed");
		goto out;
	}
	if (t->chain)
		CFRelease(t->chain);
	t->chain = chain;
	ok = true;
out:
	free(reply);
	return ok;
}

/* kSecTrustResultUnspecified (4) is the system's yes, RecoverableTrustFailure (5) its no. */
OSStatus SecTrustEvaluate(CFTypeRef trust, uint32_t *result)
{
	if (!trust || !result)
		return errSecParam;
	*result = SecTrustEvaluateWithError(trust, NULL) ? 4 : 5;
	return errSecSuccess;
}
CFTypeRef SecTrustCopyCertificateChain(CFTypeRef trust)
{
	const struct trust *t = trust;
	return t && t->chain ? CFRetain(t->chain) : NULL;
}
CFIndex SecTrustGetCertificateCount(CFTypeRef trust)
{
	const struct trust *t = trust;
	return t->chain ? t->chain->n : t->certs->n;
}
CFTypeRef SecTrustGetCertificateAtIndex(CFTypeRef trust, CFIndex i)
{
	const struct trust *t = trust;
	const struct cf_array *a = t->chain ? t->chain : t->certs;
	return i >= 0 && i < a->n ? a->v[i] : NULL;
}
