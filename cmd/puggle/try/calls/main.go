//go:build darwin

// Calls measures how long the kernel takes for nothing.
package main

import (
	"fmt"
	"os"
	"sort"
	"syscall"
	"time"
)

func main() {
	const rounds, n = 11, 20000
	var ns []float64
	for range rounds {
		begin := time.Now()
		for range n {
			syscall.Getppid()
		}
		ns = append(ns, float64(time.Since(begin).Nanoseconds())/n)
	}
	sort.Float64s(ns)
	if ns[rounds/2] <= 0 {
		fmt.Println("the clock stands still")
		os.Exit(1)
	}
	fmt.Printf("%.0f ns for a getppid, %.1f million calls a second\n", ns[rounds/2], 1e3/ns[rounds/2])
}
