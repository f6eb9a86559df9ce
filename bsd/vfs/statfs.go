package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// Statfs is statfs and fstatfs: about the mount that v is on.
func Statfs(ctx *sys.Context, v *Vnode, sf *abi.Statfs) abi.Errno {
	if v.Mount == nil {
		return abi.EINVAL
	}
	return v.Mount.Statfs(ctx, sf)
}

// Statfs fills in sf.
func (m *Mount) Statfs(ctx *sys.Context, sf *abi.Statfs) abi.Errno {
	*sf = abi.Statfs{}
	if e := m.FS.Statfs(ctx, sf); e != 0 {
		return e
	}
	sf.Fsid, sf.Flags = m.Fsid, m.Flags
	sf.Fstypename, sf.Mntonname, sf.Mntfromname = m.Type, m.On, m.From
	return 0
}

// Getfsstat is getfsstat: one Statfs for each mount.
func Getfsstat(ctx *sys.Context, ns *Namespace) []abi.Statfs {
	var all []abi.Statfs
	for _, m := range ns.tree.Mounts() {
		var sf abi.Statfs
		if m.Statfs(ctx, &sf) == 0 {
			all = append(all, sf)
		}
	}
	return all
}

// Sync is sync.
func Sync(ctx *sys.Context, ns *Namespace) {
	for _, m := range ns.tree.Mounts() {
		m.FS.Sync(ctx)
	}
}
