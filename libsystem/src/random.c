/*
 * arc4random: ChaCha20 in user mode, keyed by getentropy. Each refill makes the
 * next key from its own first bytes and forgets what it hands out, so that
 * memory read later says nothing of numbers given earlier. A child of fork and
 * every 1.6 MB ask the kernel again.
 */
#include "private.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY 32
#define POOL 1024
static lock_t rlock;
static uint8_t key[KEY], pool[POOL];
static size_t left;
static long until; /* bytes until the next reseed; 0 or less: now */

#define ROT(v, n) ((v) << (n) | (v) >> (32 - (n)))
#define QUARTER(a, b, c, d) \
	a += b, d = ROT(d ^ a, 16), c += d, b = ROT(b ^ c, 12), a += b, d = ROT(d ^ a, 8), c += d, b = ROT(b ^ c, 7)

/* One block of RFC 8439's function; the nonce is zero, as a key is used once. */
hidden void chacha20_block(const uint8_t k[KEY], uint32_t counter, const uint8_t nonce[12], uint8_t out[64])
{
	uint32_t s[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 }, x[16];
	memcpy(s + 4, k, KEY);
	s[12] = counter;
	memcpy(s + 13, nonce, 12);
	memcpy(x, s, sizeof x);
	for (int i = 0; i < 10; i++) {
		QUARTER(x[0], x[4], x[8], x[12]);
		QUARTER(x[1], x[5], x[9], x[13]);
		QUARTER(x[2], x[6], x[10], x[14]);
		QUARTER(x[3], x[7], x[11], x[15]);
		QUARTER(x[0], x[5], x[10], x[15]);
		QUARTER(x[1], x[6], x[11], x[12]);
		QUARTER(x[2], x[7], x[8], x[13]);
		QUARTER(x[3], x[4], x[9], x[14]);
	}
	for (int i = 0; i < 16; i++)
		x[i] += s[i];
	memcpy(out, x, 64);
}

static void refill(void)
{
	static const uint8_t nonce[12];
	if (until <= 0) {
		uint8_t seed[KEY];
		if (getentropy(seed, KEY) < 0)
			abort(); /* no randomness is worse than no process */
		for (int i = 0; i < KEY; i++)
			key[i] ^= seed[i];
		until = 1600000;
	}
	for (unsigned i = 0; i < POOL / 64; i++)
		chacha20_block(key, i, nonce, pool + 64 * i);
	memcpy(key, pool, KEY);
	memset(pool, 0, KEY);
	left = POOL - KEY;
	until -= left;
}

void random_fork_child(void)
{
	rlock.state = 0;
	left = 0;
	until = 0;
}

void arc4random_buf(void *buf, size_t n)
{
	uint8_t *p = buf;
	lock(&rlock);
	while (n > 0) {
		if (left == 0)
			refill();
		size_t m = n < left ? n : left;
		uint8_t *from = pool + POOL - left;
		memcpy(p, from, m);
		memset(from, 0, m);
		left -= m;
		p += m;
		n -= m;
	}
	unlock(&rlock);
}

uint32_t arc4random(void)
{
	uint32_t v;
	arc4random_buf(&v, sizeof v);
	return v;
}

uint32_t arc4random_uniform(uint32_t n)
{
	if (n < 2)
		return 0;
	uint32_t v, low = -n % n; /* values below would favour small results */
	do
		v = arc4random();
	while (v < low);
	return v % n;
}

void arc4random_stir(void)
{
	lock(&rlock);
	left = until = 0;
	unlock(&rlock);
}
void arc4random_addrandom(unsigned char *b, int n) { arc4random_stir(); }

/* rand and random are fixed sequences for a seed, as C asks; not for secrets. */
static uint64_t seed1 = 1, seed2 = 1;
static uint32_t step(uint64_t *s)
{
	*s = *s * 6364136223846793005ul + 1442695040888963407ul;
	uint32_t x = ((*s >> 18) ^ *s) >> 27, r = *s >> 59;
	return x >> r | x << (-r & 31);
}
void srand(unsigned s) { seed1 = s; }
int rand(void) { return step(&seed1) & RAND_MAX; }
int rand_r(unsigned *s)
{
	uint64_t v = *s;
	uint32_t r = step(&v);
	*s = v ^ v >> 32;
	return r & RAND_MAX;
}
void srandom(unsigned s) { seed2 = s; }
void srandomdev(void) { arc4random_buf(&seed2, sizeof seed2); }
void sranddev(void) { arc4random_buf(&seed1, sizeof seed1); }
long random(void) { return step(&seed2) & 0x7fffffff; }
char *initstate(unsigned s, char *st, size_t n) { srandom(s); return st; }
char *setstate(const char *st) { return (char *)st; }

/* The 48-bit generators are defined by POSIX to the bit. */
static unsigned short x48[3] = { 0x330e, 0xabcd, 0x1234 };
static uint64_t next48(unsigned short x[3])
{
	uint64_t v = x[0] | (uint64_t)x[1] << 16 | (uint64_t)x[2] << 32;
	v = (v * 0x5deece66dul + 0xb) & 0xfffffffffffful;
	x[0] = v, x[1] = v >> 16, x[2] = v >> 32;
	return v;
}
double erand48(unsigned short x[3]) { return next48(x) * 0x1p-48; }
double drand48(void) { return erand48(x48); }
long nrand48(unsigned short x[3]) { return next48(x) >> 17; }
long lrand48(void) { return nrand48(x48); }
long jrand48(unsigned short x[3]) { return (int32_t)(next48(x) >> 16); }
long mrand48(void) { return jrand48(x48); }
void srand48(long s) { x48[0] = 0x330e, x48[1] = s, x48[2] = s >> 16; }
unsigned short *seed48(unsigned short s[3])
{
	static unsigned short old[3];
	memcpy(old, x48, sizeof old);
	memcpy(x48, s, sizeof x48);
	return old;
}
