package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"puggle/bsd/syscalls"
	"puggle/iokit/server"
	"puggle/mach/mig"
)

func syscallsCmd() *cobra.Command {
	var asJSON, routines bool
	c := &cobra.Command{
		Use:   "syscalls",
		Short: "List the kernel calls: what is implemented, what partly, what not",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if routines {
				return migRoutines(asJSON)
			}
			if asJSON {
				return json.NewEncoder(os.Stdout).Encode(syscalls.Coverage())
			}
			w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "CLASS\tNUMBER\tNAME\tSTATUS\tNOTE")
			for _, r := range syscalls.Coverage() {
				fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\n", r.Class, r.Num, r.Name, r.Status, r.Note)
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&routines, "mig", false, "the routines of the kernel's MIG interfaces instead")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// migRoutines lists what the kernel serves by message, what it refuses, with the code
// that callers get, and what it answers with MIG_BAD_ID.
func migRoutines(asJSON bool) error {
	type line struct {
		ID     int32  `json:"id"`
		Name   string `json:"name"`
		Served bool   `json:"served"`
		Code   uint32 `json:"refused_with,omitempty"`
		Why    string `json:"refused_why,omitempty"`
	}
	var all []line
	for _, r := range mig.Coverage(server.New(server.Config{}).Subsystem()) {
		l := line{ID: r.ID, Name: r.Name, Served: r.Served}
		if r.Refused != nil {
			l.Code, l.Why = uint32(r.Refused.Code), r.Refused.Why
		}
		all = append(all, l)
	}
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(all)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tSERVED")
	served, refused := 0, 0
	for _, r := range all {
		answer := "no"
		switch {
		case r.Served:
			answer, served = "yes", served+1
		case r.Why != "":
			answer, refused = "refused with "+strconv.Itoa(int(int32(r.Code)))+": "+r.Why, refused+1
		}
		fmt.Fprintf(w, "%d\t%s\t%s\n", r.ID, r.Name, answer)
	}
	fmt.Fprintf(w, "\t%d of %d are served, %d refused\t\n", served, len(all), refused)
	return w.Flush()
}
