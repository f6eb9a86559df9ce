/* What a tree of files looks like at one moment, and how two moments differ. */
#ifndef TREE_H
#define TREE_H
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <sys/stat.h>

struct entry { char *path; uint64_t ino, dev; int64_t mtime, ctime, size; uint32_t mode, uid, gid; };
struct tree { struct entry *e; size_t n, room; };

/* Everything under root, and root, in order of paths; what can't be read is not in it. */
void tree_scan(struct tree *, const char *root, char *const *excluded, size_t excluded_n);
void tree_free(struct tree *);
/* Calls changed for each path that differs, with flags of FSEvents (kFSEventStreamEventFlagItem...). */
void tree_diff(const struct tree *was, const struct tree *now, void (*changed)(void *, const char *path, uint32_t flags), void *arg);
#endif
