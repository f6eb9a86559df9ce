package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"puggle/control"
	"puggle/kernel"
	"puggle/kernserv/rom"
)

// readyFD is how a machine in the background tells that it is up: a pipe.
const readyFD = "PUGGLE_READY_FD"

// nvramEnv is how a machine that starts again gets what the one before it remembered: after the
// number of the process, which stays the same, and a line's end.
const nvramEnv = "PUGGLE_NVRAM"

// shutdownGrace is how long processes have to end after SIGTERM.
const shutdownGrace = 2 * time.Second

func bootCmd() *cobra.Command {
	var cfg kernel.Config
	var name string
	var background bool
	var boards []string
	var onPanic, gdbAddr string
	var stay, monitor bool
	c := &cobra.Command{
		Use:   "boot [flags]",
		Short: "Boot a machine that stays",
		Long: `Boot starts a machine and keeps it until puggle shutdown, or SIGINT or SIGTERM to
this command. Other commands reach it by its name, with -n NAME.

Its socket is in $XDG_RUNTIME_DIR/puggle, or /tmp/puggle-UID. Only this user, and
root, can talk to it.`,
		Example: `  puggle boot --name dev &
  puggle exec -n dev ./server &
  puggle ps -n dev`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	done := machineFlags(c, &cfg)
	var prof profiles
	prof.flags(c)
	c.Flags().StringVarP(&name, "name", "n", control.DefaultName, "the machine's name")
	c.Flags().BoolVarP(&background, "background", "b", false, "return when it is up, and leave it running")
	c.Flags().StringSliceVar(&boards, "board", nil, "a NeXTbus board, as SLOT=NAME: sum is the example")
	c.Flags().StringVar(&onPanic, "panic", "report", "what a panic of a kernel extension does: report it and end the extension, or stop the machine for a debugger")
	c.Flags().StringVar(&gdbAddr, "gdb", "", "let gdb connect to PORT of this host, HOST:PORT, or the socket PATH (puggle gdb needs no address)")
	c.Flags().BoolVar(&monitor, "rom", false, "enter the ROM monitor first, on this terminal: b boots")
	c.Flags().BoolVar(&stay, "no-reboot", false, "reboot(2) ends the machine, and does not start it again (as with a profile of the kernel)")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		done()
		if onPanic != "report" && onPanic != "stop" {
			return fmt.Errorf("--panic %s: report, or stop", onPanic)
		}
		cfg.Debuggable, cfg.PanicStop = true, onPanic == "stop"
		if background && monitor {
			return errors.New("--rom needs the terminal, and --background leaves it")
		}
		if background {
			return bootBackground()
		}
		srv, err := control.Listen(name)
		if err != nil {
			return err
		}
		for _, b := range boards {
			if err := srv.Plug(b); err != nil {
				srv.Close()
				return err
			}
		}
		if cfg.NVRAM, err = earlierNVRAM(); err != nil {
			srv.Close()
			return err
		}
		stop, err := prof.start()
		if err != nil {
			srv.Close()
			return err
		}
		defer stop()
		cfg.Bus = srv.Bus()
		if monitor && cfg.NVRAM == nil && !runMonitor(srv) { // not when it starts again by itself
			srv.Close()
			return nil
		}
		reboot := make(chan struct{}, 1)
		cfg.Reboot = func() {
			select {
			case reboot <- struct{}{}:
			default:
			}
		}
		sys, err := kernel.Boot(cfg)
		if err != nil {
			srv.Close()
			return err
		}
		var debuggers net.Listener
		if gdbAddr != "" {
			if debuggers, err = control.ListenGDB(gdbAddr); err != nil {
				srv.Close()
				sys.Close()
				return err
			}
			defer debuggers.Close()
		}
		sig := make(chan os.Signal, 4)
		signal.Notify(sig, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
		go srv.Serve(sys)
		if debuggers != nil {
			go srv.ServeGDB(sys, debuggers)
		}
		announce(srv)
		again := false
		select {
		case <-sig:
		case <-srv.Stopped():
		case <-reboot:
			again = !stay && !prof.any()
		}
		if !again {
			signal.Stop(sig) // the next one ends it at once
		}
		srv.Quiesce(shutdownGrace)
		again = again && sys.Restarts() && srv.StartsAgain()
		srv.Close()
		err = sys.Close()
		signal.Stop(sig)
		if err != nil || !again || !sys.Restarts() || len(sig) > 0 {
			return err
		}
		if debuggers != nil {
			debuggers.Close()
		}
		return bootAgain(sys.NVRAM())
	}
	return c
}

// runMonitor has the user at the ROM monitor, and answers callers that it is so. It says false if
// one of them asked for the machine's end.
func runMonitor(srv *control.Server) bool {
	go srv.ServeMonitor()
	boots := make(chan struct{})
	go func() { rom.New(srv.Bus(), os.Stdin, os.Stdout).Run(); close(boots) }()
	select {
	case <-boots:
		return true
	case <-srv.Stopped():
		return false
	}
}

// earlierNVRAM is what the machine before this one, in the same process, has left; nil if there was
// none. What others have in their environment under that name is not meant.
func earlierNVRAM() (*kernel.NVRAM, error) {
	pid, text, _ := strings.Cut(os.Getenv(nvramEnv), "\n")
	if pid != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	return kernel.ParseNVRAM(text)
}

// bootAgain starts this command anew, in place of this process: the same machine, but for what its
// NVRAM has. Some of what a machine has belongs to its process, so it can't begin in the same one.
func bootAgain(nv *kernel.NVRAM) error {
	env := []string{fmt.Sprintf("%s=%d\n%s", nvramEnv, os.Getpid(), nv)}
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); name != readyFD && name != nvramEnv {
			env = append(env, v)
		}
	}
	return fmt.Errorf("can't start the machine again: %w", syscall.Exec("/proc/self/exe", os.Args, env))
}

