package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"puggle/control"
)

// shutdownBound is how long shutdown waits after the grace: files that processes had
// mapped are still written back then, and a slow disk may want minutes for them.
const shutdownBound = 2 * time.Minute

func shutdownCmd() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "shutdown",
		Short: "End a machine",
		Long: `Shutdown ends a machine: its processes get SIGTERM and two seconds, then all of
it goes. It returns when the machine's process has ended, and all that was
written to mapped files is in them. After two minutes of waiting it says that
the process is still there, and fails. On a Linux before 6.5 and from another
PID namespace the process can't be seen: then shutdown says that only the name
is gone.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var i control.Info
			if err := control.Call(name, "info", nil, &i); err != nil {
				return err
			}
			c, err := control.Dial(name)
			if err != nil {
				return err
			}
			defer c.Close()
			// Before the request, so that its answer shows that the handle is the machine's.
			fd, unseen := c.Process()
			if unseen == nil {
				defer unix.Close(fd)
			}
			if err := c.Begin("shutdown", nil); err != nil {
				return err
			}
			if err := c.Wait(nil, nil); err != nil {
				return err
			}
			if unseen != nil {
				err = awaitName(i.Name, shutdownGrace+shutdownBound)
			} else {
				err = awaitProcess(fd, shutdownGrace+shutdownBound)
			}
			if errors.Is(err, errStays) && unseen != nil { // and its number may be another's here
				return fmt.Errorf("machine %q has been told to end, and its name is still there after %v", i.Name, shutdownGrace+shutdownBound)
			}
			if errors.Is(err, errStays) {
				return fmt.Errorf("machine %q has been told to end, and its process %d is still there after %v: it may be writing mapped files back; kill -9 %d ends it without that",
					i.Name, i.PID, shutdownGrace+shutdownBound, i.PID)
			}
			return err
		},
	}
	nameFlag(c, &name)
	return c
}

// errStays: what was waited for is still there.
var errStays = errors.New("it is still there")

// awaitProcess waits until the process of the handle has ended. Errors: errStays
// after the bound, poll's own.
func awaitProcess(pidfd int, bound time.Duration) error {
	for until := time.Now().Add(bound); ; {
		left := max(time.Until(until), 0)
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, int((left+time.Millisecond-1)/time.Millisecond))
		switch {
		case n > 0:
			return nil
		case err != nil && err != unix.EINTR:
			return err
		case left == 0:
			return errStays
		}
	}
}

// awaitName is for a process that can't be seen: it waits until the name is gone,
// and says what that does not show.
func awaitName(name string, bound time.Duration) error {
	for until := time.Now().Add(bound); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if names, err := control.Names(); err == nil && !contains(names, name) {
			fmt.Fprintf(os.Stderr, "puggle: the name %q is gone; whether the machine's process has ended can't be seen from here\n", name)
			return nil
		}
	}
	return errStays
}
