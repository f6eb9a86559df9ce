package pipe

import (
	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// OpenFifo opens the FIFO that v is; it is what vfs.Tree.OpenFifo wants. flags and
// errors are those of Fifo.Open.
func OpenFifo(ctx *sys.Context, v *vfs.Vnode, flags int) (*sys.OpenFile, abi.Errno) {
	fifo := v.Fifo(func() any { return NewFifo() }).(*Fifo)
	v.Ref()
	e, err := fifo.Open(ctx, flags)
	if err != 0 {
		v.Unref()
		return nil, err
	}
	return sys.NewOpenFile(&fifoFile{e, v}, flags), 0
}

// fifoFile is an end whose name and owner are a vnode's. The vnode lives as long
// as somebody has it open, and the bytes with it.
type fifoFile struct {
	*End
	v *vfs.Vnode
}

// IsFifo tells it from a pipe: for some calls a file with a name is a vnode, whatever it is.
func (f *fifoFile) IsFifo() {}

// Stat gives the vnode's attributes.
func (f *fifoFile) Stat(ctx *sys.Context, st *abi.Stat) abi.Errno {
	return f.v.Ops.GetAttr(ctx, st)
}

// Close closes the end and drops the vnode.
func (f *fifoFile) Close(ctx *sys.Context) abi.Errno {
	err := f.End.Close(ctx)
	f.v.Unref()
	return err
}