// announce says that the machine is up, to the terminal or to who waits.
func announce(srv *control.Server) {
	if os.Getenv(readyFD) == "" {
		fmt.Printf("machine %q is up (process %d, socket %s)\n", srv.Name, os.Getpid(), srv.Path())
		return
	}
	f := os.NewFile(3, "ready")
	f.Write([]byte("ok\n"))
	f.Close()
}

// bootBackground starts the same command without --background, in a session of
// its own, and waits until it is up.
func bootBackground() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	child := exec.Command(self, append(os.Args[1:], "--background=false")...)
	child.Env = append(os.Environ(), readyFD+"=3")
	child.ExtraFiles = []*os.File{w}
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	errs, err := os.CreateTemp("", "puggle-boot-*.log")
	if err != nil {
		return err
	}
	defer os.Remove(errs.Name())
	child.Stderr = errs
	if err := child.Start(); err != nil {
		return err
	}
	w.Close()
	if b, _ := io.ReadAll(io.LimitReader(r, 3)); string(b) == "ok\n" {
		return nil
	}
	child.Wait()
	b, _ := os.ReadFile(errs.Name())
	if len(b) == 0 {
		return errors.New("the machine did not come up")
	}
	os.Stderr.Write(b)
	return exitStatus(statusFault)
}

func listCmd() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the machines that run",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			names, err := control.Names()
			if err != nil {
				return err
			}
			l := []control.Info{}
			for _, n := range names {
				var i control.Info
				if control.Call(n, "info", nil, &i) == nil {
					l = append(l, i)
				}
			}
			if asJSON {
				return printJSON(l)
			}
			w := table("NAME", "PID", "UP", "PROCESSES", "THREADS", "MEMORY")
			for _, i := range l {
				if i.Monitor {
					w.row(i.Name, i.PID, "ROM", "-", "-", "-")
					continue
				}
				w.row(i.Name, i.PID, time.Since(i.Boot).Round(time.Second), i.Procs, i.Threads, sizeOf(i.Used))
			}
			return w.Flush()
		},
	}
	jsonFlag(c, &asJSON)
	return c
}
