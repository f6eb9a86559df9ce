package kern

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"path"
	"strings"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/dyld"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
	"puggle/macho"
)

// ArgMax is the most that arguments and environment may take, in bytes.
const ArgMax = 1 << 20

// stackTop is where the main thread's stack ends.
const stackTop = 0x7ff7_bff0_0000

// newImage is a program that has been made ready in a map of its own.
type newImage struct {
	space machine.Space
	m     *vm.Map
	regs  machine.Regs
	image *Image
	// abort is what dyld says of a program that can't be bound: on Darwin that
	// is found in the new process, which then ends by SIGABRT.
	abort string
}

// findProgram opens path for exec, following #! once. args is what the program
// gets: an interpreter's own line comes before the script's path. Errors:
// those of lookup, EACCES for what is no regular file or not executable,
// ENOEXEC, EBADARCH, EBADMACHO.
func (l *Loader) findProgram(ctx *sys.Context, ns *vfs.Namespace, file string, args []string) (*dyld.Object, []string, abi.Errno) {
	for script := false; ; script = true {
		v, e := vfs.Lookup(ctx, ns, nil, file, true)
		if e != 0 {
			return nil, nil, e
		}
		if v.Type != vfs.VREG {
			v.Unref()
			return nil, nil, abi.EACCES
		}
		if e := v.Ops.Access(ctx, abi.X_OK); e != 0 {
			v.Unref()
			return nil, nil, e
		}
		if e := vfs.Permit(ctx, vfs.Execute, v, nil); e != 0 {
			v.Unref()
			return nil, nil, e
		}
		full := file
		if p, e := ns.GetPath(ctx, v); e == 0 {
			full = p
		}
		o, err := l.object(ctx, ns, v, full)
		if err == nil {
			defer v.Unref()
			if o.File.Type != macho.Execute {
				return nil, nil, abi.ENOEXEC
			}
			vfs.Tell(ctx, vfs.FileExec, v, false)
			return o, args, 0
		}
		var errno abi.Errno
		var cpu *macho.CPUError
		switch {
		case errors.As(err, &errno):
			v.Unref()
			return nil, nil, errno
		case errors.As(err, &cpu):
			v.Unref()
			return nil, nil, abi.EBADARCH
		}
		head := firstBytes(ctx, ns, v)
		v.Unref()
		switch {
		case isMachO(head):
			return nil, nil, abi.EBADMACHO
		case script || !bytes.HasPrefix(head, []byte("#!")):
			return nil, nil, abi.ENOEXEC
		}
		line, _, ok := bytes.Cut(head[2:], []byte{'\n'})
		if !ok {
			return nil, nil, abi.ENOEXEC
		}
		words := strings.Fields(string(line))
		if len(words) == 0 {
			return nil, nil, abi.ENOEXEC
		}
		rest := args
		if len(rest) > 0 {
			rest = rest[1:]
		}
		args = append(append(words, file), rest...)
		file = words[0]
	}
}

// firstBytes reads what a #! line must fit in.
func firstBytes(ctx *sys.Context, ns *vfs.Namespace, v *vfs.Vnode) []byte {
	of, e := vfs.OpenQuiet(ctx, ns, v, abi.FREAD)
	if e != 0 {
		return nil
	}
	defer of.Unref(ctx)
	b := make([]byte, 512)
	u := sys.NewUio(b)
	u.HasOffset = true
	of.Ops.Read(ctx, u, abi.FREAD)
	return b[:len(b)-int(u.Resid)]
}

func isMachO(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	switch binary.LittleEndian.Uint32(b) {
	case 0xfeedfacf, 0xfeedface, 0xbebafeca, 0xbfbafeca:
		return true
	}
	return false
}

// build makes the image of a program in a new map over a new space. Both are
// destroyed in failure.
func (l *Loader) build(ctx *sys.Context, ns *vfs.Namespace, tasks *task.System, stackSize uint64,
	file string, args, env []string) (*newImage, abi.Errno) {
	prog, args, e := l.findProgram(ctx, ns, file, args)
	if e != 0 {
		return nil, e
	}
	if total(args)+total(env) > ArgMax {
		return nil, abi.E2BIG
	}
	lo := machine.MinAddr
	for i := range prog.File.Segments {
		if s := &prog.File.Segments[i]; s.VMAddr == 0 && s.FileSize == 0 && s.InitProt == 0 {
			lo = max(lo, machine.Addr(min(s.VMSize, 1<<40)))
		}
	}
	golang := prog.File.Section("__DATA", "__go_buildinfo") != nil
	sp, err := tasks.NewSpace(golang)
	if err != nil {
		return nil, abi.ENOMEM
	}
	m := vm.NewMap(tasks.Machine.Memory(), sp, lo, machine.SlotBase)
	if golang {
		m.TouchesSoon()
	}
	n := &newImage{space: sp, m: m}
	if e := l.fill(n, ctx, ns, prog, stackSize, args, env); e != 0 {
		sp.Destroy()
		m.Destroy()
		return nil, e
	}
	return n, 0
}

