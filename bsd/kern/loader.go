package kern

import (
	"container/list"
	"errors"
	"io/fs"
	"runtime"
	"sort"
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/dyld"
	"puggle/mach/sched"
	"puggle/mach/vm"
	"puggle/machine"
	"puggle/macho"
)

// SharedBase is where the prelinked libraries lie in every process.
const SharedBase = uint64(machine.SharedRegionBase) + 0x2000_0000

// Loader makes images: it keeps parsed files, and the system's own libraries,
// which are bound once for all processes. Its methods may be called
// concurrently.
type Loader struct {
	mem  machine.Memory
	libs map[string][]byte

	bound  func() (*dyld.Shared, error) // the libraries, bound to each other
	once   sync.Once
	shared *dyld.Shared
	segs   map[*dyld.Prelinked][]*vm.Object
	err    error

	mu    sync.Mutex
	cache map[fileKey]*list.Element
	lru   list.List // of *cached
}

// NewLoader makes a loader whose shared region has the given libraries, by path. They
// are bound when Prelink, Prepare or the first program needs them.
func NewLoader(libs map[string][]byte) *Loader {
	l := &Loader{libs: libs, cache: make(map[fileKey]*list.Element)}
	l.bound = sync.OnceValues(l.prelink)
	return l
}

// Prelink binds the libraries now. It needs no machine.
func (l *Loader) Prelink() { l.bound() }

// SetMemory says where images go. Call it before anything but Prelink.
func (l *Loader) SetMemory(mem machine.Memory) { l.mem = mem }

// Prepare has the libraries in memory now rather than for the first program.
func (l *Loader) Prepare() { l.sharedRegion() }

// fileKey tells the versions of a file apart.
type fileKey struct {
	dev          int32
	ino          uint64
	size         int64
	mtime, ctime abi.Timespec
}

type cached struct {
	key fileKey
	obj *dyld.Object
}

const maxCached = 64

// execFile is what a dyld.Object of a file keeps: the open vnode, and the memory
// object that is mapped privately by all processes.
type execFile struct {
	path string
	of   *sys.OpenFile
	size int64
	obj  *vm.Object
}

// ReadAt reads the file, for the parser.
func (f *execFile) ReadAt(b []byte, off int64) (int, error) {
	u := sys.NewUio(b)
	u.Offset, u.HasOffset = off, true
	if e := f.of.Ops.Read(kernelContext(), u, abi.FREAD); e != 0 {
		return 0, e
	}
	n := len(b) - int(u.Resid)
	if n < len(b) {
		return n, errShort
	}
	return n, nil
}

var errShort = errors.New("kern: file is too short")

// The pager of a program's file: read only, so PageOut is never asked.
func (f *execFile) PageIn(off uint64, b []byte) error {
	_, err := f.ReadAt(b, int64(off))
	return err
}
func (f *execFile) PageOut(uint64, []byte) error {
	return errors.New("kern: program text is read only")
}
func (f *execFile) Size() uint64 { return uint64(f.size) }
func (f *execFile) Terminate()   {}

// FileName is what tools are told of the memory: the file's path when it was
// first loaded.
func (f *execFile) FileName() string { return f.path }

// kernelContext is for reads on nobody's behalf.
func kernelContext() *sys.Context {
	return &sys.Context{Thread: sched.NewThread("exec"), Cred: &sys.Cred{}}
}

// prefetchMost is how much of a file is read as soon as it is to be mapped, bytes: a
// Go program's runtime is in there, and most small programs as a whole.
const prefetchMost = 2 << 20

