package mig

import (
	"slices"
	"testing"

	"puggle/abi"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/mach/task"
)

// What is set is what is got; the defaults are told apart; too little room, too
// few words and impossible contracts are refused.
func TestThreadPolicy(t *testing.T) {
	w := newWorld(t)
	th := w.th.SelfPort()
	get := func(flavor uint32, room int, def bool) ([]int32, bool, abi.KernReturn) {
		return ThreadPolicyGet(w.cl, th, flavor, room, def)
	}
	info, def, kr := get(THREAD_TIME_CONSTRAINT_POLICY, 4, false)
	must(t, "get without a contract", kr)
	if !def || !slices.Equal(info, []int32{0, 5e6, 10e6, 1}) {
		t.Errorf("%v, default %v", info, def)
	}
	sets := []struct {
		flavor uint32
		words  []int32
		def    []int32
	}{
		{THREAD_EXTENDED_POLICY, []int32{0}, []int32{1}},
		{THREAD_PRECEDENCE_POLICY, []int32{-7}, []int32{0}},
		{THREAD_AFFINITY_POLICY, []int32{42}, []int32{0}},
		{THREAD_TIME_CONSTRAINT_POLICY, []int32{20e6, 3e6, 8e6, 0}, []int32{0, 5e6, 10e6, 1}},
	}
	for _, s := range sets {
		must(t, "set", ThreadPolicySet(w.cl, th, s.flavor, s.words))
		info, def, kr := get(s.flavor, 16, false)
		must(t, "get", kr)
		if def || !slices.Equal(info, s.words) {
			t.Errorf("flavour %d: %v, default %v; set %v", s.flavor, info, def, s.words)
		}
		info, def, kr = get(s.flavor, 16, true)
		must(t, "get default", kr)
		if !def || !slices.Equal(info, s.def) {
			t.Errorf("flavour %d: %v by default", s.flavor, info)
		}
		if info, _, kr = get(s.flavor, 0, false); kr != 0 || len(info) != 0 {
			t.Errorf("flavour %d without room: %v, %d", s.flavor, info, kr)
		}
	}
	if st := w.th.Status(); st.Base != sched.BasePriRTQueue || st.Policy != sched.RealTime {
		t.Errorf("a real-time thread stands at %+v", st)
	}
	// The importance of before has survived the change of policy.
	must(t, "standard", ThreadPolicySet(w.cl, th, THREAD_EXTENDED_POLICY, nil))
	if st := w.th.Status(); st.Base != sched.BasePriDefault-7 || st.Policy != sched.TimeShare {
		t.Errorf("after the standard policy: %+v", st)
	}
	for _, bad := range []struct {
		flavor uint32
		words  []int32
		want   abi.KernReturn
	}{
		{THREAD_TIME_CONSTRAINT_POLICY, []int32{1, 2, 3}, abi.KERN_INVALID_ARGUMENT},
		{THREAD_TIME_CONSTRAINT_POLICY, []int32{20e6, 8e6, 3e6, 1}, abi.KERN_INVALID_ARGUMENT},
		{THREAD_TIME_CONSTRAINT_POLICY, []int32{20e6, 60e6, 70e6, 1}, abi.KERN_INVALID_ARGUMENT},
		{THREAD_TIME_CONSTRAINT_POLICY, []int32{20e6, 1e3, 70e6, 1}, abi.KERN_INVALID_ARGUMENT},
		{THREAD_PRECEDENCE_POLICY, nil, abi.KERN_INVALID_ARGUMENT},
		{THREAD_AFFINITY_POLICY, nil, abi.KERN_INVALID_ARGUMENT},
		{THREAD_QOS_POLICY, []int32{7, 0}, abi.KERN_INVALID_ARGUMENT},
		{THREAD_QOS_POLICY, []int32{5, 1}, abi.KERN_INVALID_ARGUMENT},
		{THREAD_QOS_POLICY, []int32{5, -16}, abi.KERN_INVALID_ARGUMENT},
		{THREAD_QOS_POLICY, []int32{0, -1}, abi.KERN_INVALID_ARGUMENT},
		{THREAD_QOS_POLICY, []int32{5}, abi.KERN_INVALID_ARGUMENT},
		{THREAD_LATENCY_QOS_POLICY, []int32{1}, abi.KERN_INVALID_ARGUMENT},
		{THREAD_LATENCY_QOS_POLICY, []int32{0xff<<16 | 7}, abi.KERN_INVALID_ARGUMENT},
		{THREAD_THROUGHPUT_QOS_POLICY, []int32{0xff<<16 | 1}, abi.KERN_INVALID_ARGUMENT},
		{6, []int32{1}, abi.KERN_INVALID_ARGUMENT},
		{99, []int32{1}, abi.KERN_INVALID_ARGUMENT},
	} {
		if kr := ThreadPolicySet(w.cl, th, bad.flavor, bad.words); kr != bad.want {
			t.Errorf("flavour %d %v: %d", bad.flavor, bad.words, kr)
		}
	}
	if _, _, kr = get(THREAD_TIME_CONSTRAINT_POLICY, 3, false); kr != abi.KERN_INVALID_ARGUMENT {
		t.Errorf("too little room: %d", kr)
	}
}

