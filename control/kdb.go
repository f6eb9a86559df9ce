//go:build !no_mach_kdb

package control

import (
	"fmt"
	"strings"

	"puggle/debug"
	"puggle/debug/ddb"
)

// monitor gives gdb's command "monitor": lines for ddb.
func monitor(d debug.Target) func(line string) string {
	guest := ddb.New(ddb.Config{Target: d, Guest: true})
	return func(line string) string {
		out, _ := guest.Do(line)
		return out
	}
}

// ddbTool is the prompt of ddb: commands are its arguments, or are asked for.
func ddbTool(t *tool) int {
	d, err := t.attach()
	if err != nil {
		return t.fail(err)
	}
	keep := true
	defer func() { d.Detach(keep) }()
	c := ddb.New(ddb.Config{Target: d, Cancel: t.gone, Reboot: func() { keep = false; t.askEnd() }})
	d.Halt("ddb")
	if len(t.args) > 0 {
		out, _ := c.Do(strings.Join(t.args, " "))
		fmt.Fprint(t.out, out)
		return 0
	}
	fmt.Fprint(t.out, c.Where())
	for {
		line, ok := t.ask("db> ")
		if !ok {
			return 0
		}
		out, err := c.Do(line)
		fmt.Fprint(t.out, out)
		if err != nil {
			return 0
		}
	}
}