// object gives the parsed file of a vnode. The error is an Errno where the file
// can't be read, else the parser's.
func (l *Loader) object(ctx *sys.Context, ns *vfs.Namespace, v *vfs.Vnode, path string) (*dyld.Object, error) {
	var st abi.Stat
	if e := v.Ops.GetAttr(ctx, &st); e != 0 {
		return nil, e
	}
	key := fileKey{st.Dev, st.Ino, st.Size, st.Mtime, st.Ctime}
	l.mu.Lock()
	if el := l.cache[key]; el != nil {
		l.lru.MoveToFront(el)
		o := el.Value.(*cached).obj
		l.mu.Unlock()
		return o, nil
	}
	l.mu.Unlock()

	of, e := vfs.OpenVnode(ctx, ns, v, abi.FREAD)
	if e != 0 {
		return nil, e
	}
	f := &execFile{path: path, of: of, size: st.Size}
	file, slice, err := macho.Open(f, st.Size, macho.CPUX86_64, macho.Limits{})
	if err != nil {
		of.Unref(ctx)
		return nil, err
	}
	f.obj = vm.NewPagerObject(f, uint64(st.Size))
	f.obj.Bind(l.mem)
	o := &dyld.Object{Path: path, File: file, Slice: slice, ID: key, Vnode: f}
	// Processes share the object for as long as they like; the file is closed
	// when the last has forgotten it.
	runtime.AddCleanup(o, func(f *execFile) {
		f.obj.Unref()
		f.of.Unref(kernelContext())
	}, f)
	go func() {
		f.obj.Prefetch(uint64(slice.Offset), prefetchMost)
		runtime.KeepAlive(o) // until then the file is open
	}()
	l.mu.Lock()
	defer l.mu.Unlock()
	if el := l.cache[key]; el != nil {
		return el.Value.(*cached).obj, nil
	}
	// What was the file before, or another under its name, nobody will ask for again.
	for el := l.lru.Front(); el != nil; {
		had, next := el.Value.(*cached), el.Next()
		if had.obj.Path == path || had.key.dev == key.dev && had.key.ino == key.ino {
			l.forget(el)
		}
		el = next
	}
	l.cache[key] = l.lru.PushFront(&cached{key, o})
	if l.lru.Len() > maxCached {
		l.forget(l.lru.Back())
	}
	return o, nil
}

func (l *Loader) forget(el *list.Element) {
	l.lru.Remove(el)
	delete(l.cache, el.Value.(*cached).key)
}

// prelink binds the libraries.
func (l *Loader) prelink() (*dyld.Shared, error) {
	var paths []string
	for p := range l.libs {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	var objs []*dyld.Object
	for _, p := range paths {
		b := l.libs[p]
		file, slice, err := macho.Open(bytesAt(b), int64(len(b)), macho.CPUX86_64, macho.Limits{})
		if err != nil {
			return nil, err
		}
		if file.Flags&(macho.FlagWeakDefines|macho.FlagBindsToWeak) != 0 {
			continue // C++: each program may replace what they define, so they are bound in each
		}
		objs = append(objs, &dyld.Object{Path: p, File: file, Slice: slice, ID: "shared:" + p})
	}
	return dyld.Prelink(objs, SharedBase)
}

// sharedRegion puts the bound libraries into memory, once.
func (l *Loader) sharedRegion() (*dyld.Shared, error) {
	l.once.Do(func() {
		if l.shared, l.err = l.bound(); l.err != nil {
			return
		}
		l.segs = make(map[*dyld.Prelinked][]*vm.Object)
		for _, im := range l.shared.Images {
			var segs []*vm.Object
			for _, d := range im.Data {
				if d == nil {
					segs = append(segs, nil)
					continue
				}
				o := vm.NewObject(uint64(len(d)))
				o.Bind(l.mem)
				if l.err = o.Init(d); l.err != nil {
					return
				}
				segs = append(segs, o)
			}
			l.segs[im] = segs
		}
	})
	return l.shared, l.err
}

type bytesAt []byte

func (b bytesAt) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= int64(len(b)) {
		return 0, errShort
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, errShort
	}
	return n, nil
}

// search is the dyld.Loader of one process: it opens libraries as the process
// would.
type search struct {
	l   *Loader
	ctx *sys.Context
	ns  *vfs.Namespace
}

