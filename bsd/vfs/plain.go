package vfs

import (
	"sync"
	"sync/atomic"
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

// plainPrefix is one that is plain, until when.
type plainPrefix struct {
	plainKey
	until sched.Deadline
}

// plainCache remembers which prefixes are plain. Programs ask for many files of one
// directory in a row: last is the prefix that was asked for last, for a look without
// lock and hash. It is set with mu held for reading at least.
type plainCache struct {
	last atomic.Pointer[plainPrefix]
	mu   sync.RWMutex
	gen  uint64
	m    map[plainKey]*plainPrefix
}

func (c *plainCache) has(dir *Vnode, prefix string) bool {
	if p := c.last.Load(); p != nil && p.dir == dir.id && p.prefix == prefix {
		return sched.Now() < p.until
	}
	c.mu.RLock()
	p := c.m[plainKey{dir.id, prefix}]
	if p != nil {
		c.last.Store(p)
	}
	c.mu.RUnlock()
	return p != nil && sched.Now() < p.until
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
		c.m = map[plainKey]*plainPrefix{}
	}
	p := &plainPrefix{plainKey{dir.id, prefix}, until}
	c.m[p.plainKey] = p
	c.last.Store(p)
}

func (c *plainCache) forget() {
	c.mu.Lock()
	c.gen++
	c.m = nil
	c.last.Store(nil)
	c.mu.Unlock()
}