// fill loads the program into n.m and lays out its stack.
func (l *Loader) fill(n *newImage, ctx *sys.Context, ns *vfs.Namespace, prog *dyld.Object, stackSize uint64, args, env []string) abi.Errno {
	mem := &space{m: n.m, l: l, next: LibraryBase}
	opt := dyld.Options{ExecutablePath: prog.Path}
	for _, v := range env {
		name, val, _ := strings.Cut(v, "=")
		if dst := map[string]*[]string{"DYLD_INSERT_LIBRARIES": &opt.Insert, "DYLD_LIBRARY_PATH": &opt.LibraryPath,
			"DYLD_FRAMEWORK_PATH": &opt.FrameworkPath, "DYLD_FALLBACK_LIBRARY_PATH": &opt.FallbackPath}[name]; dst != nil {
			*dst = strings.Split(val, ":")
		}
	}
	// A program without libraries makes its own calls and is entered directly.
	static := len(prog.File.Dylibs) == 0
	if !static {
		shared, err := l.sharedRegion()
		if err != nil {
			n.abort = "dyld: the system's libraries can't be bound: " + err.Error()
			shared = nil
		}
		opt.Shared = shared
	}
	p := dyld.NewProcess(&search{l, ctx, ns}, opt)
	var inits []dyld.Call
	if n.abort != "" {
		// The message has been found already.
	} else if err := p.Load(prog, mem); err != nil {
		var errno abi.Errno
		if errors.As(err, &errno) && errno != abi.EBADMACHO {
			return errno
		}
		n.abort = err.Error()
	} else if inits, err = p.Initialisers(mem); err != nil {
		n.abort = err.Error()
	}

	n.image = &Image{Path: prog.Path, Args: args, Env: env, Loaded: p, StackTop: stackTop, StackSize: stackSize}
	n.image.Comm = clipComm(path.Base(prog.Path))
	if n.abort != "" {
		return 0
	}
	entry, thread, ok := p.Main().Entry()
	if !ok {
		return abi.EBADMACHO
	}
	start := uint64(0)
	if !static {
		if start, ok = l.puggleStart(p); !ok {
			// It is dynamic but has no libSystem: nothing would start it.
			n.abort = "dyld: " + prog.Path + ": the program does not use libSystem"
			return 0
		}
	}
	if e := n.stack(entry, start, thread, inits); e != 0 {
		return e
	}
	n.m.EnterFresh()
	return 0
}

func clipComm(s string) string { return s[:min(len(s), MAXCOMLEN)] }

// puggleStart finds libSystem's entry in the process.
func (l *Loader) puggleStart(p *dyld.Process) (uint64, bool) {
	for _, img := range p.Images() {
		if img.Prelinked == nil {
			continue
		}
		if at, ok := img.Object.Export("__puggle_start"); ok {
			return img.Base + at, true
		}
	}
	return 0, false
}

func total(l []string) int {
	n := 0
	for _, s := range l {
		n += len(s) + 1 + 8
	}
	return n
}

// stack makes the main thread's stack: at rsp argc, the arguments, the
// environment and the apple strings, each list ended by a zero; the strings
// above them, and between the two the record for libSystem's entry.
func (n *newImage) stack(entry, start uint64, thread bool, inits []dyld.Call) abi.Errno {
	im := n.image
	if _, kr := n.m.Enter(&vm.MapSpec{Addr: machine.Addr(stackTop - im.StackSize), Size: im.StackSize, Flags: vm.Fixed | vm.Tag(30),
		Cur: abi.VM_PROT_DEFAULT, Max: abi.VM_PROT_ALL, Inherit: abi.VM_INHERIT_COPY}); kr != 0 {
		return abi.ENOMEM
	}
	var rnd [40]byte
	rand.Read(rnd[:])
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(rnd[8*i:]) }
	im.Apple = []string{
		"executable_path=" + im.Path,
		fmt.Sprintf("ptr_munge=%#x", word(0)),
		fmt.Sprintf("stack_guard=%#x", word(1)&^0xff00),
		fmt.Sprintf("malloc_entropy=%#x,%#x", word(2), word(3)),
		fmt.Sprintf("main_stack=%#x,%#x,%#x,%#x", uint64(stackTop), im.StackSize, stackTop-im.StackSize, im.StackSize),
		"executable_boothash=",
	}

	var strs []byte
	lists := [][]string{im.Args, im.Env, im.Apple}
	count := 1
	for _, l := range lists {
		for _, s := range l {
			strs = append(append(strs, s...), 0)
		}
		count += len(l) + 1
	}
	strBase := (uint64(stackTop) - uint64(len(strs))) &^ 15
	rec := make([]byte, 32, 32+8*len(inits))
	put := binary.LittleEndian.PutUint64
	put(rec[0:], 1)
	put(rec[8:], entry)
	if thread {
		put(rec[16:], 1)
	}
	put(rec[24:], uint64(len(inits)))
	for _, c := range inits {
		rec = binary.LittleEndian.AppendUint64(rec, c.Addr)
	}
	recBase := (strBase - uint64(len(rec))) &^ 15
	rsp := (recBase - uint64(8*count)) &^ 15
	if stackTop-rsp > im.StackSize/2 {
		return abi.E2BIG
	}
	vec := binary.LittleEndian.AppendUint64(nil, uint64(len(im.Args)))
	at := strBase
	for _, l := range lists {
		for _, s := range l {
			vec = binary.LittleEndian.AppendUint64(vec, at)
			at += uint64(len(s)) + 1
		}
		vec = binary.LittleEndian.AppendUint64(vec, 0)
	}
	buf := make([]byte, stackTop-rsp)
	copy(buf, vec)
	copy(buf[recBase-rsp:], rec)
	copy(buf[strBase-rsp:], strs)
	if n.m.CopyOut(machine.Addr(rsp), buf) != 0 {
		return abi.ENOMEM
	}
	n.regs = machine.Regs{Rip: entry, Rsp: rsp, Rflags: 0x202}
	im.forget(strBase)
	if start != 0 {
		n.regs.Rip, n.regs.Rdi = start, recBase
	}
	return 0
}