func (s *search) Open(path string) (*dyld.Object, error) {
	v, e := vfs.Lookup(s.ctx, s.ns, nil, path, true)
	if e == abi.ENOENT || e == abi.ENOTDIR {
		return nil, fs.ErrNotExist
	}
	if e != 0 {
		return nil, e
	}
	defer v.Unref()
	if v.Type != vfs.VREG {
		return nil, fs.ErrNotExist
	}
	if full, e := s.ns.GetPath(s.ctx, v); e == 0 {
		path = full
	}
	return s.l.object(s.ctx, s.ns, v, path)
}

// space is the dyld.Memory of one map.
type space struct {
	m    *vm.Map
	l    *Loader
	next machine.Addr // where libraries go
	live bool         // the process runs: what lies where is its own business
}

// liveSpace is what dlopen works with: the memory of a process that runs, and
// files opened as the caller would.
type liveSpace struct {
	space
	search
}

// LiveMemory is the dyld.Memory and dyld.Loader for a dlopen by p: images go
// where p has room. It is good for the call that ctx belongs to.
func (l *Loader) LiveMemory(ctx *sys.Context, p *Proc) dyld.Memory {
	return &liveSpace{space{m: p.Map(), l: l, next: LibraryBase, live: true}, search{l, ctx, p.NS}}
}

// LibraryBase is where libraries that are not in the shared region begin.
const LibraryBase machine.Addr = 0x7ff8_0000_0000 - 0x100_0000_0000

func (s *space) Map(img *dyld.Image) (uint64, error) {
	if pre := img.Prelinked; pre != nil {
		return pre.Slide, s.mapShared(img, pre)
	}
	f, ok := img.Vnode.(*execFile)
	if !ok {
		return 0, abi.ENOEXEC
	}
	lo, hi := img.Range()
	slide := uint64(0)
	if img.Slidable() && (img.File.Type != macho.Execute || lo < uint64(machine.MinAddr)) {
		if s.live {
			a, kr := s.m.Enter(&vm.MapSpec{Addr: s.next, Size: hi - lo, Mask: 0xf_ffff, Flags: vm.Anywhere, Inherit: abi.VM_INHERIT_COPY})
			if kr != 0 {
				return 0, abi.ENOMEM
			}
			s.next = a
		}
		slide = uint64(s.next) - lo
		s.next += machine.Addr(hi-lo+0xf_ffff) &^ 0xf_ffff
	}
	for i := range img.Segments {
		if err := s.mapSegment(&img.Segments[i], slide, f, uint64(img.Slice.Offset)); err != nil {
			if s.live && slide != 0 {
				s.m.Deallocate(machine.Addr(lo+slide), hi-lo)
			}
			return 0, err
		}
	}
	return slide, nil
}

func (s *space) mapSegment(g *dyld.Segment, slide uint64, f *execFile, base uint64) error {
	if g.Reserved() {
		return nil
	}
	at := machine.Addr(g.Addr + slide)
	filed := uint64(machine.Addr(g.FileSize).Round())
	maxp := g.MaxProt | g.InitProt
	if filed > 0 {
		if (base+g.FileOff)%machine.PageSize != 0 {
			return abi.EBADMACHO
		}
		if err := s.enter(&vm.MapSpec{Addr: at, Size: filed, Flags: vm.Fixed, Object: f.obj, Offset: base + g.FileOff,
			Copy: true, Cur: g.InitProt, Max: maxp, Inherit: abi.VM_INHERIT_COPY}); err != nil {
			return err
		}
		s.own(g, at, filed)
		if rest := filed - g.FileSize; rest > 0 && g.VMSize > g.FileSize {
			if err := s.Write(uint64(at)+g.FileSize, make([]byte, rest)); err != nil {
				return err
			}
		}
	}
	if g.Size > filed {
		return s.enter(&vm.MapSpec{Addr: at + machine.Addr(filed), Size: g.Size - filed, Flags: vm.Fixed,
			Cur: g.InitProt, Max: maxp, Inherit: abi.VM_INHERIT_COPY})
	}
	return nil
}

// ownMost is how much of a segment that can be written is copied at once, bytes:
// libraries and small programs write to all of it when they begin.
const ownMost = 64 << 10

