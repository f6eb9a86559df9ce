//go:build darwin

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// A worker does what it can to its own task and to a victim's, and may die or hang of
// it; so it has a process, and a time after which it is killed.
const patience = 8 * time.Second

// fuzz runs workers, one after the other on two lanes, until the time is up. The seed
// of a worker is in its arguments, so that one alone can be run again.
func fuzz(seed uint64, length time.Duration, rounds int) error {
	deadline := time.Now().Add(length)
	var workers, died, killed atomic.Int64
	var next atomic.Uint64
	next.Store(seed)
	var wg sync.WaitGroup
	errs := make(chan error, 2)
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for first := true; first || time.Now().Before(deadline); first = false {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				cmd := exec.CommandContext(ctx, os.Args[0], "worker", "-seed", strconv.FormatUint(next.Add(1), 10), "-n", strconv.Itoa(rounds))
				err := cmd.Run()
				if ctx.Err() != nil {
					killed.Add(1)
				} else if err != nil {
					if cmd.ProcessState == nil {
						errs <- err
					}
					died.Add(1)
				}
				cancel()
				workers.Add(1)
			}
		}()
	}
	wg.Wait()
	fmt.Printf("%d workers, %d died, %d killed\n", workers.Load(), died.Load(), killed.Load())
	select {
	case err := <-errs:
		return err
	default:
	}
	return rpcSelf() // the kernel serves
}

// rpcSelf sends a message and receives it.
func rpcSelf() error {
	p := newPort()
	defer endPort(p)
	m := make([]byte, 128)
	header(m, copySend, headSize+8, p, 0, 5)
	if k := msg(m, sendMsg|rcvMsg, headSize+8, p, 0); k != 0 {
		return kr(k)
	}
	return nil
}

// victim is a process that sleeps, for a worker to work upon.
func victim() (*exec.Cmd, port) {
	cmd := exec.Command("/bin/sleep", "60")
	if cmd.Start() != nil {
		return nil, 0
	}
	var t port
	call(task_for_pid_addr, uintptr(self), uintptr(cmd.Process.Pid), uintptr(unsafe.Pointer(&t)))
	return cmd, t
}

// fuzzer is one goroutine's state.
type fuzzer struct {
	*rand.Rand
	pool    []port // ports of all kinds
	victim  port
	memory  uint64 // pages to be harmed
	reply   port
	doing   string // for a look from outside
	steps   int
	tables  []*table
	request []byte
	answer  []byte
}

// work sends n messages from each of three goroutines.
func work(seed uint64, n int) error {
	cmd, task := victim()
	if cmd != nil {
		defer cmd.Wait()
		defer cmd.Process.Kill()
	}
	tables, err := load()
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	var all []*fuzzer
	for g := range 3 {
		f := &fuzzer{Rand: rand.New(rand.NewPCG(seed, uint64(g))), victim: task, tables: tables,
			request: make([]byte, 16<<10), answer: make([]byte, 64<<10)}
		f.fill()
		all = append(all, f)
	}
	// They begin when all of them have what they work with: whoever works may give up
	// any name of the task.
	for _, f := range all {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for ; f.steps < n; f.steps++ {
				f.step()
			}
		}()
	}
	done := make(chan bool)
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience / 4): // one of them waits for ever: that is allowed
	}
	for _, f := range all {
		fmt.Println(f.steps, f.doing)
	}
	return nil
}

// fill makes the ports and the memory that the messages are about.
func (f *fuzzer) fill() {
	host := call(mach_host_self_addr)
	f.pool = append(f.pool, self, f.victim, host, call(mach_thread_self_addr), bootstrapPort())
	for range 4 {
		f.pool = append(f.pool, newPort())
	}
	var set, clock, pset port
	call(mach_port_allocate_addr, uintptr(self), rightSet, uintptr(unsafe.Pointer(&set)))
	call(host_get_clock_service_addr, uintptr(host), 0, uintptr(unsafe.Pointer(&clock)))
	call(processor_set_default_addr, uintptr(host), uintptr(unsafe.Pointer(&pset)))
	f.pool = append(f.pool, set, clock, pset, call(mk_timer_create_addr))
	var sem, locks, entry port
	call(semaphore_create_addr, uintptr(self), uintptr(unsafe.Pointer(&sem)), 0, 1)
	call(lock_set_create_addr, uintptr(self), uintptr(unsafe.Pointer(&locks)), 3, 0)
	size := uint64(64 << 10)
	call(mach_vm_allocate_addr, uintptr(self), uintptr(unsafe.Pointer(&f.memory)), uintptr(size), 1)
	call(mach_make_memory_entry_64_addr, uintptr(self), uintptr(unsafe.Pointer(&size)), uintptr(f.memory), 3, uintptr(unsafe.Pointer(&entry)), 0)
	f.pool = append(f.pool, sem, locks, entry)
	name := cstring("NetMessage")
	var ns port
	call(bootstrap_look_up_addr, uintptr(f.pool[4]), uintptr(unsafe.Pointer(&name[0])), uintptr(unsafe.Pointer(&ns)))
	// A voucher: a recipe of key, command, previous voucher, size and content.
	recipe := append(le.AppendUint32(le.AppendUint32(nil, 7), 211), 0, 0, 0, 0, 4, 0, 0, 0, 'f', 'u', 'z', 'z')
	var v port
	call(host_create_mach_voucher_addr, uintptr(host), uintptr(unsafe.Pointer(&recipe[0])), uintptr(len(recipe)), uintptr(unsafe.Pointer(&v)))
	f.pool = append(f.pool, ns, v)
	f.reply = newPort()
}

