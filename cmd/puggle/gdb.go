package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"puggle/control"
)

// macros are what osfmk/.gdbinit has of use here: commands that ask ddb.
const macros = `set pagination off
set confirm off
define showallkmods
monitor showallkmods
end
document showallkmods
The kernel extensions that are loaded.
end
define paniclog
monitor msg
end
document paniclog
The message buffer.
end
`

func gdbCmd() *cobra.Command {
	var name string
	var pipe bool
	c := &cobra.Command{
		Use:   "gdb [flags] [-- GDB-ARGUMENT...]",
		Short: "Debug the kernel with the host's gdb",
		Long: `Gdb starts the host's gdb, attached to the machine, with the symbols of the kernel and
of what is loaded. The machine stops when gdb comes, and goes on when it goes. monitor
COMMAND is a command of puggle ddb; showallkmods lists the extensions.

--pipe is for a gdb that runs already: target remote | puggle gdb --pipe`,
		Example: `  puggle gdb -n dev
  puggle gdb -n dev -- -ex 'break slot_server' -ex continue`,
	}
	nameFlag(c, &name)
	c.Flags().BoolVar(&pipe, "pipe", false, "speak gdb's protocol on standard input and output")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if pipe {
			return gdbPipe(name, os.Stdin, os.Stdout)
		}
		gdb, err := exec.LookPath("gdb")
		if err != nil {
			return fmt.Errorf("gdb is not installed on this host: %w", err)
		}
		self, err := os.Executable()
		if err != nil {
			return err
		}
		dir, err := os.MkdirTemp("", "puggle-gdb-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		var files control.GDBFiles
		if err := control.Call(name, "gdb", control.GDBArgs{Symbols: dir}, &files); err != nil {
			return err
		}
		script := macros
		for i, f := range files.Files {
			if i == 0 {
				script += "file " + f + "\n"
			} else {
				script += "add-symbol-file " + f + "\n"
			}
		}
		script += fmt.Sprintf("target remote | '%s' gdb --pipe -n '%s'\n", self, strings.ReplaceAll(name, "'", ""))
		init := filepath.Join(dir, "gdbinit")
		if err := os.WriteFile(init, []byte(script), 0o600); err != nil {
			return err
		}
		g := exec.Command(gdb, append([]string{"-q", "-nx", "-x", init}, args...)...)
		g.Stdin, g.Stdout, g.Stderr = os.Stdin, os.Stdout, os.Stderr
		err = g.Run()
		if st := g.ProcessState; st != nil && st.ExitCode() > 0 {
			return exitStatus(st.ExitCode())
		}
		return err
	}
	return c
}

// gdbPipe connects in and out with the machine's end of gdb's protocol.
func gdbPipe(name string, in io.Reader, out io.Writer) error {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	theirs := os.NewFile(uintptr(fds[1]), "gdb")
	f := os.NewFile(uintptr(fds[0]), "gdb")
	ours, err := net.FileConn(f)
	f.Close()
	if err != nil {
		theirs.Close()
		return err
	}
	defer ours.Close()
	cl, err := control.Dial(name)
	if err != nil {
		theirs.Close()
		return err
	}
	defer cl.Close()
	err = cl.Begin("gdb", control.GDBArgs{}, theirs)
	theirs.Close()
	if err != nil {
		return err
	}
	go func() {
		io.Copy(ours, in)
		ours.(*net.UnixConn).CloseWrite()
	}()
	go io.Copy(out, ours)
	return cl.Wait(nil, nil)
}
