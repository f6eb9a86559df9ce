package kpi

import (
	"fmt"
	"time"

	"puggle/iokit"
	"puggle/mach/sched"
)

// The calls that only the I/O Kit's classes make (iokit/iok.h). An entry's handle is good while its object is.
func init() {
	register("-", "2002", "runtime", []Row{
		{Name: "kpi_object_alloc", Proto: "void *kpi_object_alloc(size_t size)", Handler: objectAlloc},
		{Name: "kpi_object_free", Proto: "void kpi_object_free(void *p)", Handler: objectFree},
		{Name: "kpi_class_define", Proto: "bool kpi_class_define(const void *meta, const char *name, const char *super, unsigned count_at)", Handler: classDefine},
		{Name: "kpi_class_undefine", Proto: "void kpi_class_undefine(const void *meta, const char *name)", Handler: classUndefine},
		{Name: "kpi_entry_new", Proto: "kpi_entry_t kpi_entry_new(IORegistryEntry *object, const char *cls, const char *name)", Handler: entryNew},
		{Name: "kpi_entry_free", Proto: "void kpi_entry_free(kpi_entry_t entry)", Handler: entryFree},
		{Name: "kpi_entry_attach", Proto: "bool kpi_entry_attach(kpi_entry_t entry, kpi_entry_t parent, const char *plane)", Handler: ofEntry(entryAttach)},
		{Name: "kpi_entry_detach", Proto: "void kpi_entry_detach(kpi_entry_t entry, kpi_entry_t parent, const char *plane)", Handler: ofEntry(entryDetach)},
		{Name: "kpi_entry_near", Proto: "IORegistryEntry *kpi_entry_near(kpi_entry_t entry, const char *plane, int up, unsigned index)", Handler: ofEntry(entryNear)},
		{Name: "kpi_entry_root", Proto: "IORegistryEntry *kpi_entry_root(void)", Handler: func(c *Call) uint64 { return c.object(c.K.iok.registry.Root()) }},
		{Name: "kpi_entry_from_path", Proto: "IORegistryEntry *kpi_entry_from_path(const char *path)", Handler: entryFromPath},
		{Name: "kpi_entry_matching", Proto: "IORegistryEntry *kpi_entry_matching(const char *xml, size_t size, unsigned index)", Handler: entryMatching},
		{Name: "kpi_entry_id", Proto: "uint64_t kpi_entry_id(kpi_entry_t entry)", Handler: ofEntry(func(_ *Call, e *iokit.Entry) uint64 { return e.ID() })},
		{Name: "kpi_entry_text", Proto: "size_t kpi_entry_text(kpi_entry_t entry, const char *plane, int what, char *to, size_t room)", Handler: ofEntry(entryText)},
		{Name: "kpi_entry_label", Proto: "bool kpi_entry_label(kpi_entry_t entry, const char *plane, int what, const char *text)", Handler: ofEntry(entryLabel)},
		{Name: "kpi_entry_set_property", Proto: "bool kpi_entry_set_property(kpi_entry_t entry, const char *key, const char *xml, size_t size)", Handler: ofEntry(entrySetProperty)},
		{Name: "kpi_entry_properties", Proto: "size_t kpi_entry_properties(kpi_entry_t entry, char *to, size_t room)", Handler: ofEntry(entryProperties)},
		{Name: "kpi_service_register", Proto: "void kpi_service_register(kpi_entry_t entry, unsigned options)", Handler: ofEntry(serviceRegister)},
		{Name: "kpi_service_terminate", Proto: "bool kpi_service_terminate(kpi_entry_t entry, unsigned options)", Handler: ofEntry(serviceTerminate)},
		{Name: "kpi_service_state", Proto: "unsigned kpi_service_state(kpi_entry_t entry)", Handler: ofEntry(func(_ *Call, e *iokit.Entry) uint64 { return uint64(e.State()) })},
		{Name: "kpi_service_busy", Proto: "void kpi_service_busy(kpi_entry_t entry, int delta)", Handler: ofEntry(func(c *Call, e *iokit.Entry) uint64 { e.AdjustBusy(int(c.I32(1))); return 0 })},
		{Name: "kpi_service_get_busy", Proto: "unsigned kpi_service_get_busy(kpi_entry_t entry)", Handler: ofEntry(func(_ *Call, e *iokit.Entry) uint64 { n, _ := e.Busy(); return uint64(n) })},
		{Name: "kpi_service_match", Proto: "bool kpi_service_match(kpi_entry_t entry, const char *xml, size_t size)", Handler: ofEntry(serviceMatch)},
		{Name: "kpi_service_message", Proto: "void kpi_service_message(kpi_entry_t entry, unsigned type, uint64_t argument)", Handler: ofEntry(serviceMessage)},
		{Name: "kpi_publish_resource", Proto: "bool kpi_publish_resource(const char *key, const char *xml, size_t size)", Handler: publishResource},
		{Name: "kpi_notify", Proto: "void *kpi_notify(const char *kind, const char *xml, size_t size, void *handler, void *target, void *ref)", Handler: matchingNotify},
		{Name: "kpi_wait_service", Proto: "bool kpi_wait_service(const char *xml, size_t size, uint64_t timeout)", Handler: waitService},
	})
}

