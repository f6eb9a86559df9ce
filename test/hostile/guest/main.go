//go:build darwin

// Guest does harm, or tries to: its first argument says which. It prints what
// it got to, for the test to judge.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// attacks by name; args are what follows the name.
var attacks = map[string]func(args []string){
	"hello":      func([]string) { fmt.Println("hello") },
	"linuxcall":  linuxCall,
	"int80":      func([]string) { fmt.Println("came back:", int80(1, 77)) },
	"sysenter":   func([]string) { fmt.Println("came back:", sysenter(1, 77)) },
	"vsyscall":   func([]string) { fmt.Println("came back:", callAt(0xffffffffff600000, 0, 0, 0, 0, 0, 0, 0)) },
	"gadgets":    gadgets,
	"scribble":   scribble,
	"fsbase":     func([]string) { runtime.LockOSThread(); wrfsbase(0x1234000); fmt.Println("alive") },
	"gsbase":     func([]string) { runtime.LockOSThread(); wrgsbase(0xffff); fmt.Println("alive") },
	"kill":       killAll,
	"forkbomb":   forkBomb,
	"threadbomb": threadBomb,
	"membomb":    memBomb,
	"fdbomb":     fdBomb,
	"unmap":      unmap,
	"tree":       tree,
	"sleep":      func(args []string) { fmt.Println("asleep"); time.Sleep(time.Duration(number(args, 0)) * time.Second) },
	"spin": func([]string) {
		fmt.Println("spinning")
		for {
		}
	},
	"rawcalls": rawCalls,
	"churn":    churn,
	"children": children,
}

func main() {
	if len(os.Args) < 2 || attacks[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "guest: no such attack")
		os.Exit(99)
	}
	attacks[os.Args[1]](os.Args[2:])
}

func number(args []string, i int) uintptr {
	n, err := strconv.ParseUint(args[i], 0, 64)
	if err != nil {
		fmt.Fprintln(os.Stderr, "guest:", err)
		os.Exit(99)
	}
	return uintptr(n)
}

// linuxCall makes one of the host's calls by number. Arguments are numbers, or
// @ and a string to point at.
func linuxCall(args []string) {
	var v [7]uintptr
	for i, a := range args {
		if a[0] == '@' {
			b := append([]byte(a[1:]), 0)
			v[i] = addressOf(b)
			continue
		}
		v[i] = number(args, i)
	}
	fmt.Printf("came back: %d\n", int64(rawCall(v[0], v[1], v[2], v[3], v[4], v[5], v[6])))
}

// rawCalls makes Darwin's own calls by the instruction, while the collector and
// the scheduler interrupt.
func rawCalls(args []string) {
	n := int(number(args, 0))
	pid := uintptr(syscall.Getpid())
	for i := range n {
		if got := rawCall(0x2000000+20, 0, 0, 0, 0, 0, 0); got != pid {
			fmt.Printf("call %d: %d, not %d\n", i, got, pid)
			os.Exit(1)
		}
		if i%1000 == 0 {
			runtime.GC()
		}
	}
	fmt.Println("done")
}

// gadgets looks for syscall instructions in the machine's own text and jumps to
// each with registers for a host call: it is to fail, whatever it hits.
func gadgets(args []string) {
	const text, size = 0x7fffffe08000, 0x2000
	from := number(args, 0)
	n := uintptr(0)
	for pc := uintptr(text); pc+8 < text+size; pc++ {
		if load(pc)&0xffff != 0x050f {
			continue
		}
		if n == from {
			fmt.Printf("at %#x\n", pc)
			// mmap of a page at a known place, shared, from descriptor 3.
			fmt.Printf("came back: %#x\n", callAt(pc, 9, 0x20000000000, 0x1000, 3, 0x11, 3, 0))
			fmt.Printf("mapped: %#x\n", load(0x20000000000))
			return
		}
		n++
	}
	fmt.Println("no more gadgets")
	os.Exit(98)
}

// scribble writes over everything between slots and text that can be written,
// while other threads make calls.
func scribble([]string) {
	for range 4 {
		go func() {
			for {
				syscall.Getppid()
			}
		}()
	}
	time.Sleep(10 * time.Millisecond)
	v := uint64(0)
	for range 50 {
		for off := uintptr(0); off < 8*0x8000; off += 8 {
			store(0x7fffc0000000+off, v)
			v = v*6364136223846793005 + 1442695040888963407
		}
	}
	fmt.Println("scribbled")
}

// killAll signals what it has no business with.
func killAll(args []string) {
	for _, a := range args {
		pid, err := strconv.Atoi(a)
		if err != nil {
			os.Exit(99)
		}
		for _, p := range []int{pid, -pid} {
			fmt.Printf("kill %d: %v\n", p, syscall.Kill(p, syscall.SIGKILL))
		}
	}
	fmt.Printf("kill -1: %v\n", syscall.Kill(-1, syscall.SIGKILL))
	fmt.Println("done")
}

