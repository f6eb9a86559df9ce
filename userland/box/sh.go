//go:build darwin

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// The shell is mvdan.cc/sh's, a bash of one process: subshells are copies in it,
// not children. What that lacks is here: exec that really executes (and the last
// command of -c, as bash does it), children in the background with their pid in
// $!, wait for them, traps of signals, kill and umask.
//
// What it does not have: redirections of descriptors above 2, job control, pids of
// compound commands in the background ($! is then a name that only wait knows).

func init() {
	register(map[string]tool{"sh": sh, "bash": sh, "zsh": sh, "dash": sh})
}

// shell is one run of it.
type shell struct {
	name        string
	r           *interp.Runner
	traps       traps
	kids        kids
	interactive bool
}

func sh(args []string) int {
	s := &shell{name: strings.TrimPrefix(filepath.Base(args[0]), "-")}
	var opts []string
	var command, fromStdin, interactive bool
	rest := args[1:]
	for len(rest) > 0 && len(rest[0]) > 1 && (rest[0][0] == '-' || rest[0][0] == '+') {
		a := rest[0]
		rest = rest[1:]
		if a == "--" {
			break
		}
		if strings.HasPrefix(a, "--") {
			continue // --login, --norc, --posix: there is nothing to leave out
		}
		letters := ""
		for _, c := range a[1:] {
			switch c {
			case 'c':
				command = true
			case 's':
				fromStdin = true
			case 'i':
				interactive = true
			case 'l', 'p', 'm', 'h', 'b', 'B':
			case 'o':
				if len(rest) == 0 {
					return s.usage("-o: option requires an argument")
				}
				opts, rest = append(opts, a[:1]+"o", rest[0]), rest[1:]
			default:
				letters += string(c)
			}
		}
		if letters != "" {
			opts = append(opts, a[:1]+letters)
		}
	}
	var text io.Reader
	zero := args[0]
	switch {
	case command:
		if len(rest) == 0 {
			return s.usage("-c: option requires an argument")
		}
		text, rest = strings.NewReader(rest[0]), rest[1:]
		if len(rest) > 0 {
			zero, rest = rest[0], rest[1:]
		}
	case !fromStdin && len(rest) > 0:
		zero = rest[0]
		f, err := os.Open(zero)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %s: %s\n", s.name, zero, reason(err))
			return 127
		}
		syscall.CloseOnExec(int(f.Fd()))
		text, rest = f, rest[1:]
	default:
		text = os.Stdin
		interactive = interactive || isTerminal(0) && isTerminal(2)
	}
	var err error
	s.r, err = interp.New(interp.Env(environment()), interp.StdIO(os.Stdin, os.Stdout, os.Stderr), interp.Params(append(append(opts, "--"), rest...)...),
		interp.CallHandler(s.call), interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return s.exec }))
	if err != nil {
		return s.usage(err.Error())
	}
	ctx := context.Background()
	if interactive && !command && text == os.Stdin {
		return s.repl(ctx)
	}
	f, err := syntax.NewParser().Parse(text, zero)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%v\n", err)
		return 2
	}
	if in, ok := text.(*os.File); ok && in != os.Stdin {
		in.Close()
	}
	prepare(f, command && len(opts) == 0)
	return s.status(s.r.Run(ctx, f))
}

func (s *shell) usage(text string) int {
	fmt.Fprintf(os.Stderr, "%s: %s\n", s.name, text)
	return 2
}

func (s *shell) status(err error) int {
	var st interp.ExitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &st):
		return int(st)
	}
	fmt.Fprintf(os.Stderr, "%s: %v\n", s.name, err)
	return 1
}

// Words that prepare puts before a command, for exec to find.
const (
	markExec = "\x01exec" // in place of the shell
	markBack = "\x01back" // in the background
)

// prepare marks in f what the interpreter leaves to us. With last, the script's
// last command, if it is simple, may take the place of the shell.
func prepare(f *syntax.File, last bool) {
	own := map[string]bool{} // names of functions
	syntax.Walk(f, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FuncDecl:
			if n.Name != nil {
				own[n.Name.Value] = true
			}
		case *syntax.Stmt:
			last = last && !n.Background
		case *syntax.CallExpr:
			if len(n.Args) > 0 {
				w := n.Args[0].Lit()
				last = last && w != "trap" && w != "set" && w != "alias"
			}
		}
		return true
	})
	external := func(st *syntax.Stmt) *syntax.CallExpr {
		c, ok := st.Cmd.(*syntax.CallExpr)
		if !ok || len(c.Args) == 0 {
			return nil
		}
		w := c.Args[0].Lit()
		if w == "" || own[w] || interp.IsBuiltin(w) && w != "kill" {
			return nil
		}
		return c
	}
	mark := func(c *syntax.CallExpr, at int, m string) {
		w := &syntax.Word{Parts: []syntax.WordPart{&syntax.Lit{Value: m, ValuePos: c.Pos(), ValueEnd: c.Pos()}}}
		c.Args = append(c.Args[:at:at], append([]*syntax.Word{w}, c.Args[at:]...)...)
	}
	if n := len(f.Stmts); last && n > 0 {
		st := f.Stmts[n-1]
		for {
			b, ok := st.Cmd.(*syntax.BinaryCmd)
			if !ok || st.Negated || len(st.Redirs) > 0 || b.Op != syntax.AndStmt && b.Op != syntax.OrStmt {
				break
			}
			st = b.Y
		}
		if c := external(st); c != nil && !st.Negated {
			mark(c, 0, markExec)
		}
	}
	// exec replaces the shell only where the shell itself would run it.
	var top func(n syntax.Node) bool
	top = func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Subshell, *syntax.CmdSubst, *syntax.ProcSubst, *syntax.FuncDecl:
			return false
		case *syntax.BinaryCmd:
			return n.Op == syntax.AndStmt || n.Op == syntax.OrStmt
		case *syntax.Stmt:
			return !n.Background
		case *syntax.CallExpr:
			if len(n.Args) > 1 && n.Args[0].Lit() == "exec" && !strings.HasPrefix(n.Args[1].Lit(), "-") {
				mark(n, 1, markExec)
			}
		}
		return true
	}
	syntax.Walk(f, top)
	syntax.Walk(f, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Stmt:
			if c := external(n); n.Background && c != nil && !n.Negated {
				n.Background = false
				mark(c, 0, markBack)
			}
		case *syntax.ParamExp:
			if n.Param != nil && n.Param.Value == "!" && n.Short {
				n.Short = false
				n.Param.Value = bgVar
				n.Exp = &syntax.Expansion{Op: syntax.DefaultUnset, Word: &syntax.Word{Parts: []syntax.WordPart{
					&syntax.ParamExp{Short: false, Param: &syntax.Lit{Value: "!"}}}}}
			}
		}
		return true
	})
}

// bgVar holds the pid of the last simple command in the background.
const bgVar = "_PUGGLE_BG"