// maxObject bounds one allocation of an object, or of what it holds.
const maxObject = 32 << 20

func objectAlloc(c *Call) uint64 {
	n := c.Arg(0)
	if n == 0 || n > maxObject {
		return 0
	}
	a, ok := c.K.alloc.get(n, kindObject, nil)
	if !ok {
		return 0
	}
	for at := uint64(0); at < n; at += uint64(len(zeros)) {
		if !c.K.Write(a+Addr(at), zeros[:min(n-at, uint64(len(zeros)))]) {
			c.K.alloc.put(a)
			return 0
		}
	}
	return uint64(a)
}

var zeros [4096]byte

func objectFree(c *Call) uint64 {
	if !c.K.alloc.putKind(c.Addr(0), kindObject) {
		return c.Panic("an object at " + hex(c.Addr(0)) + " is freed that is none, or was freed before")
	}
	return 0
}

const maxIOName = 128

func classDefine(c *Call) uint64 {
	name, ok := c.String(1, maxIOName)
	super, ok2 := c.String(2, maxIOName)
	if !ok || !ok2 {
		return 0
	}
	i := &c.K.iok
	meta := c.Addr(0)
	ext := c.K.extensionAt(meta)
	bundle := iokit.KernelBundle
	if ext != nil {
		bundle = ext.Name
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	refuse := func(why string) uint64 {
		if ext != nil && i.refused[ext] == nil {
			i.refused[ext] = fmt.Errorf("class %s: %s", name, why)
		}
		return 0
	}
	if i.classes[name] != nil {
		return refuse("there is a class of this name already")
	}
	if super != "" && i.classes[super] == nil {
		return refuse("its super class " + super + " is not there")
	}
	if err := i.registry.DefineClass(name, super, bundle); err != nil {
		return refuse(err.Error())
	}
	i.classes[name] = &kclass{name: name, meta: meta, count: meta + Addr(c.U32(3)), ext: ext, order: len(i.classes)}
	return 1
}

func classUndefine(c *Call) uint64 {
	if name, ok := c.String(1, maxIOName); ok {
		c.K.iok.undefine(name, c.Addr(0))
	}
	return 0
}

func ofEntry(f func(*Call, *iokit.Entry) uint64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		e, ok := c.K.handle.get(c.Addr(0)).(*iokit.Entry)
		if !ok {
			return c.Panic(hex(c.Addr(0)) + " is no entry of the I/O Registry: its object was not initialised, or is freed")
		}
		return f(c, e)
	}
}

// object is objectOf as a result: 0 if there is none.
func (c *Call) object(e *iokit.Entry) uint64 {
	if e == nil {
		return 0
	}
	a, err := c.K.objectOf(e)
	if err != nil {
		return 0
	}
	return uint64(a)
}

// xml reads a value that arguments i (its address) and i+1 (its size) have; false for what is none.
func (c *Call) xml(i int) (any, bool) {
	n := c.Arg(i + 1)
	if n > iokit.MaxPropertyBytes*4 {
		return nil, false
	}
	b := make([]byte, n)
	if !c.K.Read(b, c.Addr(i)) {
		c.Panic("a serialised value can't be read")
		return nil, false
	}
	v, err := iokit.UnserializeXML(b)
	return v, err == nil
}

func (c *Call) xmlTable(i int) (map[string]any, bool) {
	v, ok := c.xml(i)
	t, ok2 := v.(map[string]any)
	return t, ok && ok2
}

func entryNew(c *Call) uint64 {
	class, ok := c.String(1, maxIOName)
	name, ok2 := c.String(2, maxIOName)
	if !ok || !ok2 {
		return 0
	}
	x := &cxxEntry{k: c.K, obj: c.Addr(0), class: class}
	e, err := c.K.iok.registry.NewEntry(class, name, x)
	if err != nil {
		return 0
	}
	x.e = e
	h := c.K.handle.ref(e)
	if h == 0 {
		e.Discard()
	}
	return uint64(h)
}