// The older calls, which pthread_setschedparam makes, reach 0 to 63.
func TestOldThreadPolicy(t *testing.T) {
	w := newWorld(t)
	th := w.th.SelfPort()
	for _, c := range []struct {
		policy int32
		base   []int32
		want   int
		flavor int32
		words  int
	}{
		{POLICY_RR, []int32{40, 20}, 40, THREAD_SCHED_RR_INFO, 5},
		{POLICY_FIFO, []int32{12}, 12, THREAD_SCHED_FIFO_INFO, 4},
		{POLICY_TIMESHARE, []int32{99}, 63, THREAD_SCHED_TIMESHARE_INFO, 5},
	} {
		must(t, "set", ThreadPolicy(w.cl, th, c.policy, c.base, true))
		if st := w.th.Status(); st.Base != c.want {
			t.Errorf("policy %d: base %d, want %d", c.policy, st.Base, c.want)
		}
		for _, f := range []int32{THREAD_SCHED_TIMESHARE_INFO, THREAD_SCHED_RR_INFO, THREAD_SCHED_FIFO_INFO} {
			info, kr := ThreadInfo(w.cl, th, f, 12)
			if f != c.flavor {
				if kr != abi.KERN_INVALID_POLICY {
					t.Errorf("policy %d, flavour %d: %d", c.policy, f, kr)
				}
				continue
			}
			must(t, "info", kr)
			if len(info) != c.words || info[1] != uint32(c.want) {
				t.Errorf("policy %d: %v", c.policy, info)
			}
			if f == THREAD_SCHED_RR_INFO && info[2] != 20 {
				t.Errorf("quantum %d ms", info[2])
			}
		}
	}
	if kr := ThreadPolicy(w.cl, th, 3, []int32{1}, true); kr != abi.KERN_INVALID_POLICY {
		t.Errorf("policy 3: %d", kr)
	}
	if kr := ThreadPolicy(w.cl, th, POLICY_RR, []int32{1}, true); kr != abi.KERN_INVALID_ARGUMENT {
		t.Errorf("round robin without a quantum: %d", kr)
	}
}

// Roles: one graphics server and one control application at a time; nice is a
// role that can't be asked for.
func TestTaskRoles(t *testing.T) {
	w := newWorld(t)
	other, err := w.k.Tasks.New("other")
	if err != nil {
		t.Fatal(err)
	}
	set := func(tk *task.Task, r task.Role) abi.KernReturn {
		return TaskPolicySet(w.cl, tk.SelfPort(), TASK_CATEGORY_POLICY, []int32{int32(r)})
	}
	get := func(tk *task.Task, def bool) task.Role {
		info, d, kr := TaskPolicyGet(w.cl, tk.SelfPort(), TASK_CATEGORY_POLICY, 1, def)
		must(t, "get", kr)
		if d != def || len(info) != 1 {
			t.Fatalf("%v %v", info, d)
		}
		return task.Role(info[0])
	}
	if r := get(w.t, false); r != task.RoleUnspecified {
		t.Errorf("role %d at first", r)
	}
	must(t, "graphics", set(w.t, task.RoleGraphics))
	if kr := set(other, task.RoleGraphics); kr != abi.KERN_INVALID_ARGUMENT {
		t.Errorf("a second graphics server: %d", kr)
	}
	if get(w.t, false) != task.RoleGraphics || get(w.t, true) != task.RoleUnspecified {
		t.Error("the role is not what was set")
	}
	if st := w.th.Status(); st.Base != sched.BasePriControl {
		t.Errorf("its thread has base %d", st.Base)
	}
	w.t.SetNice(5)
	if get(w.t, false) != task.RoleGraphics {
		t.Error("nice took the role away")
	}
	must(t, "foreground", set(w.t, task.RoleForeground))
	must(t, "graphics, free again", set(other, task.RoleGraphics))
	w.k.TaskEnded(other)
	must(t, "graphics, after its end", set(w.t, task.RoleGraphics))
	must(t, "unspecified", set(w.t, task.RoleUnspecified))
	w.t.SetNice(5)
	if st := w.th.Status(); get(w.t, false) != task.RoleReniced || st.Base != sched.BasePriDefault-5 {
		t.Errorf("after nice 5: role %d, base %d", get(w.t, false), st.Base)
	}
	for _, r := range []task.Role{task.RoleReniced, 9, -2} {
		if kr := set(w.t, r); kr != abi.KERN_INVALID_ARGUMENT {
			t.Errorf("role %d: %d", r, kr)
		}
	}
}

