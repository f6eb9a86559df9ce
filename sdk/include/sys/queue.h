/* Lists and queues as macros: singly linked (SLIST, STAILQ), doubly linked (LIST, TAILQ). */
#ifndef _SYS_QUEUE_H_
#define _SYS_QUEUE_H_
#include <stddef.h>

/* SLIST */
#define SLIST_HEAD(name, type) struct name { struct type *slh_first; }
#define SLIST_HEAD_INITIALIZER(head) { NULL }
#define SLIST_ENTRY(type) struct { struct type *sle_next; }
#define SLIST_INIT(head) do { \
	(head)->slh_first = NULL; \
	} while (0)
#define SLIST_INSERT_HEAD(head, elm, field) do { \
	(elm)->field.sle_next = (head)->slh_first; \
	(head)->slh_first = (elm); \
	} while (0)
#define SLIST_INSERT_AFTER(at, elm, field) do { \
	(elm)->field.sle_next = (at)->field.sle_next; \
	(at)->field.sle_next = (elm); \
	} while (0)
#define SLIST_REMOVE_HEAD(head, field) do { \
	(head)->slh_first = (head)->slh_first->field.sle_next; \
	} while (0)
#define SLIST_REMOVE_AFTER(elm, field) do { \
	(elm)->field.sle_next = (elm)->field.sle_next->field.sle_next; \
	} while (0)
#define SLIST_REMOVE(head, elm, type, field) do { \
	struct type **__p = &(head)->slh_first; \
	while (*__p != (elm)) \
	__p = &(*__p)->field.sle_next; \
	*__p = (elm)->field.sle_next; \
	} while (0)
#define SLIST_EMPTY(head) ((head)->slh_first == NULL)
#define SLIST_FIRST(head) ((head)->slh_first)
#define SLIST_NEXT(elm, field) ((elm)->field.sle_next)
#define SLIST_FOREACH(v, head, field) for ((v) = SLIST_FIRST(head); (v); (v) = SLIST_NEXT(v, field))
#define SLIST_FOREACH_SAFE(v, head, field, t) for ((v) = SLIST_FIRST(head); (v) && ((t) = SLIST_NEXT(v, field), 1); (v) = (t))

/* STAILQ */
#define STAILQ_HEAD(name, type) struct name { struct type *stqh_first, **stqh_last; }
#define STAILQ_HEAD_INITIALIZER(head) { NULL, &(head).stqh_first }
#define STAILQ_ENTRY(type) struct { struct type *stqe_next; }
#define STAILQ_INIT(head) do { \
	(head)->stqh_first = NULL; \
	(head)->stqh_last = &(head)->stqh_first; \
	} while (0)
#define STAILQ_INSERT_HEAD(head, elm, field) do { \
	if (((elm)->field.stqe_next = (head)->stqh_first) == NULL) \
	(head)->stqh_last = &(elm)->field.stqe_next; \
	(head)->stqh_first = (elm); \
	} while (0)
#define STAILQ_INSERT_TAIL(head, elm, field) do { \
	(elm)->field.stqe_next = NULL; \
	*(head)->stqh_last = (elm); \
	(head)->stqh_last = &(elm)->field.stqe_next; \
	} while (0)
#define STAILQ_INSERT_AFTER(head, at, elm, field) do { \
	if (((elm)->field.stqe_next = (at)->field.stqe_next) == NULL) \
	(head)->stqh_last = &(elm)->field.stqe_next; \
	(at)->field.stqe_next = (elm); \
	} while (0)
#define STAILQ_REMOVE_HEAD(head, field) do { \
	if (((head)->stqh_first = (head)->stqh_first->field.stqe_next) == NULL) \
	(head)->stqh_last = &(head)->stqh_first; \
	} while (0)
#define STAILQ_REMOVE(head, elm, type, field) do { \
	struct type **__p = &(head)->stqh_first; \
	while (*__p != (elm)) \
	__p = &(*__p)->field.stqe_next; \
	if ((*__p = (elm)->field.stqe_next) == NULL) \
	(head)->stqh_last = __p; \
	} while (0)
#define STAILQ_CONCAT(a, b) do { \
	if ((b)->stqh_first != NULL) { \
	*(a)->stqh_last = (b)->stqh_first; \
	(a)->stqh_last = (b)->stqh_last; \
	STAILQ_INIT(b); \
	} \
	} while (0)
#define STAILQ_LAST(head, type, field) ((head)->stqh_first == NULL ? NULL : (struct type *)(void *)((char *)(head)->stqh_last - offsetof(struct type, field.stqe_next)))
#define STAILQ_EMPTY(head) ((head)->stqh_first == NULL)
#define STAILQ_FIRST(head) ((head)->stqh_first)
#define STAILQ_NEXT(elm, field) ((elm)->field.stqe_next)
#define STAILQ_FOREACH(v, head, field) for ((v) = STAILQ_FIRST(head); (v); (v) = STAILQ_NEXT(v, field))
#define STAILQ_FOREACH_SAFE(v, head, field, t) for ((v) = STAILQ_FIRST(head); (v) && ((t) = STAILQ_NEXT(v, field), 1); (v) = (t))

/* LIST */
#define LIST_HEAD(name, type) struct name { struct type *lh_first; }
#define LIST_HEAD_INITIALIZER(head) { NULL }
#define LIST_ENTRY(type) struct { struct type *le_next, **le_prev; }
#define LIST_INIT(head) do { \
	(head)->lh_first = NULL; \
	} while (0)
#define LIST_INSERT_HEAD(head, elm, field) do { \
	if (((elm)->field.le_next = (head)->lh_first) != NULL) \
	(head)->lh_first->field.le_prev = &(elm)->field.le_next; \
	(head)->lh_first = (elm); \
	(elm)->field.le_prev = &(head)->lh_first; \
	} while (0)
