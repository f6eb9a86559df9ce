/* Network buffers of the 1990 document: bytes with a start and an end that move. */
#include "rt.h"

struct netbuf {
	char *top;
	u32 size;	/* from top */
	u32 allocated;	/* 0: the bytes are another's */
	char *data;
	void (*freefunc)(void *);
	void *arg;
};

extern void *kalloc(u64 size);
extern void kfree(void *p, u64 size);

struct netbuf *nb_alloc(u32 size)
{
	struct netbuf *nb = kalloc(sizeof *nb);

	if (nb == NULL)
		return NULL;
	memset(nb, 0, sizeof *nb);
	nb->allocated = size ? size : 1;
	if ((nb->data = kalloc(nb->allocated)) == NULL) {
		kfree(nb, sizeof *nb);
		return NULL;
	}
	memset(nb->data, 0, nb->allocated);
	nb->top = nb->data;
	nb->size = size;
	return nb;
}

struct netbuf *nb_alloc_wrapper(void *data, u32 size, void freefunc(void *), void *arg)
{
	struct netbuf *nb = kalloc(sizeof *nb);

	if (nb == NULL)
		return NULL;
	memset(nb, 0, sizeof *nb);
	nb->data = nb->top = data;
	nb->size = size;
	nb->freefunc = freefunc;
	nb->arg = arg;
	return nb;
}

void nb_free_wrapper(struct netbuf *nb) { kfree(nb, sizeof *nb); }

void nb_free(struct netbuf *nb)
{
	if (nb->allocated)
		kfree(nb->data, nb->allocated);
	else
		nb->freefunc(nb->arg);
	nb_free_wrapper(nb);
}

/* As documented these check nothing; nb_read and nb_write see the size that results. */
int nb_grow_bot(struct netbuf *nb, u32 n) { nb->size += n; return 0; }
int nb_shrink_bot(struct netbuf *nb, u32 n) { nb->size -= n; return 0; }
int nb_grow_top(struct netbuf *nb, u32 n) { nb->top -= n; nb->size += n; return 0; }
int nb_shrink_top(struct netbuf *nb, u32 n) { nb->top += n; nb->size -= n; return 0; }
char *nb_map(struct netbuf *nb) { return nb->top; }
u32 nb_size(struct netbuf *nb) { return nb->size; }

int nb_read(struct netbuf *nb, u32 offset, u32 size, void *target)
{
	if ((u64)offset + size > nb->size)
		return 1;
	memcpy(target, nb->top + offset, size);
	return 0;
}

int nb_write(struct netbuf *nb, u32 offset, u32 size, void *source)
{
	if ((u64)offset + size > nb->size)
		return 1;
	memcpy(nb->top + offset, source, size);
	return 0;
}
