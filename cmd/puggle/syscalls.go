package main

import (
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"puggle/bsd/syscalls"
)

func syscallsCmd() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "syscalls",
		Short: "List the kernel calls: what is implemented, what partly, what not",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
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
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
