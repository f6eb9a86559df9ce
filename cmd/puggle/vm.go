package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"puggle/control"
)

func vmmapCmd() *cobra.Command {
	var name string
	var asJSON bool
	c := &cobra.Command{
		Use:   "vmmap PID",
		Short: "Show a process's address space",
		Long: `Vmmap shows the entries of a process's map: what kind, where, how much of it is
resident and dirty, protection now and at the most, and how it is shared: PRV
private, COW copied on write, ALI and SHM shared, NUL untouched. OBJECT is the
memory object's number, +n how many objects it shadows.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pid, err := pidArg(args[0])
			if err != nil {
				return err
			}
			var m control.VMMap
			if err := control.Call(name, "vmmap", control.PIDArgs{PID: pid}, &m); err != nil {
				return err
			}
			if asJSON {
				return printJSON(m)
			}
			fmt.Printf("Process: %s [%d]\n\n", printable(m.Comm), m.PID)
			w := table("REGION TYPE", "START - END", "VSIZE", "RSDNT", "DIRTY", "PRT/MAX", "SHRMOD", "OBJECT", "REGION DETAIL")
			type sum struct{ size, rss, dirty, n uint64 }
			sums := map[string]*sum{}
			var order []string
			for _, r := range m.Regions {
				obj := "-"
				if r.Object != 0 {
					obj = fmt.Sprint(r.Object)
					if r.Shadows > 0 {
						obj += fmt.Sprintf("+%d", r.Shadows)
					}
				}
				w.row(r.Tag, fmt.Sprintf("%012x-%012x", r.Start, r.End), sizeOf(r.End-r.Start), sizeOf(r.Resident), sizeOf(r.Dirty),
					r.Prot+"/"+r.Max, "SM="+r.Share, obj, printable(r.Path))
				s := sums[r.Tag]
				if s == nil {
					s = new(sum)
					sums[r.Tag] = s
					order = append(order, r.Tag)
				}
				s.size += r.End - r.Start
				s.rss += r.Resident
				s.dirty += r.Dirty
				s.n++
			}
			w.Flush()
			fmt.Println()
			w = table("REGION TYPE", "VSIZE", "RSDNT", "DIRTY", "COUNT")
			for _, t := range order {
				s := sums[t]
				w.row(t, sizeOf(s.size), sizeOf(s.rss), sizeOf(s.dirty), s.n)
			}
			w.Flush()
			fmt.Printf("\n%d faults, %d copies on write, %d pageins\n", m.Faults, m.Cow, m.Pageins)
			return nil
		},
	}
	nameFlag(c, &name)
	jsonFlag(c, &asJSON)
	return c
}

func vmStatCmd() *cobra.Command {
	var name string
	var asJSON bool
	c := &cobra.Command{
		Use:   "vm_stat",
		Short: "Show a machine's memory, in pages",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var v control.VMStat
			if err := control.Call(name, "vm_stat", nil, &v); err != nil {
				return err
			}
			if asJSON {
				return printJSON(v)
			}
			fmt.Printf("Mach Virtual Memory Statistics: (page size of %d bytes)\n", v.PageSize)
			w := table()
			for _, l := range []struct {
				name string
				n    uint64
			}{{"Pages free:", v.Free}, {"Pages resident:", v.Resident}, {"Pages in all:", v.Limit}, {"Pages wired down:", v.Wired},
				{"Pages mapped:", v.Mapped}, {"\"Translation faults\":", v.Faults}, {"Pages copy-on-write:", v.Cow}, {"Pageins:", v.Pageins},
				{"Pageouts:", v.Pageouts}, {"Pages inactive:", v.Inactive}, {"Pages reactivated:", v.Reactivations},
				{"Pages in paging files:", v.Out}, {"Paging files:", uint64(v.PagingFiles)}} {
				w.row(l.name, fmt.Sprintf("%12d", l.n))
			}
			w.Flush()
			fmt.Printf("The kernel's own: %s\n", sizeOf(v.Kernel))
			return nil
		},
	}
	nameFlag(c, &name)
	jsonFlag(c, &asJSON)
	return c
}

func zprintCmd() *cobra.Command {
	var name string
	var asJSON bool
	c := &cobra.Command{
		Use:   "zprint",
		Short: "Show how many objects of each kind the kernel has",
		Long: `Zprint shows the kernel's objects by kind, then the size classes of the heap in
which they are (kalloc.N). INUSE KB is their number times their size.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var l []control.Zone
			if err := control.Call(name, "zprint", nil, &l); err != nil {
				return err
			}
			if asJSON {
				return printJSON(l)
			}
			w := table("ZONE NAME", "ELEM SIZE", "INUSE", "INUSE KB", "ALLOCATED")
			for _, z := range l {
				total := "-"
				if z.Total > 0 {
					total = fmt.Sprint(z.Total)
				}
				w.row(z.Name, z.Size, z.InUse, (z.InUse*int64(z.Size)+1023)>>10, total)
			}
			return w.Flush()
		},
	}
	nameFlag(c, &name)
	jsonFlag(c, &asJSON)
	return c
}
