package kernel

import (
	"path"
	"slices"

	"puggle/abi"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/userland"
)

// systemBins are the directories of programs that belong to the system. The
// host's are full of programs that can't run here, and that a program which
// looks for them would find; so they are the machine's own.
var systemBins = []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin"}

// addUserland mounts the userland's directories: one program under each of its
// names, but for those that have their own. Where the host has /bin as a link to /usr/bin, one directory has the
// names of both.
func addUserland(ctx *sys.Context, tree *vfs.Tree) abi.Errno {
	ns := tree.NewNamespace()
	defer ns.Release()
	names := map[string][]string{} // by real directory
	real := map[string]string{}
	for _, dir := range systemBins {
		v, e := vfs.Lookup(ctx, ns, nil, dir, true)
		if e != 0 {
			continue // the host has none
		}
		p, e := ns.GetPath(ctx, v)
		v.Unref()
		if e != 0 {
			return e
		}
		real[dir], names[p] = p, nil
	}
	for _, name := range userland.Names() {
		if p, ok := real[path.Dir(name)]; ok {
			names[p] = append(names[p], path.Base(name))
		}
	}
	for dir, list := range names {
		if e := addBin(ctx, tree, dir, list); e != 0 {
			return e
		}
	}
	return 0
}

func addBin(ctx *sys.Context, tree *vfs.Tree, dir string, names []string) abi.Errno {
	fs := ramfs.New(64 << 20)
	others := map[string][]byte{}
	for p, program := range userland.Others() {
		others[path.Base(p)] = program
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		// One file a name, not links of one: a program learns its name from
		// the path of its file. The bytes are shared.
		size, program := userland.Size(), userland.Program
		if own := others[name]; own != nil {
			size, program = int64(len(own)), func() ([]byte, error) { return own, nil }
		}
		v, e := fs.AddLazyFile(name, 0o755, size, program)
		if e != 0 {
			return e
		}
		v.Unref()
	}
	_, e := tree.Mount(ctx, dir, fs, "apfs", "/dev/disk1s4", abi.MNT_RDONLY)
	return e
}
