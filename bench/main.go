package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	quick := flag.Bool("quick", false, "one short round")
	only := flag.String("run", "", "only rows that match `regexp`; the file is not written")
	rounds := flag.Int("rounds", 5, "how many rounds")
	ms := flag.Int("ms", 200, "how long each measurement takes, in milliseconds")
	out := flag.String("o", "doc/performance.md", "where to write the table; empty for nowhere")
	flag.Parse()
	if *quick {
		*rounds, *ms = 1, 20
	}
	if *quick || *only != "" {
		*out = ""
	}
	if err := run(*rounds, *ms, *only, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// programs are what is built and measured.
type programs struct {
	puggle, native, darwin, hello string
}

func build(dir string) (*programs, error) {
	p := &programs{filepath.Join(dir, "puggle"), filepath.Join(dir, "native"), filepath.Join(dir, "darwin"), filepath.Join(dir, "hello")}
	for _, b := range []struct {
		out, pkg string
		darwin   bool
	}{{p.puggle, "puggle/cmd/puggle", false}, {p.native, "puggle/bench/guest", false}, {p.darwin, "puggle/bench/guest", true}} {
		cmd := exec.Command("go", "build", "-o", b.out, b.pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if b.darwin {
			cmd.Env = append(cmd.Env, "GOOS=darwin", "GOARCH=amd64")
		}
		if o, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go build %s: %w\n%s", b.pkg, err, o)
		}
	}
	return p, nil
}

// limit is how long one measurement may take before it counts as hung.
const limit = 2 * time.Minute

// measure runs one workload and gives what it printed.
func measure(work string, ms int, cmdline ...string) (float64, error) {
	cmd := exec.Command(cmdline[0], append(cmdline[1:], work, strconv.Itoa(ms))...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	t := time.AfterFunc(limit, func() { cmd.Process.Kill() })
	defer t.Stop()
	if err := cmd.Wait(); err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return 0, fmt.Errorf("%w: %s", err, first)
	}
	return strconv.ParseFloat(strings.TrimSpace(stdout.String()), 64)
}

// result is a row with its medians.
type result struct {
	row
	native, here float64
	err          error
}

func (r result) ratio() float64 { return r.here / r.native }

func run(rounds, ms int, only, out string) error {
	re, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "puggle-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p, err := build(dir)
	if err != nil {
		return err
	}
	load := loadavg()
	native, here := map[string][]float64{}, map[string][]float64{}
	errs := map[string]error{}
	var boots []boot
	for round := range rounds {
		for _, r := range rows {
			if !re.MatchString(r.work) || errs[r.work] != nil {
				continue
			}
			fmt.Fprintf(os.Stderr, "\rround %d of %d: %-12s", round+1, rounds, r.work)
			n, err := measure(r.work, ms, p.native)
			if err != nil {
				return fmt.Errorf("%s natively: %w", r.work, err)
			}
			h, err := measure(r.work, ms, p.puggle, "run", p.darwin)
			if err != nil {
				errs[r.work] = err
				fmt.Fprintf(os.Stderr, "\n%s: %v\n", r.work, err)
				continue
			}
			native[r.work], here[r.work] = append(native[r.work], n), append(here[r.work], h)
		}
		if re.MatchString("boot") {
			for range 5 {
				b, err := measureBoot(p)
				if err != nil {
					return err
				}
				boots = append(boots, b)
			}
		}
	}
	fmt.Fprintln(os.Stderr)
	var results []result
	for _, r := range rows {
		if re.MatchString(r.work) {
			results = append(results, result{r, median(native[r.work]), median(here[r.work]), errs[r.work]})
		}
	}
	table := render(results, boots)
	fmt.Print(table)
	if out != "" {
		if err := os.WriteFile(out, []byte(document(table, rounds, ms, load)), 0o644); err != nil {
			return err
		}
	}
	if len(errs) > 0 {
		return errors.New("some rows did not run")
	}
	return nil
}

func median(l []float64) float64 {
	if len(l) == 0 {
		return 0
	}
	l = slices.Sorted(slices.Values(l))
	return l[len(l)/2]
}

func loadavg() string {
	b, _ := os.ReadFile("/proc/loadavg")
	f := strings.Fields(string(b))
	if len(f) == 0 {
		return "unknown"
	}
	return f[0]
}

func cpuModel() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
			return strings.TrimSpace(v)
		}
	}
	return runtime.GOARCH
}
