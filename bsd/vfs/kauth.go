package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// Rights are kauth_action_t of the scope of vnodes (<sys/kauth.h>).
type Rights uint32

const (
	ReadData        Rights = 1 << 1 // of a directory: list it
	WriteData       Rights = 1 << 2 // of a directory: add a file
	Execute         Rights = 1 << 3 // of a directory: search it
	Delete          Rights = 1 << 4
	AppendData      Rights = 1 << 5 // of a directory: add a directory
	DeleteChild     Rights = 1 << 6
	ReadAttributes  Rights = 1 << 7
	WriteAttributes Rights = 1 << 8
	ReadExtattr     Rights = 1 << 9
	WriteExtattr    Rights = 1 << 10
	ReadSecurity    Rights = 1 << 11
	WriteSecurity   Rights = 1 << 12
	TakeOwnership   Rights = 1 << 13
	LinkTarget      Rights = 1 << 25
	AccessOnly      Rights = 1 << 31 // access(): it is only asked
)

// FileOp is a kauth_action_t of the scope of file operations.
type FileOp int

const (
	FileOpen       FileOp = 1
	FileClose      FileOp = 2
	FileRename     FileOp = 3
	FileLink       FileOp = 5
	FileExec       FileOp = 6
	FileDelete     FileOp = 7
	FileWillRename FileOp = 8
)

// Kauth is kernel authorization as the file layer knows it: who is asked before
// something is done with a vnode, and who is told afterwards. Both are called on the
// caller's thread without locks, and may sleep.
type Kauth struct {
	// Vnode may deny rights on vp with an error. dvp is its directory for Delete,
	// and nil else. The file system's own check comes besides. Nil: nobody asks.
	Vnode func(ctx *sys.Context, rights Rights, vp, dvp *Vnode) abi.Errno
	// Fileop hears what was done: vp is nil for FileRename and FileLink, to is the second
	// path of those and of FileWillRename; modified is for FileClose. Nil: nobody hears.
	Fileop func(ctx *sys.Context, op FileOp, vp *Vnode, path, to string, modified bool)
}

// SetKauth replaces who is asked and told; nil for nobody.
func (t *Tree) SetKauth(k *Kauth) {
	t.kauth.Store(k)
	t.plain.forget()
}

func (v *Vnode) kauth() *Kauth {
	if v == nil || v.Mount == nil || v.Mount.tree == nil {
		return nil
	}
	return v.Mount.tree.kauth.Load()
}

// asked says whether somebody wants to be asked about each vnode, so that paths can't be
// resolved in one step.
func (t *Tree) asked() bool {
	k := t.kauth.Load()
	return k != nil && k.Vnode != nil
}

// Permit asks whether ctx may use rights on vp. EACCES, or what a listener says.
func Permit(ctx *sys.Context, rights Rights, vp, dvp *Vnode) abi.Errno {
	k := vp.kauth()
	if k == nil || k.Vnode == nil || rights == 0 || ctx == nil || ctx.Thread == nil {
		return 0
	}
	return k.Vnode(ctx, rights, vp, dvp)
}

// permitName is Permit for a name in a directory that is about to lose it.
func permitName(ctx *sys.Context, dvp *Vnode, name string, vp *Vnode) abi.Errno {
	if k := dvp.kauth(); k == nil || k.Vnode == nil {
		return 0
	}
	if vp == nil {
		v, e := dvp.Ops.Lookup(ctx, name)
		if e != 0 {
			return 0 // the operation says so, too
		}
		defer v.Unref()
		vp = v
	}
	return Permit(ctx, Delete, vp, dvp)
}

// Tell tells of a file operation on a vnode, if it has a path.
func Tell(ctx *sys.Context, op FileOp, v *Vnode, modified bool) {
	k := v.kauth()
	if k == nil || k.Fileop == nil || ctx == nil || ctx.Thread == nil {
		return
	}
	if path, e := v.Mount.tree.path(ctx, v); e == 0 {
		k.Fileop(ctx, op, v, path, "", modified)
	}
}

// naming is an operation on names that listeners hear of. Its zero value tells nobody.
type naming struct {
	k        *Kauth
	from, to string
	vp       *Vnode
}

// name notes a name and its vnode before it changes. vp may be nil: it is looked up.
func name(ctx *sys.Context, dvp *Vnode, name string, vp *Vnode) naming {
	k := dvp.kauth()
	if k == nil || k.Fileop == nil || ctx == nil || ctx.Thread == nil {
		return naming{}
	}
	dir, e := dvp.Mount.tree.path(ctx, dvp)
	if e != 0 {
		return naming{}
	}
	if vp != nil {
		vp.Ref()
	} else {
		vp, _ = dvp.Ops.Lookup(ctx, name)
	}
	if dir == "/" {
		dir = ""
	}
	return naming{k: k, from: dir + "/" + name, vp: vp}
}

func (n *naming) tell(ctx *sys.Context, op FileOp) {
	if n.k == nil {
		return
	}
	vp := n.vp
	if op == FileRename || op == FileLink {
		vp = nil
	}
	n.k.Fileop(ctx, op, vp, n.from, n.to, false)
}

func (n *naming) done() { n.vp.Unref() }

// rights that an open asks for.
func (o *opening) rights(v *Vnode) Rights {
	var r Rights
	if o.flags&abi.FREAD != 0 {
		r |= ReadData
	}
	if o.flags&(abi.FWRITE|abi.O_TRUNC) != 0 {
		// As XNU: what only appends asks for no more.
		if o.flags&abi.O_APPEND != 0 && o.flags&abi.O_TRUNC == 0 {
			r |= AppendData
		} else {
			r |= WriteData
		}
	}
	if o.flags&abi.O_EXEC != 0 {
		r |= Execute
	}
	return r
}

// rights that a change of attributes asks for.
func (a *SetAttr) rights() Rights {
	var r Rights
	if a.Valid&AttrSize != 0 {
		r |= WriteData
	}
	if a.Valid&AttrMode != 0 {
		r |= WriteSecurity
	}
	if a.Valid&(AttrUID|AttrGID) != 0 {
		r |= TakeOwnership
	}
	if a.Valid&(AttrAtime|AttrMtime|AttrFlags|AttrBirthtime) != 0 {
		r |= WriteAttributes
	}
	return r
}

// accessRights are those that access asks for by R_OK, W_OK and X_OK.
func accessRights(mode int) Rights {
	r := AccessOnly
	if mode&abi.R_OK != 0 {
		r |= ReadData
	}
	if mode&abi.W_OK != 0 {
		r |= WriteData
	}
	if mode&abi.X_OK != 0 {
		r |= Execute
	}
	return r
}