// forkBomb starts programs, each of which does so, until it is refused; then
// says how far it got. Args: how many at the most.
func forkBomb(args []string) {
	limit := int(number(args, 0))
	exe, _ := os.Executable()
	var started []*exec.Cmd
	var err error
	for len(started) < limit {
		cmd := exec.Command(exe, "sleep", "1000")
		if err = cmd.Start(); err != nil {
			break
		}
		started = append(started, cmd)
	}
	fmt.Printf("started %d: %v\n", len(started), err)
	for _, c := range started {
		c.Process.Kill()
	}
	for _, c := range started {
		c.Wait()
	}
	if out, err := exec.Command(exe, "hello").CombinedOutput(); err != nil || string(out) != "hello\n" {
		fmt.Printf("afterwards: %q %v\n", out, err)
		os.Exit(1)
	}
	fmt.Println("done")
}

// threadBomb blocks threads until a number is reached.
func threadBomb(args []string) {
	limit := int(number(args, 0))
	var r, w [2]int
	_ = w
	if err := syscall.Pipe(r[:]); err != nil {
		os.Exit(99)
	}
	var up sync.WaitGroup
	for range limit {
		up.Add(1)
		go func() {
			runtime.LockOSThread()
			up.Done()
			var b [1]byte
			syscall.Read(r[0], b[:])
		}()
	}
	up.Wait()
	time.Sleep(100 * time.Millisecond)
	fmt.Println("threads:", limit)
}

// memBomb touches so many megabytes.
func memBomb(args []string) {
	var keep [][]byte
	for i := range int(number(args, 0)) {
		b := make([]byte, 1<<20)
		for j := 0; j < len(b); j += 4096 {
			b[j] = byte(i)
		}
		keep = append(keep, b)
	}
	fmt.Println("touched", len(keep), "MB")
}

// fdBomb opens until it is refused.
func fdBomb([]string) {
	var lim syscall.Rlimit
	syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim)
	lim.Cur = lim.Max
	syscall.Setrlimit(syscall.RLIMIT_NOFILE, &lim)
	n := 0
	for {
		fd, err := syscall.Open("/dev/null", 0, 0)
		if err != nil {
			fmt.Printf("opened more than a hundred: %v, then %v\n", n > 100, err)
			return
		}
		n = fd
		if n > 1<<20 {
			fmt.Println("a million descriptors")
			return
		}
	}
}

// unmap takes the machine's own pages away, by every call that could.
func unmap([]string) {
	for _, a := range []uintptr{0x7fffc0000000, 0x7fffffe00000, 0x7fffffe01000, 0x7fffffe05000, 0x7fffffe06000, 0x7fffffe08000} {
		for _, nr := range []uintptr{73 /* munmap */, 74 /* mprotect */} {
			r := rawCall(0x2000000+nr, a, 0x1000, 7, 0, 0, 0)
			fmt.Printf("call %d at %#x: %d\n", nr, a, r)
		}
		// mmap: fixed, private, anonymous.
		r := rawCall(0x2000000+197, a, 0x1000, 3, 0x1012, ^uintptr(0), 0)
		if r == a {
			fmt.Printf("mapped over %#x\n", a)
			os.Exit(97)
		}
	}
	fmt.Println("done")
}

// tree starts a tree of processes of that depth, two at each node, that sleep.
func tree(args []string) {
	depth := int(number(args, 0))
	exe, _ := os.Executable()
	if depth > 0 {
		for range 2 {
			cmd := exec.Command(exe, "tree", strconv.Itoa(depth-1))
			cmd.Stdout = os.Stdout
			if err := cmd.Start(); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
		}
	}
	fmt.Println("node", depth)
	time.Sleep(1000 * time.Second)
}

// children runs an attack in child processes, ends those that hang, and says how
// each ended, then that it is well itself. Args: how many, the attack's.
func children(args []string) {
	exe, _ := os.Executable()
	for range int(number(args, 0)) {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		out, err := exec.CommandContext(ctx, exe, args[1:]...).CombinedOutput()
		cancel()
		if len(out) > 200 {
			out = out[:200]
		}
		fmt.Printf("child: %v: %q\n", err, out)
	}
	fmt.Println("parent is well")
}

// churn forks, execs, makes threads and memory, and ends them, for ever.
func churn([]string) {
	exe, _ := os.Executable()
	for range 4 {
		go func() {
			for {
				exec.Command(exe, "threadbomb", "20").Run()
			}
		}()
	}
	for {
		go func() {
			runtime.LockOSThread() // its thread ends with it
			b := make([]byte, 1<<20)
			b[len(b)/2] = 1
		}()
		time.Sleep(time.Millisecond)
	}
}