func (s *space) own(g *dyld.Segment, at machine.Addr, size uint64) {
	if g.InitProt&abi.VM_PROT_WRITE != 0 && !g.ReadOnlyAfter {
		s.m.Own(at, min(size, ownMost))
	}
}

// mapShared enters a prelinked image: what can't be written is the same memory
// in all processes.
func (s *space) mapShared(img *dyld.Image, pre *dyld.Prelinked) error {
	objs := s.l.segs[pre]
	for i := range img.Segments {
		g := &img.Segments[i]
		if g.Reserved() {
			continue
		}
		prot := g.InitProt
		if g.ReadOnlyAfter {
			prot = abi.VM_PROT_READ
		}
		at, size := machine.Addr(g.Addr+pre.Slide), g.Size
		spec := vm.MapSpec{Flags: vm.Fixed, Cur: prot, Max: g.MaxProt | prot, Inherit: abi.VM_INHERIT_COPY}
		if o := objs[i]; o != nil {
			filed := spec
			filed.Addr, filed.Size, filed.Object, filed.Copy = at, o.Size(), o, true
			if g.InitProt&abi.VM_PROT_WRITE == 0 {
				filed.Max &^= abi.VM_PROT_WRITE
			}
			if err := s.enter(&filed); err != nil {
				return err
			}
			s.own(g, filed.Addr, filed.Size)
			at, size = at+machine.Addr(filed.Size), size-filed.Size
		}
		if size == 0 {
			continue
		}
		// What the file has nothing of is zero, and needs no copying.
		spec.Addr, spec.Size = at, size
		if err := s.enter(&spec); err != nil {
			return err
		}
	}
	return nil
}

func (s *space) enter(spec *vm.MapSpec) error {
	if s.live && spec.Addr < machine.SharedRegionBase {
		spec.Flags |= vm.Overwrite // of what Map has reserved
	}
	if _, kr := s.m.Enter(spec); kr != 0 {
		if kr == abi.KERN_NO_SPACE || kr == abi.KERN_INVALID_ADDRESS {
			return abi.EBADMACHO
		}
		return abi.ENOMEM
	}
	return nil
}

// Allocate has room for the stubs of absent symbols: after the libraries, as one
// of them would be.
func (s *space) Allocate(size uint64) (uint64, error) {
	size = uint64(machine.Addr(size).Round())
	spec := vm.MapSpec{Addr: s.next, Size: size, Cur: abi.VM_PROT_DEFAULT, Max: abi.VM_PROT_ALL, Inherit: abi.VM_INHERIT_COPY}
	if s.live {
		spec.Flags, spec.Mask = vm.Anywhere, 0xf_ffff
	} else {
		spec.Flags = vm.Fixed
	}
	a, kr := s.m.Enter(&spec)
	if kr != 0 {
		return 0, abi.ENOMEM
	}
	s.next = a + machine.Addr(size+0xf_ffff)&^0xf_ffff
	return uint64(a), nil
}

func (s *space) Unmap(img *dyld.Image) {
	if s.live && img.Prelinked == nil && img.Slide != 0 {
		lo, hi := img.Range()
		s.m.Deallocate(machine.Addr(lo+img.Slide), hi-lo)
		return
	}
	for i := range img.Segments {
		if g := &img.Segments[i]; !g.Reserved() {
			s.m.Deallocate(machine.Addr(g.Addr+img.Slide), g.Size)
		}
	}
}

func (s *space) Read(addr uint64, b []byte) error {
	if s.m.CopyIn(b, machine.Addr(addr)) != 0 {
		return abi.EFAULT
	}
	return nil
}

func (s *space) Write(addr uint64, b []byte) error {
	if s.m.CopyOutForce(machine.Addr(addr), b) != 0 {
		return abi.EFAULT
	}
	return nil
}

func (s *space) Protect(addr, size uint64, prot abi.Prot) error {
	if s.m.Protect(machine.Addr(addr), size, prot, false) != 0 {
		return abi.EINVAL
	}
	return nil
}
