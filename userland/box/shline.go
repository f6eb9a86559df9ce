//go:build darwin

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/term"
	"mvdan.cc/sh/v3/syntax"
)

// repl reads commands from the terminal, with a line editor, until its end. The
// signals of the keyboard are for the commands, not for the shell; they can't be
// stopped, for there is no job control.
func (s *shell) repl(ctx context.Context) int {
	s.interactive = true
	ignoreSignal(syscall.SIGTSTP)
	drop := make(chan os.Signal, 8)
	signal.Notify(drop, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM) // caught, so that children get the default
	editor := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{os.Stdin, os.Stderr}, "")
	status, text := 0, ""
	for {
		prompt := "> "
		if text == "" {
			if prompt = "$ "; os.Geteuid() == 0 {
				prompt = "# "
			}
			prompt = s.name + prompt
		}
		line, err := s.readLine(editor, prompt)
		if err != nil {
			fmt.Fprintln(os.Stderr, "exit")
			return status
		}
		text += line + "\n"
		f, err := syntax.NewParser().Parse(strings.NewReader(text), s.name)
		if syntax.IsIncomplete(err) {
			continue
		}
		text = ""
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 2
			continue
		}
		prepare(f, false)
		for _, st := range f.Stmts {
			err := s.r.Run(ctx, st)
			status = s.status(err)
			if s.r.Exited() {
				return status
			}
		}
	}
}

func (s *shell) readLine(editor *term.Terminal, prompt string) (string, error) {
	if old, err := term.MakeRaw(0); err == nil {
		defer term.Restore(0, old)
		if w, h, err := term.GetSize(0); err == nil && w > 0 {
			editor.SetSize(w, h)
		}
	}
	editor.SetPrompt(prompt)
	return editor.ReadLine()
}
