/* Network buffers: bytes with a start and an end that can be moved. */
#ifndef _NET_NETBUF_H
#define _NET_NETBUF_H

typedef struct netbuf *netbuf_t;

/* Both may sleep; NULL if there is no memory. freefunc, which can't be NULL, is called when the
 * buffer is freed. */
extern netbuf_t nb_alloc(unsigned int size);
extern netbuf_t nb_alloc_wrapper(void *data, unsigned int size, void freefunc(void *), void *freefunc_arg);
extern void nb_free(netbuf_t nb);
extern void nb_free_wrapper(netbuf_t nb); /* the data stay */

/* These check nothing and return 0. */
extern int nb_grow_bot(netbuf_t nb, unsigned int size);
extern int nb_shrink_bot(netbuf_t nb, unsigned int size);
extern int nb_grow_top(netbuf_t nb, unsigned int size);
extern int nb_shrink_top(netbuf_t nb, unsigned int size);

extern char *nb_map(netbuf_t nb); /* valid until the next call of an nb_ function */
extern unsigned int nb_size(netbuf_t nb);
/* Not 0 for what reaches beyond the data's end. */
extern int nb_read(netbuf_t nb, unsigned int offset, unsigned int size, void *target);
extern int nb_write(netbuf_t nb, unsigned int offset, unsigned int size, void *source);

#endif
