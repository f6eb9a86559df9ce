package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"puggle/control"
)

func lsmpCmd() *cobra.Command {
	var name string
	var asJSON bool
	c := &cobra.Command{
		Use:   "lsmp [PID]",
		Short: "Show Mach ports: every right, and who holds it",
		Long: `Lsmp shows the port names of one process, or of all. RIGHTS are what the process
has under the name; UREFS how often. REQS are notifications that are armed: D dead
name, S send possible, N no senders, P port destroyed. Of the port itself: the
messages that are queued of how many that may be, the send and send-once rights in
existence, and the kernel object behind it or the process that receives from it.
PORT is the same for the same port in every process.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var a control.LsmpArgs
			if len(args) == 1 {
				pid, err := pidArg(args[0])
				if err != nil {
					return err
				}
				a.PID = pid
			}
			var l []control.TaskPorts
			if err := control.Call(name, "lsmp", a, &l); err != nil {
				return err
			}
			if asJSON {
				return printJSON(l)
			}
			for i, t := range l {
				if i > 0 {
					fmt.Println()
				}
				fmt.Printf("Process (%d) : %s\n", t.PID, printable(t.Comm))
				w := table("NAME", "RIGHTS", "UREFS", "REQS", "FLAGS", "QUEUE", "SEND", "ONCE", "PORT", "WHAT")
				for _, n := range t.Names {
					w.row(fmt.Sprintf("0x%08x", n.Name), n.Rights, n.Urefs, dash(n.Requests), dash(n.Flags), fmt.Sprintf("%d/%d", n.Queued, n.Limit),
						n.Senders, n.Once, dash(n.Port), what(n))
				}
				w.Flush()
			}
			return nil
		},
	}
	nameFlag(c, &name)
	jsonFlag(c, &asJSON)
	return c
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// what describes the port behind a name.
func what(n control.PortName) string {
	switch {
	case n.Rights == "port-set":
		return fmt.Sprintf("%d members", n.Members)
	case n.Kind != "" && n.Object != "":
		return n.Kind + " of " + printable(n.Object)
	case n.Kind != "":
		return n.Kind
	case n.Object != "":
		return n.Object
	}
	return printable(n.Receiver)
}

func portsCmd() *cobra.Command {
	c := lsmpCmd()
	c.Use = "ports PID"
	c.Short = "Show the Mach ports of one process"
	c.Args = cobra.ExactArgs(1)
	return c
}
