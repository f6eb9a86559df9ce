// Godriver is a custom puggle: a machine with a driver compiled in. It boots and stays,
// as puggle boot does, and the ordinary puggle's commands reach it by its name.
//
//	go run ./examples/godriver [NAME]
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"puggle/control"
	"puggle/examples/godriver/counter"
	"puggle/kernel"
)

func main() {
	name := control.DefaultName
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	if err := run(name); err != nil {
		fmt.Fprintln(os.Stderr, "godriver:", err)
		os.Exit(1)
	}
}

func run(name string) error {
	srv, err := control.Listen(name)
	if err != nil {
		return err
	}
	defer srv.Close()
	sys, err := kernel.Boot(kernel.Config{Drivers: []kernel.Driver{counter.Driver}})
	if err != nil {
		return err
	}
	defer sys.Close()
	go srv.Serve(sys)
	fmt.Printf("machine %q is up, with %s\n", name, counter.Driver.Name)
	sig := make(chan os.Signal, 1)
	signal.Notify(sig, syscall.SIGINT, syscall.SIGTERM)
	select {
	case <-sig:
	case <-srv.Stopped():
	}
	return nil
}
