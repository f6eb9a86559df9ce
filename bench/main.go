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
	puggle, native, darwin string
	cNative, cDarwin       string
	cMach                  string // guest/c/mach.c, for darwin alone
	cErr                   error  // why there are no C programs
}

func build(dir string) (*programs, error) {
	in := func(name string) string { return filepath.Join(dir, name) }
	p := &programs{puggle: in("puggle"), native: in("native"), darwin: in("darwin"), cNative: in("cnative"), cDarwin: in("cdarwin"), cMach: in("cmach")}
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
	p.cErr = buildC(p, in("c.o"))
	return p, nil
}

// buildC builds the C programs, each for its system.
func buildC(p *programs, obj string) error {
	const src, mach = "bench/guest/c/c.c", "bench/guest/c/mach.c"
	compile := func(src string) []string {
		return []string{"clang-19", "-target", "x86_64-apple-macos10.15", "-nostdlibinc", "-isystem", "sdk/include", "-O2", "-c", src, "-o", obj}
	}
	link := func(out string) []string {
		return []string{"ld64.lld-19", "-arch", "x86_64", "-platform_version", "macos", "10.15", "10.15", "-o", out, obj,
			"libsystem/lib/libSystem.B.dylib"}
	}
	for _, c := range [][]string{
		{"clang-19", "-O2", "-static", "-pthread", src, "-o", p.cNative},
		compile(src), link(p.cDarwin), compile(mach), link(p.cMach),
	} {
		if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w %s", c[0], err, bytes.TrimSpace(out))
		}
	}
	return nil
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
	if p.cErr != nil {
		fmt.Fprintln(os.Stderr, "bench: without the rows in C:", p.cErr)
	}
	load := loadavg()
	native, here := map[string][]float64{}, map[string][]float64{}
	errs := map[string]error{}
	var boots []boot
	var kernel []kernelCode
	mach := machTimes{}
	for round := range rounds {
		for _, r := range rows {
			if !re.MatchString(r.work) || errs[r.work] != nil {
				continue
			}
			if r.many > 0 && round > 0 || r.c && p.cErr != nil {
				continue
			}
			fmt.Fprintf(os.Stderr, "\rround %d of %d: %-12s", round+1, rounds, r.work)
			host, darwin, arg := p.native, p.darwin, ms
			if r.c {
				host, darwin = p.cNative, p.cDarwin
			}
			if r.many > 0 {
				arg = min(r.many, r.many*ms/100) // so -quick makes do with fewer
			}
			n, err := measure(r.work, arg, host)
			if err != nil {
				return fmt.Errorf("%s natively: %w", r.work, err)
			}
			h, err := measure(r.work, arg, p.puggle, "run", darwin)
			if err != nil {
				errs[r.work] = err
				fmt.Fprintf(os.Stderr, "\n%s: %v\n", r.work, err)
				continue
			}
			native[r.work], here[r.work] = append(native[r.work], n), append(here[r.work], h)
		}
		if re.MatchString("mach") && p.cErr == nil {
			if err := mach.measure(p, ms); err != nil {
				return err
			}
		}
		if re.MatchString("kext") && os.Getuid() == 0 { // only root loads extensions
			k, err := measureKernelCode(p, dir, ms)
			if err != nil {
				return err
			}
			kernel = append(kernel, k)
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
		if re.MatchString(r.work) && len(native[r.work]) > 0 {
			results = append(results, result{r, median(native[r.work]), median(here[r.work]), errs[r.work]})
		}
	}
	table := render(results, boots)
	if len(mach) > 0 {
		table += mach.render()
	}
	if len(kernel) > 0 {
		table += renderKernelCode(kernel)
	}
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
