package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"sort"
	"strings"
	"syscall"
	"time"
)

// A result is what became of one package.
type result struct {
	Package    string
	State      string // pass, fail, hang (ended from outside), build (did not build)
	Seconds    float64
	Failed     []string `json:",omitempty"` // tests, without subtests
	Unfinished []string `json:",omitempty"` // tests that were running at the end
	Regression bool     `json:",omitempty"` // the list says that it passes
	Unexpected bool     `json:",omitempty"` // the list says that it does not
	Known      string   `json:",omitempty"` // the list's reason

	out []string // output in order
}

// Bounds on what is kept of one package's output.
const (
	maxLines = 20000
	maxWidth = 500 // bytes of a line
)

// event is a line of go test -json.
type event struct {
	Action  string
	Test    string
	Output  string
	Elapsed float64
}

// test runs one package. The clock for a hang starts when its test binary does.
func test(o *options, env []string, pkg string) *result {
	r := &result{Package: pkg, State: "build"}
	args := []string{"test", "-json", "-vet=off", "-count=1", "-timeout=" + o.timeout.String()}
	if o.short {
		args = append(args, "-short")
	}
	if o.run != "" {
		args = append(args, "-run="+o.run)
	}
	if o.skip != "" {
		args = append(args, "-skip="+o.skip)
	}
	if o.gocache != "" {
		// The guest's go command would look for its cache where a Mac has it.
		args = append(args, fmt.Sprintf("-exec=env 'GOCACHE=%s' go_darwin_amd64_exec", o.gocache))
	}
	cmd := exec.Command("go", append(args, pkg)...)
	cmd.Env = env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	pipe, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.out = []string{err.Error()}
		return r
	}
	var end *time.Timer
	hung := make(chan struct{})
	running := map[string]bool{}
	begun := time.Now()
	sc := bufio.NewScanner(pipe)
	sc.Buffer(nil, 16<<20)
	for sc.Scan() {
		var e event
		if json.Unmarshal(sc.Bytes(), &e) != nil {
			r.add(sc.Text())
			continue
		}
		switch e.Action {
		case "start":
			begun, r.State = time.Now(), "fail"
			end = time.AfterFunc(o.timeout+30*time.Second, func() {
				close(hung)
				syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			})
		case "run":
			running[e.Test] = true
		case "output":
			r.add(strings.TrimRight(e.Output, "\n"))
		case "build-output":
			r.add(strings.TrimRight(e.Output, "\n"))
		case "pass", "skip":
			delete(running, e.Test)
			if e.Test == "" {
				r.State = "pass"
			}
		case "fail":
			delete(running, e.Test)
			if e.Test != "" && !strings.Contains(e.Test, "/") {
				r.Failed = append(r.Failed, e.Test)
			}
		}
	}
	err = cmd.Wait()
	if end != nil {
		end.Stop()
	}
	r.Seconds = time.Since(begun).Seconds()
	select {
	case <-hung:
		r.State = "hang"
	default:
		if err != nil && r.State == "pass" {
			r.State = "fail"
		}
	}
	if stderr.Len() > 0 {
		for l := range strings.Lines(stderr.String()) {
			r.add(strings.TrimRight(l, "\n"))
		}
	}
	for t := range running {
		if t != "" && !hasSubtest(running, t) {
			r.Unfinished = append(r.Unfinished, t)
		}
	}
	sort.Strings(r.Unfinished)
	return r
}

func hasSubtest(running map[string]bool, t string) bool {
	for o := range running {
		if strings.HasPrefix(o, t+"/") {
			return true
		}
	}
	return false
}

func (r *result) add(line string) {
	line = strings.Map(func(c rune) rune {
		if c < ' ' && c != '\t' || c == 0x7f {
			return -1
		}
		return c
	}, line)
	if len(line) > maxWidth {
		line = line[:maxWidth] + "..."
	}
	if len(r.out) < maxLines {
		r.out = append(r.out, line)
	}
}

// note is the last column of the table.
func (r *result) note() string {
	var s []string
	if len(r.Failed) > 0 {
		s = append(s, abbreviate(r.Failed, 6))
	}
	if len(r.Unfinished) > 0 && r.State != "pass" {
		s = append(s, "while running "+abbreviate(r.Unfinished, 3))
	}
	if r.State != "pass" && len(s) == 0 && len(r.out) > 0 {
		if x := r.excerpt(1); len(x) > 0 {
			s = append(s, strings.TrimSpace(x[0]))
		}
	}
	switch {
	case r.Regression:
		s = append(s, "REGRESSION")
	case r.Unexpected:
		s = append(s, "(expected to fail)")
	case r.Known != "":
		s = append(s, "(known: "+r.Known+")")
	}
	return strings.Join(s, "; ")
}

func abbreviate(l []string, n int) string {
	if len(l) <= n {
		return strings.Join(l, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(l[:n], " "), len(l)-n)
}

// excerpt is the part of the output that says what went wrong: from the first
// line that looks like it.
func (r *result) excerpt(n int) []string {
	var l []string
	for _, line := range r.out {
		t := strings.TrimSpace(line)
		if t == "" || strings.HasPrefix(t, "=== ") || strings.HasPrefix(t, "--- PASS") || strings.HasPrefix(t, "--- SKIP") || t == "PASS" {
			continue
		}
		l = append(l, line)
	}
	for _, marks := range [][]string{{"panic:", "fatal error:", "puggle:", "dyld:", "SIG"}, {"--- FAIL", "FAIL\t", "exit status"}} {
		for i, line := range l {
			t := strings.TrimSpace(line)
			for _, mark := range marks {
				if strings.HasPrefix(t, mark) {
					from := i
					if mark == "--- FAIL" { // what was said comes before the verdict
						from = max(0, i-n/2)
					}
					return l[from:min(len(l), from+n)]
				}
			}
		}
	}
	return l[max(0, len(l)-n):]
}
