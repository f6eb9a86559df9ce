package kernel

import (
	"os"

	"puggle/bsd/kern"
	"puggle/mach/host"
	"puggle/mach/vm"
	"puggle/machine"
)

// pagedMachine is a machine whose memory has a default pager over it.
type pagedMachine struct {
	machine.Machine
	pager *vm.DefaultPager
}

func (m pagedMachine) Memory() machine.Memory { return m.pager }

// startPaging puts the default pager over physical memory when that is limited.
// Without a limit of its own, the machine leaves paging to the host.
func (s *System) startPaging() {
	if s.cfg.MemSize == 0 || s.cfg.Paging < 0 {
		return
	}
	most := uint64(s.cfg.Paging)
	if most == 0 {
		most = 2 * s.cfg.MemSize
	}
	if s.pager = vm.NewDefaultPager(s.trapm.Memory(), os.TempDir(), most); s.pager != nil {
		s.Machine = pagedMachine{s.trapm, s.pager}
	}
}

// pageOut is the page-out daemon's turn: above seven eighths of the limit it makes
// room down to three quarters. It says whether that went well; if not, and the
// limit is passed, somebody has to go.
func (s *System) pageOut(used, limit uint64) bool {
	high, low := limit-limit/8, limit-limit/4
	s.pager.SetTight(used > high)
	if used <= high {
		s.pager.Tidy()
		return false
	}
	freed, err := s.pager.Scan(used - low)
	if err != nil && freed == 0 || freed == 0 {
		s.pager.SetTight(false) // waiting would not help
		return false
	}
	return true
}

func (s *System) swapUsage() (total, used uint64) {
	if s.pager == nil {
		return 0, 0
	}
	i := s.pager.Info()
	return i.Total, i.Used
}

// memoryStatistics is what host_statistics tells: pages, and events of the
// processes that live.
func (s *System) memoryStatistics() host.Memory {
	mem := s.trapm.Memory()
	resident, limit := mem.Resident()/machine.PageSize, mem.Limit()/machine.PageSize
	m := host.Memory{Free: limit - min(resident, limit)}
	for _, p := range s.Procs.Procs() {
		mp := p.Map()
		if mp == nil || p.State() == kern.Zombie {
			continue
		}
		e := mp.Events()
		m.Faults += e.Faults
		m.CowFaults += e.CowFaults
		m.Pageins += e.Pageins
		m.Wired += mp.WiredSize() / machine.PageSize
	}
	if x := s.ext.made.Load(); x != nil {
		m.Wired += x.Task.Map.WiredSize() / machine.PageSize
	}
	if s.pager != nil {
		i := s.pager.Info()
		m.Inactive = i.Inactive
		m.Pageins += i.Pageins
		m.Pageouts, m.Swapins, m.Swapouts = i.Pageouts, i.Pageins, i.Pageouts
		m.Reactivations = i.Reactivations
		m.Purges = i.Purges
	}
	m.Wired = min(m.Wired, resident)
	m.Active = resident - min(resident, m.Wired+m.Inactive)
	return m
}
