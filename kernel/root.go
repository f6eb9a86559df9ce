package kernel

import (
	"fmt"
	"sort"
	"strings"

	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/fs/devfs"
	"puggle/bsd/fs/hostfs"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/kern"
	"puggle/bsd/pipe"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/libsystem"
	"puggle/mach/sched"
)

// roots is what the guests' root is made of.
type roots struct {
	tree  *vfs.Tree
	devs  *devfs.FS
	umask uint32
}

// kernelCtx is a context on behalf of the kernel itself.
func kernelCtx() *sys.Context {
	return &sys.Context{Thread: sched.NewThread("kernel"), Cred: hostCred()}
}

// KernelContext is a context for work that no process asked for, as tools do it.
func (s *System) KernelContext() *sys.Context { return kernelCtx() }

// hidden are the host's directories that mean nothing to a Darwin program and
// would mislead it.
var hidden = []string{"/proc", "/sys"}

// mountRoot composes the guests' file tree: the host's files; over them /dev,
// the system's own libraries, each as a single file, and the top-level names
// that Darwin has and Linux has not.
func (s *System) mountRoot() (*roots, error) {
	fail := func(what string, e abi.Errno) (*roots, error) {
		return nil, fmt.Errorf("can't make the root file system: %s: %v", what, e)
	}
	host, e := hostfs.New(s.cfg.Root)
	if e != 0 {
		return fail(s.cfg.Root, e)
	}
	tree, e := vfs.NewTree(host, "apfs", "/dev/disk1s1", 0)
	if e != 0 {
		return fail("/", e)
	}
	tree.OpenFifo = pipe.OpenFifo
	tree.OpenDevice = func(ctx *sys.Context, v *vfs.Vnode, rdev int32, flags int) (sys.FileOps, abi.Errno) {
		return dev.Open(ctx, v.Type == vfs.VBLK, rdev, flags)
	}
	if e := s.addFSTypes(tree); e != 0 {
		return fail("types", e)
	}
	ctx := kernelCtx()
	r := &roots{tree: tree, devs: devfs.New()}
	r.devs.SetFdesc(callerFdesc)
	if _, e := tree.Mount(ctx, "/dev", r.devs, "devfs", "devfs", abi.MNT_DONTBROWSE); e != 0 {
		return fail("/dev", e)
	}
	for _, h := range hidden {
		if e := tree.Whiteout(ctx, h); e != 0 && e != abi.ENOENT {
			return fail(h, e)
		}
	}
	if e := r.addSystem(ctx); e != 0 {
		return fail("system files", e)
	}
	if !s.cfg.NoUserland {
		if e := addUserland(ctx, tree); e != 0 {
			return fail("userland", e)
		}
	}
	for _, b := range s.cfg.Binds {
		if err := b.add(ctx, tree); err != nil {
			return nil, err
		}
	}
	r.umask = uint32(hostfs.HostUmask())
	return r, nil
}

// addSystem puts the system's libraries in their places. Those below /System are
// on a file system of their own; others cover single names in the host's
// directories.
func (r *roots) addSystem(ctx *sys.Context) abi.Errno {
	system, single, private := ramfs.New(64<<20), ramfs.New(64<<20), ramfs.New(1<<20)
	for _, d := range []string{"tmp", "var", "etc"} {
		if e := private.AddSymlink(d, "/"+d); e != 0 {
			return e
		}
	}
	if _, e := r.tree.Mount(ctx, "/private", private, "apfs", "/dev/disk1s3", 0); e != 0 {
		return e
	}
	files := libsystem.Files()
	var paths []string
	for p := range files {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	for _, p := range paths {
		if rest, ok := strings.CutPrefix(p, "/System/"); ok {
			v, e := system.AddFile(rest, 0o755, files[p])
			if e != 0 {
				return e
			}
			v.Unref()
		}
	}
	v, e := system.AddFile("Library/CoreServices/SystemVersion.plist", 0o644, systemVersion())
	if e != 0 {
		return e
	}
	v.Unref()
	if e := r.addAliases(ctx, system, single); e != 0 {
		return e
	}
	if _, e := r.tree.Mount(ctx, "/System", system, "apfs", "/dev/disk1s2", abi.MNT_RDONLY); e != 0 {
		return e
	}
	for _, p := range paths {
		if strings.HasPrefix(p, "/System/") {
			continue
		}
		v, e := single.AddFile(strings.TrimPrefix(p, "/"), 0o755, files[p])
		if e != 0 {
			return e
		}
		if e := r.tree.Cover(ctx, p, v); e != 0 && e != abi.ENOENT {
			return e
		}
	}
	return 0
}

// The version of the system that the machine says it is.
const (
	osProduct = "13.5"
	osBuild   = "22G120"
)

// systemVersion is the property list in which programs look the version up.
func systemVersion() []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>ProductBuildVersion</key>
	<string>` + osBuild + `</string>
	<key>ProductName</key>
	<string>macOS</string>
	<key>ProductUserVisibleVersion</key>
	<string>` + osProduct + `</string>
	<key>ProductVersion</key>
	<string>` + osProduct + `</string>
</dict>
</plist>
`)
}

// addAliases adds the symbolic links that lead to the system's libraries.
func (r *roots) addAliases(ctx *sys.Context, system, single *ramfs.FS) abi.Errno {
	for path, target := range libsystem.Aliases() {
		if rest, ok := strings.CutPrefix(path, "/System/"); ok {
			if e := system.AddSymlink(rest, target); e != 0 {
				return e
			}
			continue
		}
		if e := single.AddSymlink(path[1:], target); e != 0 {
			return e
		}
		v, e := single.Find(path[1:])
		if e != 0 {
			return e
		}
		if e := r.tree.Cover(ctx, path, v); e != 0 && e != abi.ENOENT {
			return e
		}
	}
	return 0
}

// namespace makes a process's view, in a directory of the host.
func (s *System) namespace(dir string) (*vfs.Namespace, abi.Errno) {
	ns := s.Tree.NewNamespace()
	if dir == "" {
		return ns, 0
	}
	if e := ns.Chdir(kernelCtx(), dir); e != 0 {
		ns.Release()
		return nil, e
	}
	return ns, 0
}

// fdesc is /dev/fd for one caller.
type fdesc struct{ p *kern.Proc }

func (f fdesc) Get(fd int) (*sys.OpenFile, abi.Errno) { return f.p.Fd.Lookup(int32(fd)) }

func (f fdesc) List() []int {
	var l []int
	for _, fd := range f.p.Fd.Open() {
		l = append(l, int(fd))
	}
	return l
}

func callerFdesc(ctx *sys.Context) devfs.Fdesc {
	if p, _ := ctx.Proc.(*kern.Proc); p != nil {
		return fdesc{p}
	}
	return nil
}
