package vfs

import (
	"sync"
	"time"

	"puggle/mach/sched"
)

// plainTTL bounds how long a prefix is taken to be plain without being walked
// again: a process outside may have put a symbolic link there.
const plainTTL = 2 * time.Second

const plainMax = 4096

type plainKey struct {
	dir    uint64 // Vnode.id where the prefix begins
	prefix string
}

// plainCache remembers which prefixes are plain, until when.
type plainCache struct {
	mu  sync.RWMutex
	gen uint64
	m   map[plainKey]sched.Deadline
}

func (c *plainCache) has(dir *Vnode, prefix string) bool {
	c.mu.RLock()
	until, ok := c.m[plainKey{dir.id, prefix}]
	c.mu.RUnlock()
	return ok && sched.Now() < until
}

// generation is taken before a walk, and given to add after it.
func (c *plainCache) generation() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.gen
}

func (c *plainCache) add(gen uint64, dir *Vnode, prefix string) {
	until := sched.After(plainTTL)
	c.mu.Lock()
	defer c.mu.Unlock()
	if gen != c.gen {
		return
	}
	if c.m == nil || len(c.m) >= plainMax {
		c.m = map[plainKey]sched.Deadline{}
	}
	c.m[plainKey{dir.id, prefix}] = until
}

func (c *plainCache) forget() {
	c.mu.Lock()
	c.gen++
	c.m = nil
	c.mu.Unlock()
}
