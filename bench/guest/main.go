//go:build linux || darwin

// Guest is the workloads of bench: its argument is one's name, and how many
// milliseconds it should take, or of how many things at once it is made. It prints
// nanoseconds for one operation.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// A workload does its operation n times and says how long that took. What it
// prepares does not count.
type workload func(n int) time.Duration

var workloads = map[string]workload{}

func main() {
	if len(os.Args) < 2 {
		os.Exit(99)
	}
	switch os.Args[1] {
	case "nothing":
		return
	case "echo":
		echo()
		return
	case "wait":
		os.Stdin.Read(make([]byte, 1))
		return
	}
	if f := once[os.Args[1]]; f != nil && len(os.Args) == 3 {
		n, err := strconv.Atoi(os.Args[2])
		check(err)
		fmt.Printf("%.1f\n", float64(f(n).Nanoseconds()))
		return
	}
	w := workloads[os.Args[1]]
	if w == nil || len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "guest: no such workload")
		os.Exit(99)
	}
	ms, err := strconv.Atoi(os.Args[2])
	check(err)
	goal := time.Duration(ms) * time.Millisecond
	for n := 1; ; {
		d := w(n)
		if d >= goal || n >= 1<<28 {
			fmt.Printf("%.1f\n", float64(d.Nanoseconds())/float64(n))
			return
		}
		grow := 10.0
		if d > goal/1000 {
			grow = min(10, 1.2*float64(goal)/float64(d))
		}
		n = max(n+1, int(float64(n)*grow))
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "guest:", err)
		os.Exit(1)
	}
}

// loop times f alone.
func loop(f func()) workload {
	return func(n int) time.Duration {
		begin := time.Now()
		for range n {
			f()
		}
		return time.Since(begin)
	}
}
