//go:build linux || darwin

package main

import (
	"runtime"
	"sync"
	"syscall"
	"time"
)

func rawNull(nr uintptr) uintptr

var origin = time.Now()

func init() {
	workloads["null"] = loop(func() { syscall.Getppid() })
	workloads["rawnull"] = loop(func() { rawNull(nrGetppid) })
	workloads["clock"] = loop(func() { time.Since(origin) })
	workloads["now"] = loop(func() { time.Now() })
	workloads["manynull"] = func(n int) time.Duration { return manyNull(n, func() { syscall.Getppid() }) }
	workloads["manyraw"] = func(n int) time.Duration { return manyNull(n, func() { rawNull(nrGetppid) }) }
	workloads["handover"] = handOver
}

// manyNull makes null calls from eight threads at once, with null, which is by
// libSystem or by instruction. Its time is that of all processors together, for
// one call.
func manyNull(n int, null func()) time.Duration {
	const threads = 8
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads)) // eight threads, not two in turn
	var wg sync.WaitGroup
	begin := time.Now()
	for range threads {
		wg.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for range n/threads + 1 {
				null()
			}
		})
	}
	wg.Wait()
	return time.Since(begin) * time.Duration(runtime.NumCPU())
}

// handOver sends a token from one thread to another and back.
func handOver(n int) time.Duration {
	a, b := make(chan int), make(chan int)
	go func() {
		runtime.LockOSThread()
		for x := range a {
			b <- x
		}
		close(b)
	}()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin := time.Now()
	for i := range n {
		a <- i
		<-b
	}
	d := time.Since(begin)
	close(a)
	<-b
	return d
}
