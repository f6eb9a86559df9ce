package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func manCmd(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "man DIRECTORY",
		Short:   "Write manual pages for all commands",
		Example: "  puggle man ~/.local/share/man/man1",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			return manTree(root, args[0])
		},
	}
}

// manTree writes the page of c, and those of the commands below it.
func manTree(c *cobra.Command, dir string) error {
	if !c.IsAvailableCommand() && c.HasParent() {
		return nil
	}
	for _, sub := range c.Commands() {
		if err := manTree(sub, dir); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, manName(c)+".1"), manPage(c), 0o644)
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage is c's page, for man(7)'s macros. (Cobra's own generator goes by way of
// markdown, whose tables each start of the command would pay for.)
func manPage(c *cobra.Command) []byte {
	c.InitDefaultHelpCmd()
	c.InitDefaultHelpFlag()
	var b bytes.Buffer
	p := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	p(".TH %q 1 \"\" Puggle", strings.ToUpper(manName(c)))
	p(".SH NAME\n%s \\- %s", roff(manName(c)), roff(c.Short))
	p(".SH SYNOPSIS\n.nf\n%s\n.fi", roff(c.UseLine()))
	if c.Long != "" {
		p(".SH DESCRIPTION\n%s", strings.ReplaceAll(roff(strings.TrimSpace(c.Long)), "\n\n", "\n.PP\n"))
	}
	manFlags(p, "OPTIONS", c.NonInheritedFlags())
	manFlags(p, "OPTIONS OF ALL COMMANDS", c.InheritedFlags())
	if c.Example != "" {
		p(".SH EXAMPLES\n.nf\n%s\n.fi", roff(c.Example))
	}
	var see []string
	if c.HasParent() {
		see = append(see, manName(c.Parent()))
	}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			see = append(see, manName(sub))
		}
	}
	if len(see) > 0 {
		p(".SH SEE ALSO")
		for i, s := range see {
			comma := ","
			if i == len(see)-1 {
				comma = ""
			}
			p(".BR %s (1)%s", roff(s), comma)
		}
	}
	return b.Bytes()
}

func manFlags(p func(string, ...any), title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	p(".SH %s", title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Deprecated != "" {
			return
		}
		arg, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		p(".TP\n\\fB%s\\fP %s", roff(name), roff(arg))
		switch f.DefValue {
		case "", "false", "0", "[]":
			p("%s", roff(usage))
		default:
			p("%s (default %s)", roff(usage), roff(f.DefValue))
		}
	})
}

// roff makes s plain text: no escapes, no requests at the beginnings of lines.
func roff(s string) string {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\e`), "-", `\-`), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
