//go:build darwin

package main

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"unsafe"
)

const (
	service = "org.puggle.test.go"
	clients = 4
	calls   = 200
)

// rpc serves a child's requests: goroutines there call, goroutines here answer.
func rpc() error {
	boot := bootstrapPort()
	name := cstring(service)
	var p port
	must("bootstrap_create_service", call(bootstrap_create_service_addr, uintptr(boot), uintptr(unsafe.Pointer(&name[0])), uintptr(unsafe.Pointer(&p))))
	must("bootstrap_check_in", call(bootstrap_check_in_addr, uintptr(boot), uintptr(unsafe.Pointer(&name[0])), uintptr(unsafe.Pointer(&p))))
	cmd := exec.Command(os.Args[0], "client")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	pid := uint32(cmd.Process.Pid)
	seen := make(chan uint32, clients*calls)
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			m := make([]byte, 512)
			for {
				// Who sends is in the trailer, which the kernel has written.
				must("receive", msg(m, rcvMsg|trailAudit, 0, p, 0))
				if got := le.Uint32(m[sizeOf(m)+40:]); got != pid {
					panic(fmt.Sprintf("a message from process %d, not %d", got, pid))
				}
				v, reply := le.Uint32(m[headSize:]), remoteOf(m)
				header(m, moveSendOnce, headSize+8, reply, 0, idOf(m)+100)
				le.PutUint32(m[headSize:], v*v)
				must("reply", msg(m, sendMsg, headSize+8, 0, 0))
				if v == 0 {
					return
				}
				seen <- v
			}
		}()
	}
	if err := cmd.Wait(); err != nil {
		return err
	}
	wg.Wait()
	if len(seen) != clients*calls {
		return fmt.Errorf("%d calls were served, want %d", len(seen), clients*calls)
	}
	return nil
}

// client calls the service from several goroutines.
func client() error {
	boot := bootstrapPort()
	name := cstring(service)
	var p port
	must("bootstrap_look_up", call(bootstrap_look_up_addr, uintptr(boot), uintptr(unsafe.Pointer(&name[0])), uintptr(unsafe.Pointer(&p))))
	var wg sync.WaitGroup
	errs := make(chan error, clients)
	ask := func(m []byte, reply port, v uint32) error {
		header(m, copySend|makeSendOnce<<8, headSize+8, p, reply, 1000)
		le.PutUint32(m[headSize:], v)
		if k := msg(m, sendMsg|rcvMsg, headSize+8, reply, 0); k != 0 {
			return kr(k)
		}
		if idOf(m) != 1100 || le.Uint32(m[headSize:]) != v*v {
			return fmt.Errorf("the answer to %d is %d, id %d", v, le.Uint32(m[headSize:]), idOf(m))
		}
		return nil
	}
	for c := range clients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			reply, m := newPort(), make([]byte, 256)
			defer endPort(reply)
			for i := range calls {
				if err := ask(m, reply, uint32(1+c*calls+i)); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	wg.Wait()
	reply, m := newPort(), make([]byte, 256)
	for range 3 { // each server's end
		if err := ask(m, reply, 0); err != nil {
			return err
		}
	}
	close(errs)
	return <-errs
}