func entryFree(c *Call) uint64 {
	e, ok := c.K.handle.get(c.Addr(0)).(*iokit.Entry)
	if !ok {
		return 0
	}
	c.K.handle.unref(c.Addr(0))
	if _, ok := e.Object().(*cxxEntry); ok {
		e.Discard()
	}
	return 0
}

func (c *Call) parentAndPlane() (*iokit.Entry, iokit.Plane, bool) {
	p, ok := c.K.handle.get(c.Addr(1)).(*iokit.Entry)
	plane, ok2 := c.String(2, maxIOName)
	return p, iokit.Plane(plane), ok && ok2
}

func entryAttach(c *Call, e *iokit.Entry) uint64 {
	p, plane, ok := c.parentAndPlane()
	if !ok {
		return 0
	}
	x, _ := e.Object().(*cxxEntry)
	if x != nil {
		x.mu.Lock()
		first := !x.retained
		x.retained = true
		x.mu.Unlock()
		if first {
			if _, err := c.Up(c.K.ioFunc("iok_retain"), uint64(x.obj)); err != nil {
				return 0
			}
		}
	}
	if e.Attach(p, plane) != nil {
		c.unlinked(e)
		return 0
	}
	return 1
}

// unlinked takes the registry's reference back if the entry is in no plane any more.
func (c *Call) unlinked(e *iokit.Entry) {
	x, _ := e.Object().(*cxxEntry)
	if x == nil || c.K.iok.registry.Find(e.ID()) != nil || e.State()&iokit.Inactive != 0 {
		return
	}
	if x.leave() {
		c.Up(c.K.ioFunc("iok_release"), uint64(x.obj))
	}
}

func entryDetach(c *Call, e *iokit.Entry) uint64 {
	if p, plane, ok := c.parentAndPlane(); ok {
		e.Detach(p, plane)
		c.unlinked(e)
	}
	return 0
}

func entryNear(c *Call, e *iokit.Entry) uint64 {
	plane, ok := c.String(1, maxIOName)
	if !ok {
		return 0
	}
	l := e.Children(iokit.Plane(plane))
	if c.U32(2) != 0 {
		l = e.Parents(iokit.Plane(plane))
	}
	if i := c.U32(3); uint64(i) < uint64(len(l)) {
		return c.object(l[i])
	}
	return 0
}

func entryFromPath(c *Call) uint64 {
	path, ok := c.String(0, 1024)
	if !ok {
		return 0
	}
	return c.object(c.K.iok.registry.FromPath(path))
}

func entryMatching(c *Call) uint64 {
	table, ok := c.xmlTable(0)
	if !ok {
		return 0
	}
	l := c.K.iok.registry.Services(table, iokit.Registered)
	if i := c.U32(2); uint64(i) < uint64(len(l)) {
		return c.object(l[i])
	}
	return 0
}

// putBytes stores as much as there is room for, and gives the whole size.
func (c *Call) putBytes(b []byte, to Addr, room uint64) uint64 {
	if !c.K.Write(to, b[:min(uint64(len(b)), room)]) {
		return c.Panic("a result can't be stored at " + hex(to))
	}
	return uint64(len(b))
}

func entryText(c *Call, e *iokit.Entry) uint64 {
	plane, ok := c.String(1, maxIOName)
	if !ok {
		return 0
	}
	p, s := iokit.Plane(plane), ""
	switch c.U32(2) {
	case 0:
		s = e.Name(p)
	case 1:
		s = e.Location(p)
	case 2:
		s, _ = e.Path(p)
	case 3:
		s = e.Class()
	}
	n := c.putBytes(append([]byte(s), 0), c.Addr(3), c.Arg(4)+1)
	return max(n, 1) - 1
}

func entryLabel(c *Call, e *iokit.Entry) uint64 {
	plane, ok := c.String(1, maxIOName)
	text, ok2 := c.String(3, 1024)
	if !ok || !ok2 {
		return 0
	}
	set := e.SetName
	if c.U32(2) == 1 {
		set = e.SetLocation
	}
	if set(iokit.Plane(plane), text) != nil {
		return 0
	}
	return 1
}

func entrySetProperty(c *Call, e *iokit.Entry) uint64 {
	key, ok := c.String(1, 1024)
	if !ok {
		return 0
	}
	var v any
	if c.Addr(2) != 0 {
		if v, ok = c.xml(2); !ok {
			return 0
		}
	}
	if e.SetProperty(key, v) != nil {
		return 0
	}
	return 1
}

