//go:build linux || darwin

package main

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
)

// once are workloads that are done a single time, however long that takes: their
// argument is how many of something there are to be at once.
var once = map[string]func(n int) time.Duration{"processes": processes, "threads": threads}

// processes has n children wait at the same time.
func processes(n int) time.Duration {
	exe, err := os.Executable()
	check(err)
	r, w, err := os.Pipe()
	check(err)
	begin := time.Now()
	var all []*exec.Cmd
	for range n {
		c := exec.Command(exe, "wait")
		c.Stdin = r
		check(c.Start())
		all = append(all, c)
	}
	w.Close()
	for _, c := range all {
		check(c.Wait())
	}
	return time.Since(begin)
}

// threads has n threads wait at the same time.
func threads(n int) time.Duration {
	debug.SetMaxThreads(2 * n)
	var p [2]int
	check(syscall.Pipe(p[:]))
	begin := time.Now()
	var up, gone sync.WaitGroup
	for range n {
		up.Add(1)
		gone.Go(func() {
			runtime.LockOSThread() // and never unlocked: the thread ends here
			up.Done()
			var b [1]byte
			syscall.Read(p[0], b[:])
		})
	}
	up.Wait()
	check(syscall.Close(p[1]))
	gone.Wait()
	return time.Since(begin)
}
