package task

import (
	"puggle/abi"
	"puggle/mach/sched"
)

// Role is a task's role, TASK_CATEGORY_POLICY (003 ch. 8, table 8-3;
// <mach/task_policy.h>).
type Role int32

const (
	RoleReniced       Role = -1 // set by nice, not by task_policy_set
	RoleUnspecified   Role = 0
	RoleForeground    Role = 1
	RoleBackground    Role = 2
	RoleControl       Role = 3 // one task at a time
	RoleGraphics      Role = 4 // one task at a time
	RoleThrottle      Role = 5
	RoleNonUI         Role = 6
	RoleDefaultApp    Role = 7
	RoleDarwinBG      Role = 8
	basePriThrottle        = 4
	basePriNonUI           = 31
	basePriForeground      = sched.BasePriForegrnd
)

// rolePriority is the task priority that goes with a role.
var rolePriority = map[Role]int{
	RoleUnspecified: sched.BasePriDefault, RoleForeground: basePriForeground, RoleBackground: sched.BasePriDefault,
	RoleControl: sched.BasePriControl, RoleGraphics: sched.BasePriControl,
	RoleThrottle: basePriThrottle, RoleNonUI: basePriNonUI, RoleDefaultApp: sched.BasePriDefault, RoleDarwinBG: basePriThrottle,
}

// policy is how a task's threads compete, as a whole; Task.mu guards it.
type policy struct {
	role Role
	nice int
	base int // 0: BasePriDefault
	set  *sched.ProcessorSet
	qos  TaskQoS
}

// SetRole gives the task a role. KERN_INVALID_ARGUMENT for one that there is
// not, that only nice can set, or that another task has which can be had once.
func (t *Task) SetRole(r Role) KernReturn {
	base, ok := rolePriority[r]
	if !ok {
		return abi.KERN_INVALID_ARGUMENT
	}
	if r == RoleControl || r == RoleGraphics {
		if !t.sys.claim(t, r) {
			return abi.KERN_INVALID_ARGUMENT
		}
	}
	t.mu.Lock()
	old := t.policy.role
	t.policy.role = r
	t.mu.Unlock()
	if old != r {
		t.sys.unclaim(t, old)
	}
	t.setPriority(base)
	return abi.KERN_SUCCESS
}

// Role is the task's role.
func (t *Task) Role() Role {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.policy.role
}

// SetNice follows a nice value (-20 to 20): the importance of the task. A task
// with a role that is given once keeps it.
func (t *Task) SetNice(n int) {
	t.mu.Lock()
	t.policy.nice = n
	r := t.policy.role
	if r < RoleControl {
		t.policy.role = RoleReniced
		if n == 0 {
			t.policy.role = RoleUnspecified
		}
	}
	t.mu.Unlock()
	if r < RoleControl {
		t.setPriority(sched.BasePriDefault - n)
	}
}

// Priority is the task's, which its threads' importance is relative to.
func (t *Task) Priority() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.policy.priority()
}

func (p *policy) priority() int {
	if p.base == 0 {
		return sched.BasePriDefault
	}
	return p.base
}

// SetPriority is task_policy's base priority; the limit is the user's band.
func (t *Task) SetPriority(base int) { t.setPriority(min(max(base, 1), sched.MaxPriUser)) }

func (t *Task) setPriority(base int) {
	t.mu.Lock()
	t.policy.base = base
	t.mu.Unlock()
	for _, th := range t.Threads() {
		th.SetTaskPriority(base, sched.MaxPriUser)
	}
}

// InheritPolicy gives a new task its parent's priority, processor set and role,
// without those that only one task can have.
func (t *Task) InheritPolicy(parent *Task) {
	parent.mu.Lock()
	p := parent.policy
	parent.mu.Unlock()
	if p.role == RoleControl || p.role == RoleGraphics {
		p.role, p.base = RoleUnspecified, 0
	}
	t.mu.Lock()
	t.policy = p
	t.mu.Unlock()
	for _, th := range t.Threads() {
		th.SetTaskPriority(p.priority(), sched.MaxPriUser)
		if p.set != nil {
			th.Assign(p.set)
		}
	}
}

// Assign gives the task a processor set: its new threads start there, and those
// it has move there if threads. KERN_INVALID_ARGUMENT if it has no processor.
func (t *Task) Assign(s *sched.ProcessorSet, threads bool) KernReturn {
	if s.Count() == 0 {
		return abi.KERN_INVALID_ARGUMENT
	}
	t.mu.Lock()
	t.policy.set = s
	t.mu.Unlock()
	if !threads {
		return abi.KERN_SUCCESS
	}
	for _, th := range t.Threads() {
		if th.Assign(s) != nil {
			return abi.KERN_INVALID_ARGUMENT
		}
	}
	return abi.KERN_SUCCESS
}

// Assigned is the task's processor set.
func (t *Task) Assigned() *sched.ProcessorSet {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.policy.set == nil {
		return t.sys.Processors
	}
	return t.policy.set
}

// claim gives a role to the first task that asks.
func (s *System) claim(t *Task, r Role) bool {
	s.roleMu.Lock()
	defer s.roleMu.Unlock()
	if h := s.roles[r]; h != nil && h != t {
		return false
	}
	if s.roles == nil {
		s.roles = map[Role]*Task{}
	}
	s.roles[r] = t
	return true
}

func (s *System) unclaim(t *Task, r Role) {
	s.roleMu.Lock()
	defer s.roleMu.Unlock()
	if s.roles[r] == t {
		delete(s.roles, r)
	}
}

// EndPolicy lets others have the task's roles, when it has ended.
func (t *Task) EndPolicy() {
	t.sys.unclaim(t, RoleControl)
	t.sys.unclaim(t, RoleGraphics)
}
