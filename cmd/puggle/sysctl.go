package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"puggle/control"
)

func sysctlCmd() *cobra.Command {
	var name string
	var asJSON, all, write, quiet, descr bool
	c := &cobra.Command{
		Use:   "sysctl [-a] [NAME[=VALUE]...]",
		Short: "Show and set the values of a machine's sysctl tree",
		Example: `  puggle sysctl kern.ostype hw
  puggle sysctl -w kern.maxfiles=20000
  puggle sysctl -ad                    every value, with what it means`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && !all {
				return errors.New("which value? (puggle sysctl -a shows all)")
			}
			if all {
				args = []string{""}
			}
			list := []control.SysctlValue{}
			for _, a := range args {
				n, v, set := strings.Cut(a, "=")
				if write && !set {
					return fmt.Errorf("%s: to what? (NAME=VALUE)", a)
				}
				req := control.SysctlArgs{Names: []string{n}}
				if n == "" {
					req.Names = nil
				}
				if set {
					req.Set = &v
				}
				var l []control.SysctlValue
				if err := control.Call(name, "sysctl", req, &l); err != nil {
					return err
				}
				list = append(list, l...)
			}
			if asJSON {
				return printJSON(list)
			}
			for _, v := range list {
				val := v.Value
				if v.Error != "" {
					val = "(" + v.Error + ")"
				}
				lines := strings.Split(strings.TrimSuffix(val, "\n"), "\n")
				for i := range lines {
					lines[i] = printable(lines[i])
				}
				if val = strings.Join(lines, "\n"); len(lines) > 1 && !quiet { // indented: none passes for another value
					val = strings.Join(append([]string{""}, lines...), "\n\t")
				}
				switch {
				case quiet:
					fmt.Println(val)
				case descr:
					fmt.Printf("%s: %s  [%s] %s\n", v.Name, val, v.Type, v.Descr)
				default:
					fmt.Printf("%s: %s\n", v.Name, val)
				}
			}
			return nil
		},
	}
	nameFlag(c, &name)
	jsonFlag(c, &asJSON)
	c.Flags().BoolVarP(&all, "all", "a", false, "all values")
	c.Flags().BoolVarP(&write, "write", "w", false, "set values (NAME=VALUE sets without it, too)")
	c.Flags().BoolVar(&quiet, "value", false, "the value alone")
	c.Flags().BoolVarP(&descr, "describe", "d", false, "also the type and what it means")
	return c
}