#define LIST_INSERT_AFTER(at, elm, field) do { \
	if (((elm)->field.le_next = (at)->field.le_next) != NULL) \
	(at)->field.le_next->field.le_prev = &(elm)->field.le_next; \
	(at)->field.le_next = (elm); \
	(elm)->field.le_prev = &(at)->field.le_next; \
	} while (0)
#define LIST_INSERT_BEFORE(at, elm, field) do { \
	(elm)->field.le_prev = (at)->field.le_prev; \
	(elm)->field.le_next = (at); \
	*(at)->field.le_prev = (elm); \
	(at)->field.le_prev = &(elm)->field.le_next; \
	} while (0)
#define LIST_REMOVE(elm, field) do { \
	if ((elm)->field.le_next != NULL) \
	(elm)->field.le_next->field.le_prev = (elm)->field.le_prev; \
	*(elm)->field.le_prev = (elm)->field.le_next; \
	} while (0)
#define LIST_EMPTY(head) ((head)->lh_first == NULL)
#define LIST_FIRST(head) ((head)->lh_first)
#define LIST_NEXT(elm, field) ((elm)->field.le_next)
#define LIST_FOREACH(v, head, field) for ((v) = LIST_FIRST(head); (v); (v) = LIST_NEXT(v, field))
#define LIST_FOREACH_SAFE(v, head, field, t) for ((v) = LIST_FIRST(head); (v) && ((t) = LIST_NEXT(v, field), 1); (v) = (t))

/* TAILQ */
#define TAILQ_HEAD(name, type) struct name { struct type *tqh_first, **tqh_last; }
#define TAILQ_HEAD_INITIALIZER(head) { NULL, &(head).tqh_first }
#define TAILQ_ENTRY(type) struct { struct type *tqe_next, **tqe_prev; }
#define TAILQ_INIT(head) do { \
	(head)->tqh_first = NULL; \
	(head)->tqh_last = &(head)->tqh_first; \
	} while (0)
#define TAILQ_INSERT_HEAD(head, elm, field) do { \
	if (((elm)->field.tqe_next = (head)->tqh_first) != NULL) \
	(head)->tqh_first->field.tqe_prev = &(elm)->field.tqe_next; \
	else \
	(head)->tqh_last = &(elm)->field.tqe_next; \
	(head)->tqh_first = (elm); \
	(elm)->field.tqe_prev = &(head)->tqh_first; \
	} while (0)
#define TAILQ_INSERT_TAIL(head, elm, field) do { \
	(elm)->field.tqe_next = NULL; \
	(elm)->field.tqe_prev = (head)->tqh_last; \
	*(head)->tqh_last = (elm); \
	(head)->tqh_last = &(elm)->field.tqe_next; \
	} while (0)
#define TAILQ_INSERT_AFTER(head, at, elm, field) do { \
	if (((elm)->field.tqe_next = (at)->field.tqe_next) != NULL) \
	(elm)->field.tqe_next->field.tqe_prev = &(elm)->field.tqe_next; \
	else \
	(head)->tqh_last = &(elm)->field.tqe_next; \
	(at)->field.tqe_next = (elm); \
	(elm)->field.tqe_prev = &(at)->field.tqe_next; \
	} while (0)
#define TAILQ_INSERT_BEFORE(at, elm, field) do { \
	(elm)->field.tqe_prev = (at)->field.tqe_prev; \
	(elm)->field.tqe_next = (at); \
	*(at)->field.tqe_prev = (elm); \
	(at)->field.tqe_prev = &(elm)->field.tqe_next; \
	} while (0)
#define TAILQ_REMOVE(head, elm, field) do { \
	if ((elm)->field.tqe_next != NULL) \
	(elm)->field.tqe_next->field.tqe_prev = (elm)->field.tqe_prev; \
	else \
	(head)->tqh_last = (elm)->field.tqe_prev; \
	*(elm)->field.tqe_prev = (elm)->field.tqe_next; \
	} while (0)
#define TAILQ_CONCAT(a, b, field) do { \
	if ((b)->tqh_first != NULL) { \
	*(a)->tqh_last = (b)->tqh_first; \
	(b)->tqh_first->field.tqe_prev = (a)->tqh_last; \
	(a)->tqh_last = (b)->tqh_last; \
	TAILQ_INIT(b); \
	} \
	} while (0)
#define TAILQ_LAST(head, name) (*(((struct name *)(void *)(head)->tqh_last)->tqh_last))
#define TAILQ_PREV(elm, name, field) (*(((struct name *)(void *)(elm)->field.tqe_prev)->tqh_last))
#define TAILQ_FOREACH_REVERSE(v, head, name, field) for ((v) = TAILQ_LAST(head, name); (v); (v) = TAILQ_PREV(v, name, field))
#define TAILQ_FOREACH_REVERSE_SAFE(v, head, name, field, t) for ((v) = TAILQ_LAST(head, name); (v) && ((t) = TAILQ_PREV(v, name, field), 1); (v) = (t))
#define TAILQ_EMPTY(head) ((head)->tqh_first == NULL)
#define TAILQ_FIRST(head) ((head)->tqh_first)
#define TAILQ_NEXT(elm, field) ((elm)->field.tqe_next)
#define TAILQ_FOREACH(v, head, field) for ((v) = TAILQ_FIRST(head); (v); (v) = TAILQ_NEXT(v, field))
#define TAILQ_FOREACH_SAFE(v, head, field, t) for ((v) = TAILQ_FIRST(head); (v) && ((t) = TAILQ_NEXT(v, field), 1); (v) = (t))
#endif
