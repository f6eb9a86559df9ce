package main

import (
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"puggle/bsd/syscalls"
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

// migRoutines lists what the kernel serves by message, and what it answers with
// MIG_BAD_ID.
func migRoutines(asJSON bool) error {
	type line struct {
		ID     int32  `json:"id"`
		Name   string `json:"name"`
		Served bool   `json:"served"`
	}
	var all []line
	for _, r := range mig.Coverage() {
		all = append(all, line{r.ID, r.Name, r.Served})
	}
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(all)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tSERVED")
	served := 0
	for _, r := range all {
		answer := "no"
		if r.Served {
			answer, served = "yes", served+1
		}
		fmt.Fprintf(w, "%d\t%s\t%s\n", r.ID, r.Name, answer)
	}
	fmt.Fprintf(w, "\t%d of %d are served\t\n", served, len(all))
	return w.Flush()
}