// A set is made, gets a processor and a thread, and ends: all comes back.
func TestProcessorSets(t *testing.T) {
	w := newWorld(t)
	w.k.Hooks.AllTasks = func() []*task.Task { return []*task.Task{w.t} }
	self, th := w.k.Host.SelfPort(), w.th.SelfPort()
	set, name, kr := ProcessorSetCreate(w.cl, self)
	must(t, "create", kr)
	if kr := ThreadAssign(w.cl, th, set.MakeSend()); kr != abi.KERN_INVALID_ARGUMENT {
		t.Errorf("assigned to a set without a processor: %d", kr)
	}
	procs, kr := HostProcessors(w.cl, w.k.Host.PrivPort())
	must(t, "processors", kr)
	must(t, "assign", ProcessorAssign(w.cl, procs[1], set.MakeSend(), true))
	if kr := ProcessorAssign(w.cl, procs[0], set.MakeSend(), true); kr != abi.KERN_FAILURE {
		t.Errorf("the default set's last processor: %d", kr)
	}
	must(t, "thread", ThreadAssign(w.cl, th, set.MakeSend()))
	at, kr := ThreadGetAssignment(w.cl, th)
	must(t, "assignment", kr)
	if at != name {
		t.Error("the thread is in another set")
	}
	_, info, kr := ProcessorSetInfo(w.cl, name, host.PROCESSOR_SET_BASIC_INFO, 5)
	must(t, "info", kr)
	if info[0] != 1 {
		t.Errorf("%d processors in the set", info[0])
	}
	l, kr := ProcessorSetThreads(w.cl, set)
	must(t, "threads", kr)
	if len(l) != 1 || convertPortToThread(l[0]) != w.th {
		t.Errorf("%d threads", len(l))
	}
	tasks, kr := ProcessorSetTasks(w.cl, set)
	must(t, "tasks", kr)
	if len(tasks) != 0 {
		t.Errorf("%d tasks in the set: only a thread was assigned", len(tasks))
	}
	must(t, "task", TaskAssign(w.cl, w.t.SelfPort(), set.MakeSend(), false))
	if tasks, _ = ProcessorSetTasks(w.cl, set); len(tasks) != 1 {
		t.Errorf("%d tasks in the set", len(tasks))
	}
	if kr := ProcessorExit(w.cl, procs[1]); kr != abi.KERN_FAILURE {
		t.Errorf("the last processor of a thread went out of use: %d", kr)
	}
	must(t, "destroy", ProcessorSetDestroy(w.cl, set))
	if at, _ = ThreadGetAssignment(w.cl, th); at != w.k.Host.Set.NamePort() {
		t.Error("the thread did not come back")
	}
	if set.Active() || name.Active() {
		t.Error("the ports of the set live on")
	}
	w.th.Attach() // the thread moves when it competes
	if n := w.k.Host.Set.Sched.Count(); n != 2 {
		t.Errorf("the default set has %d processors", n)
	}
	w.th.Detach()
	must(t, "exit", ProcessorExit(w.cl, procs[1]))
	if _, info, _ = ProcessorInfo(w.cl, procs[1], host.PROCESSOR_BASIC_INFO, 5); info[2] != 0 {
		t.Error("a processor out of use runs")
	}
	must(t, "start", ProcessorStart(w.cl, procs[1]))
	if kr := ProcessorStart(w.cl, procs[1]); kr != abi.KERN_FAILURE {
		t.Errorf("started twice: %d", kr)
	}

	// A set that nobody can name any more goes away if it is empty.
	set, name, kr = ProcessorSetCreate(w.cl, self)
	must(t, "create", kr)
	if n := len(w.k.Host.Sets()); n != 2 {
		t.Fatalf("%d sets", n)
	}
	ipc.ReleaseSend(name)
	ipc.ReleaseSend(set)
	if n := len(w.k.Host.Sets()); n != 1 {
		t.Errorf("%d sets", n)
	}
}