func entryProperties(c *Call, e *iokit.Entry) uint64 {
	return c.putBytes(iokit.SerializeXML(e.Properties()), c.Addr(1), c.Arg(2))
}

const ioSynchronous = 2 // kIOServiceSynchronous

func serviceRegister(c *Call, e *iokit.Entry) uint64 {
	if c.U32(1)&ioSynchronous == 0 {
		e.Register()
		return 0
	}
	if c.maySleep() {
		c.outside(e.RegisterNow)
	}
	return 0
}

// serviceTerminate has the termination done by somebody else: the caller is often the driver that goes. The
// kernel's own entries stay: false.
func serviceTerminate(c *Call, e *iokit.Entry) uint64 {
	options := c.U32(1)
	x, _ := e.Object().(*cxxEntry)
	if x == nil {
		return 0
	}
	if options&ioSynchronous == 0 {
		x.ending.Add(1)
		c.K.iok.ending.Add(1)
		go func() {
			e.Terminate(options)
			x.ending.Add(-1)
			x.k.iok.ending.Add(-1)
		}()
		return 1
	}
	if c.maySleep() {
		c.outside(func() { e.Terminate(options) })
	}
	return 1
}

// outside runs what may take long without a processor.
func (c *Call) outside(f func()) {
	c.T.th.Detach()
	defer c.T.th.Attach()
	f()
}

func serviceMatch(c *Call, e *iokit.Entry) uint64 {
	if t, ok := c.xmlTable(1); ok && e.MatchPassive(t) {
		return 1
	}
	return 0
}

func serviceMessage(c *Call, e *iokit.Entry) uint64 {
	kind, argument := c.U32(1), c.Arg(2)
	for _, x := range e.Children(iokit.ServicePlane) {
		if o := x.Object(); o != nil {
			o.Message(kind, e, argument)
		}
	}
	c.K.iok.registry.MessageInterested(e, iokit.GeneralInterest, kind, argument)
	return 0
}

func publishResource(c *Call) uint64 {
	key, ok := c.String(0, 1024)
	if !ok {
		return 0
	}
	v, ok := c.xml(1)
	if !ok || c.K.iok.registry.PublishResource(key, v) != nil {
		return 0
	}
	return 1
}

// arrivals is a notification that code asked for: an IONotifier.
type arrivals struct {
	h, fn, target, ref Addr
	n                  *iokit.Notification
}

func matchingNotify(c *Call) uint64 {
	k := c.K
	kind, ok := c.String(0, maxIOName)
	table, ok2 := c.xmlTable(1)
	if !ok || !ok2 {
		return 0
	}
	x := &arrivals{fn: c.Addr(3), target: c.Addr(4), ref: c.Addr(5)}
	if x.h = k.handle.put(x); x.h == 0 {
		return 0
	}
	n, there, kr := k.iok.registry.AddNotification(kind, table, func(e *iokit.Entry) {
		if a, err := k.objectOf(e); err == nil && k.handle.get(x.h) == any(x) {
			k.Call(sched.NewThread("iokit"), x.fn, uint64(x.target), uint64(x.ref), uint64(a), uint64(x.h))
		}
	})
	if kr != 0 {
		k.handle.drop(x.h)
		return 0
	}
	x.n = n
	k.AddReference("notifier", x, k.Symbolize(x.fn), func(*sched.Thread) { k.dropArrivals(x) }, x.fn)
	for _, e := range there {
		if a, err := k.objectOf(e); err == nil {
			c.Up(x.fn, uint64(x.target), uint64(x.ref), uint64(a), uint64(x.h))
		}
	}
	return uint64(x.h)
}

func (k *KernelTask) dropArrivals(x *arrivals) {
	x.n.Remove()
	k.handle.drop(x.h)
	k.DropReference("notifier", x)
}

func waitService(c *Call) uint64 {
	table, ok := c.xmlTable(0)
	if !ok || !c.maySleep() {
		return 0
	}
	come := make(chan struct{}, 1)
	n, there, kr := c.K.iok.registry.AddNotification(iokit.MatchedNotification, table, func(*iokit.Entry) {
		select {
		case come <- struct{}{}:
		default:
		}
	})
	if kr != 0 {
		return 0
	}
	defer n.Remove()
	if len(there) > 0 {
		return 1
	}
	var late <-chan time.Time
	if t := c.Arg(2); t < 1<<62 {
		timer := time.NewTimer(time.Duration(t))
		defer timer.Stop()
		late = timer.C
	}
	got := uint64(0)
	c.outside(func() {
		select {
		case <-come:
			got = 1
		case <-late:
		case <-c.K.stop:
		}
	})
	return got
}
