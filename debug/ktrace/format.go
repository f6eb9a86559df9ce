package ktrace

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"text/tabwriter"
	"time"
)

// Style says how a line looks.
type Style struct {
	Procs bool // begin with pid/tid
	Times bool // then the time of day
	Took  bool // end with the duration
}

// Format makes the line's text.
func (s Style) Format(l Line) string {
	var b strings.Builder
	if s.Procs {
		fmt.Fprintf(&b, "%d/%d ", l.PID, l.TID)
	}
	if s.Times {
		b.WriteString(l.Time.Format("15:04:05.000000 "))
	}
	b.WriteString(l.Call)
	b.WriteByte('(')
	b.WriteString(strings.Join(l.Args, ", "))
	b.WriteString(") = ")
	b.WriteString(l.Result)
	if l.Errno != "" {
		b.WriteByte(' ')
		b.WriteString(l.Errno)
	}
	if s.Took {
		fmt.Fprintf(&b, " <%.6f>", l.Duration.Seconds())
	}
	return b.String()
}

// Summary writes the table of -c: the calls that took longest come first.
func Summary(w io.Writer, counts []Count) error {
	sort.Slice(counts, func(i, j int) bool {
		if counts[i].Time != counts[j].Time {
			return counts[i].Time > counts[j].Time
		}
		return counts[i].Call < counts[j].Call
	})
	var all Count
	for _, c := range counts {
		all.Calls += c.Calls
		all.Errors += c.Errors
		all.Time += c.Time
	}
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "% time\tseconds\tusecs/call\tcalls\terrors\t  call")
	for _, c := range counts {
		share := 0.0
		if all.Time > 0 {
			share = 100 * float64(c.Time) / float64(all.Time)
		}
		fmt.Fprintf(tw, "%.2f\t%.6f\t%.1f\t%d\t%d\t  %s\n", share, c.Time.Seconds(),
			float64(c.Time)/float64(time.Microsecond)/float64(c.Calls), c.Calls, c.Errors, c.Call)
	}
	fmt.Fprintf(tw, "100.00\t%.6f\t\t%d\t%d\t  total\n", all.Time.Seconds(), all.Calls, all.Errors)
	return tw.Flush()
}