// Quality of service: what is set is told, tiers decide the priority (4, 4, 20, 31, 37, 46,
// lowered by the importance within the tier), and another policy ends a tier.
func TestQualityOfService(t *testing.T) {
	w := newWorld(t)
	th := w.th.SelfPort()
	base := func(want int) {
		t.Helper()
		if st := w.th.Status(); st.Base != want {
			t.Errorf("base priority %d, want %d", st.Base, want)
		}
	}
	must(t, "precedence", ThreadPolicySet(w.cl, th, THREAD_PRECEDENCE_POLICY, []int32{3}))
	for _, x := range []struct {
		tier int32
		want int
	}{{1, 4}, {2, 4}, {3, 20}, {4, 31}, {5, 37}, {6, 46}, {0, sched.BasePriDefault + 3}} {
		must(t, "tier", ThreadPolicySet(w.cl, th, THREAD_QOS_POLICY, []int32{x.tier, 0}))
		base(x.want)
	}
	must(t, "tier", ThreadPolicySet(w.cl, th, THREAD_QOS_POLICY, []int32{5, -15}))
	base(22)
	const lat, thr = 0xff<<16 | 3, 0xfe<<16 | 6
	must(t, "latency", ThreadPolicySet(w.cl, th, THREAD_LATENCY_QOS_POLICY, []int32{lat}))
	must(t, "throughput", ThreadPolicySet(w.cl, th, THREAD_THROUGHPUT_QOS_POLICY, []int32{thr}))
	for flavor, want := range map[uint32][]int32{THREAD_QOS_POLICY: {5, -15}, THREAD_LATENCY_QOS_POLICY: {lat}, THREAD_THROUGHPUT_QOS_POLICY: {thr}} {
		if info, def, kr := ThreadPolicyGet(w.cl, th, flavor, 16, false); kr != 0 || def || !slices.Equal(info, want) {
			t.Errorf("flavour %d: %v, default %v, %d; want %v", flavor, info, def, kr, want)
		}
		if info, def, kr := ThreadPolicyGet(w.cl, th, flavor, 16, true); kr != 0 || !def || !slices.Equal(info, make([]int32, len(want))) {
			t.Errorf("flavour %d by default: %v, %v, %d", flavor, info, def, kr)
		}
	}
	if _, _, kr := ThreadPolicyGet(w.cl, th, THREAD_BACKGROUND_POLICY, 16, false); kr != abi.KERN_INVALID_ARGUMENT {
		t.Errorf("the background can be asked for: %d", kr)
	}
	// A contract that can't be kept is refused, and the tier stays.
	if kr := ThreadPolicySet(w.cl, th, THREAD_TIME_CONSTRAINT_POLICY, []int32{1000, 2000, 1000, 0}); kr != abi.KERN_INVALID_ARGUMENT {
		t.Errorf("an impossible contract: %d", kr)
	}
	base(22)
	must(t, "precedence", ThreadPolicySet(w.cl, th, THREAD_PRECEDENCE_POLICY, []int32{-2}))
	base(sched.BasePriDefault - 2)
	if info, _, kr := ThreadPolicyGet(w.cl, th, THREAD_QOS_POLICY, 16, false); kr != 0 || info[0] != 0 {
		t.Errorf("another policy left the tier: %v, %d", info, kr)
	}

	task := w.t.SelfPort()
	must(t, "base", TaskPolicySet(w.cl, task, TASK_BASE_QOS_POLICY, []int32{lat, thr}))
	must(t, "override", TaskPolicySet(w.cl, task, TASK_OVERRIDE_QOS_POLICY, []int32{lat + 1, 0}))
	must(t, "latency", TaskPolicySet(w.cl, task, TASK_BASE_LATENCY_QOS_POLICY, []int32{0, 0}))
	sup := []int32{1, 1, lat, 1, 0, 0, thr, 1, 1, 0, 0, 0, 0, 0, 0, 0}
	must(t, "suppression", TaskPolicySet(w.cl, task, TASK_SUPPRESSION_POLICY, sup))
	for flavor, want := range map[uint32][]int32{TASK_BASE_QOS_POLICY: {0, thr}, TASK_OVERRIDE_QOS_POLICY: {lat + 1, 0}, TASK_SUPPRESSION_POLICY: sup} {
		if info, _, kr := TaskPolicyGet(w.cl, task, flavor, 16, false); kr != 0 || !slices.Equal(info, want) {
			t.Errorf("task flavour %d: %v, %d; want %v", flavor, info, kr, want)
		}
	}
	for _, bad := range [][]int32{{1, 0}, {lat, lat}, {lat}, {0, thr + 1}} {
		if kr := TaskPolicySet(w.cl, task, TASK_BASE_QOS_POLICY, bad); kr != abi.KERN_INVALID_ARGUMENT {
			t.Errorf("%v: %d", bad, kr)
		}
	}
}
