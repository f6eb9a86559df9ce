package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"puggle/toolchain"
)

type options struct {
	short, asJSON, verbose, native, update, toolchain bool
	run, skip, only, except, list                     string
	gocache, path                                     string // for guests
	timeout                                           time.Duration
	parallel, lines                                   int
}

func main() {
	var o options
	flag.BoolVar(&o.short, "short", true, "give go test -short")
	flag.StringVar(&o.run, "run", "", "run only tests that match `regexp`")
	flag.StringVar(&o.skip, "skip", "", "skip tests that match `regexp`")
	flag.StringVar(&o.only, "only", "", "take only packages that match `regexp`")
	flag.StringVar(&o.except, "except", "", "leave out packages that match `regexp`")
	flag.BoolVar(&o.asJSON, "json", false, "print one JSON object for each package")
	flag.BoolVar(&o.verbose, "v", false, "print the output of packages that failed, whole")
	flag.IntVar(&o.lines, "lines", 12, "print so many `lines` of each failure at the end")
	flag.BoolVar(&o.native, "native", false, "run natively on this host instead, and compare with nothing")
	flag.BoolVar(&o.toolchain, "toolchain", true, "give guests a go command of their own, built for darwin")
	flag.BoolVar(&o.update, "update", false, "write what happened to the list")
	flag.StringVar(&o.list, "list", "", "the list of expectations (default expected.tsv beside this program)")
	flag.DurationVar(&o.timeout, "timeout", 0, "time for one package (default 3m with -short, else 10m)")
	flag.IntVar(&o.parallel, "p", 1, "run so many packages at a time")
	flag.Parse()
	if o.timeout == 0 {
		o.timeout = 10 * time.Minute
		if o.short {
			o.timeout = 3 * time.Minute
		}
	}
	code, err := run(&o, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "test/std:", err)
		code = 2
	}
	os.Exit(code)
}

// run runs the packages and gives the exit status.
func run(o *options, patterns []string) (int, error) {
	if o.list == "" {
		dir, err := goOutput(nil, "list", "-f", "{{.Dir}}", "puggle/test/std")
		if err != nil {
			return 0, err
		}
		o.list = filepath.Join(strings.TrimSpace(dir), "expected.tsv")
	}
	want, err := readList(o.list)
	if err != nil {
		return 0, err
	}
	tmp, err := os.MkdirTemp("", "puggle-std")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(tmp)
	env := os.Environ()
	if !o.native {
		if _, err := goOutput(nil, "build", "-o", tmp+"/", "puggle/cmd/go_darwin_amd64_exec"); err != nil {
			return 0, err
		}
		if o.toolchain {
			if _, err = toolchain.Build(func(root string) {
				fmt.Fprintln(os.Stderr, "test/std: building a Go toolchain for the guests, in", root)
			}); err != nil {
				return 0, err
			}
			cache, err := goOutput(nil, "env", "GOCACHE")
			if err != nil {
				return 0, err
			}
			o.gocache = strings.TrimSpace(cache)
		}
		o.path = tmp + ":" + os.Getenv("PATH")
		env = append(env, "PATH="+o.path, "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0")
	}
	pkgs, err := packages(o, env, patterns)
	if err != nil {
		return 0, err
	}

	start := time.Now()
	results := make([]*result, len(pkgs))
	var mu sync.Mutex
	var wg sync.WaitGroup
	next, done := 0, 0
	for range max(1, o.parallel) {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= len(pkgs) {
					return
				}
				r := test(o, env, pkgs[i])
				r.judge(want[r.Package], o)
				mu.Lock()
				results[i] = r
				done++
				report(o, r, done, len(pkgs))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	bad := summary(o, results, time.Since(start))
	if o.update && !o.native && o.run == "" && o.skip == "" {
		for _, r := range results {
			want.set(r, o.short)
		}
		if err := want.write(o.list); err != nil {
			return 0, err
		}
	}
	if bad > 0 && !o.native {
		return 1, nil
	}
	return 0, nil
}

// packages expands patterns ("std" if there are none) to the packages with tests.
func packages(o *options, env, patterns []string) ([]string, error) {
	if len(patterns) == 0 {
		patterns = []string{"std"}
	}
	only, err := regexp.Compile(o.only)
	if err != nil {
		return nil, err
	}
	var except *regexp.Regexp
	if o.except != "" {
		if except, err = regexp.Compile(o.except); err != nil {
			return nil, err
		}
	}
	args := append([]string{"list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}"}, patterns...)
	out, err := goOutput(env, args...)
	if err != nil {
		return nil, err
	}
	var l []string
	for _, p := range strings.Fields(out) {
		if only.MatchString(p) && (except == nil || !except.MatchString(p)) {
			l = append(l, p)
		}
	}
	if len(l) == 0 {
		return nil, fmt.Errorf("no packages with tests match")
	}
	return l, nil
}

func goOutput(env []string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Env = env
	out, err := cmd.Output()
	if ee, ok := err.(*exec.ExitError); ok {
		return "", fmt.Errorf("go %s: %s", args[0], strings.TrimSpace(string(ee.Stderr)))
	}
	return string(out), err
}

// report tells of one package as soon as it is done.
func report(o *options, r *result, n, of int) {
	if o.asJSON {
		json.NewEncoder(os.Stdout).Encode(r)
		return
	}
	line := fmt.Sprintf("[%*d/%d] %-5s %-38s %7.2fs", len(fmt.Sprint(of)), n, of, r.State, r.Package, r.Seconds)
	if note := r.note(); note != "" {
		line += "  " + note
	}
	fmt.Println(line)
	if o.verbose && r.State != "pass" {
		fmt.Println(strings.Join(r.out, "\n"))
	}
}

// summary prints what failed and how, then one line, and gives the number of
// regressions.
func summary(o *options, results []*result, took time.Duration) int {
	count := map[string]int{}
	var regressed, better []string
	var secs float64
	for _, r := range results {
		count[r.State]++
		secs += r.Seconds
		if r.Regression {
			regressed = append(regressed, r.Package)
		}
		if r.Unexpected {
			better = append(better, r.Package)
		}
		if r.State != "pass" && !o.asJSON && o.lines > 0 {
			fmt.Printf("\n--- %s: %s\n", r.State, r.Package)
			for _, l := range r.excerpt(o.lines) {
				fmt.Println("    " + l)
			}
		}
	}
	w := os.Stdout
	if o.asJSON {
		w = os.Stderr
	}
	fmt.Fprintln(w)
	if len(better) > 0 && !o.native {
		fmt.Fprintln(w, "pass now, though the list says fail:", strings.Join(better, " "))
	}
	if len(regressed) > 0 && !o.native {
		fmt.Fprintln(w, "regressions:", strings.Join(regressed, " "))
	}
	verdict := "ok"
	if len(regressed) > 0 && !o.native {
		verdict = "FAIL"
	}
	fmt.Fprintf(w, "%s\tstd: %d packages, %d pass, %d fail, %d hang, %d did not build; %d regressions; %.1fs in tests, %.1fs in all\n",
		verdict, len(results), count["pass"], count["fail"], count["hang"], count["build"], len(regressed), secs, took.Seconds())
	return len(regressed)
}