// pick is one of the ports, seldom something else.
func (f *fuzzer) pick() port {
	switch f.IntN(20) {
	case 0:
		return 0
	case 1:
		return ^port(0)
	case 2:
		return f.Uint32N(0x2000)<<8 | 3
	}
	return f.pool[f.IntN(len(f.pool))]
}

// step is one message, or one call.
func (f *fuzzer) step() {
	switch n := f.IntN(100); {
	case n < 70:
		f.routine()
	case n < 85:
		f.plain()
	default:
		f.trap()
	}
}

// routine sends a request that was made after its definition, and takes the reply.
func (f *fuzzer) routine() {
	t := f.tables[f.IntN(len(f.tables))]
	r := t.routines[f.IntN(len(t.routines))]
	m := f.build(t, r)
	size := sizeOf(m)
	copy(f.answer, m)
	wait := uint32(20)
	if t.at == 5 { // a port of our own, where nobody answers
		wait = 0
	}
	f.doing = r.Name
	k := msg(f.answer, sendMsg|rcvMsg|sendTimed|rcvTimed, size, f.reply, wait)
	f.doing = ""
	switch {
	case k == 0:
		destroy(f.answer)
	case k == 0x10004002 || k == 0x10000009 || k == 0x10004009: // the reply port is gone
		f.reply = newPort()
	}
}

// plain sends or receives among this task's own ports, with rights of all kinds.
func (f *fuzzer) plain() {
	m := f.request[:headSize]
	n, bits := f.IntN(4), uint32(0)
	dispositions := []uint32{moveReceive, moveSend, moveSendOnce, copySend, makeSend, makeSendOnce, 0, 22}
	for range n {
		d := make([]byte, 12)
		le.PutUint32(d, f.pick())
		le.PutUint32(d[8:], dispositions[f.IntN(6)]<<16)
		m = append(m, d...)
	}
	if n > 0 {
		bits = complex32
		m = append(m[:headSize], append([]byte{byte(n), 0, 0, 0}, m[headSize:]...)...)
	}
	m = append(m, make([]byte, 4*f.IntN(20))...)
	bits |= dispositions[3+f.IntN(4)] | dispositions[f.IntN(8)]<<8
	header(m, bits, len(m), f.pick(), f.pick(), int32(f.Uint32N(200)))
	if f.IntN(4) == 0 { // with a voucher, or what is none
		le.PutUint32(m, le.Uint32(m)|dispositions[f.IntN(4)]<<16)
		le.PutUint32(m[16:], []uint32{f.pick(), f.pool[17]}[f.IntN(2)])
	}
	copy(f.answer, m)
	option := f.Uint32()&0x0f3d0000 | rcvTimed | sendTimed | []uint32{sendMsg, rcvMsg, sendMsg | rcvMsg}[f.IntN(3)] | f.Uint32()&0x1cc
	size := len(m)
	if f.IntN(10) == 0 {
		size = f.IntN(100)
	}
	room := f.answer[:max(32, f.IntN(len(f.answer)))]
	if msg(room, option, min(size, len(room)), f.pick(), uint32(f.IntN(5))) == 0 && option&rcvMsg != 0 {
		destroy(room)
	}
}

// trap calls one of those that change names.
func (f *fuzzer) trap() {
	task := uintptr(self)
	if f.IntN(3) == 0 {
		task = uintptr(f.victim)
	}
	n := uintptr(f.pick())
	if n == uintptr(self) || n == uintptr(f.victim) {
		return // without its task port a worker can do little
	}
	var p port
	switch f.IntN(9) {
	case 0:
		if call(mach_port_allocate_addr, task, uintptr(f.IntN(6)), uintptr(unsafe.Pointer(&p))) == 0 && task == uintptr(self) && len(f.pool) < 200 {
			f.pool = append(f.pool, p)
		}
	case 1:
		call(mach_port_mod_refs_addr, task, n, uintptr(f.IntN(6)), uintptr(f.integer()))
	case 2:
		call(mach_port_insert_right_addr, task, n, uintptr(f.pick()), uintptr(16+f.IntN(8)))
	case 3:
		call(mach_port_move_member_addr, task, n, uintptr(f.pick()))
	case 4:
		call(mach_port_insert_member_addr, task, n, uintptr(f.pick()))
	case 5:
		call(mach_port_request_notification_addr, task, n, uintptr(64+f.IntN(12)), uintptr(f.IntN(3)), uintptr(f.pick()), makeSendOnce, uintptr(unsafe.Pointer(&p)))
	case 6:
		o := make([]uint64, 3)
		o[0] = uint64(f.Uint32N(0x40)) | uint64(f.Uint32N(2000))<<32
		call(mach_port_construct_addr, task, uintptr(unsafe.Pointer(&o[0])), uintptr(f.integer()), uintptr(unsafe.Pointer(&p)))
	case 7:
		call(mach_port_guard_addr, task, n, uintptr(f.integer()), uintptr(f.IntN(2)))
	case 8:
		call(mach_port_deallocate_addr, task, n)
	}
}
