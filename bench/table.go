package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// render makes the table.
func render(results []result, boots []boot) string {
	var b strings.Builder
	b.WriteString("| what | native | here | ratio | goal | |\n|---|---:|---:|---:|---:|---|\n")
	for _, r := range results {
		what := r.what
		if r.note != "" {
			what += " (" + r.note + ")"
		}
		goal := ""
		if r.abs {
			goal = span(r.goal)
		} else if r.goal > 0 {
			goal = fmt.Sprintf("%g", r.goal)
		}
		if r.err != nil || r.native == 0 {
			fmt.Fprintf(&b, "| %s | %s | | | %s | did not run: %v |\n", what, span(r.native), goal, r.err)
			continue
		}
		met := verdict(r.ratio(), r.goal)
		if r.abs {
			met = verdict(r.here, r.goal)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %.2f | %s | %s |\n", what, span(r.native), span(r.here), r.ratio(), goal, met)
	}
	if len(boots) > 0 {
		var native, here, rss []float64
		for _, x := range boots {
			native, here, rss = append(native, float64(x.native)), append(here, float64(x.here)), append(rss, float64(x.rss))
		}
		n, h, m := median(native), median(here), median(rss)
		fmt.Fprintf(&b, "| `puggle run` of a small Go program, boot to exit | %s | %s | %.2f | 20 ms | %s |\n", span(n), span(h), h/n, verdict(h, 20e6))
		fmt.Fprintf(&b, "| memory of kernel and shell | | %.1f MB | | 40 MB | %s |\n", m/(1<<20), verdict(m, 40<<20))
	}
	return b.String()
}

func verdict(x, goal float64) string {
	switch {
	case goal == 0:
		return ""
	case x <= goal:
		return "met"
	}
	return "not met"
}

// span prints nanoseconds with three digits.
func span(ns float64) string {
	switch {
	case ns < 1e3:
		return fmt.Sprintf("%.3g ns", ns)
	case ns < 1e6:
		return fmt.Sprintf("%.3g µs", ns/1e3)
	}
	if ns < 1e9 {
		return fmt.Sprintf("%.3g ms", ns/1e6)
	}
	return fmt.Sprintf("%.3g s", ns/1e9)
}

// document is the whole of doc/performance.md.
func document(table string, rounds, ms int, load string) string {
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return fmt.Sprintf(`# Performance

One Go source built for linux and for darwin, run natively and under Puggle in
turn; medians of %d rounds of %d ms each. Goals are in multiples of native unless
they say otherwise. The time of a measurement's start-up does not count.

%s
Made by `+"`go run ./bench`"+` on %s: %s, %d CPUs, Linux %s, %s. The load average
before it began was %s; with other work on the machine, rows that cross between
processes are several times slower than on an idle one.

Rows marked C, and the C program, need clang-19 and ld64.lld-19. Not in the table: the standard
library's tests, which `+"`go run ./test/std`"+` and `+"`go run ./test/std -native`"+` time.
`, rounds, ms, table, time.Now().UTC().Format("2006-01-02"), cpuModel(), runtime.NumCPU(), strings.TrimSpace(string(release)), runtime.Version(), load)
}
