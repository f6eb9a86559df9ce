package kernel

import (
	"time"

	"puggle/abi"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// The files where programs look for the kernel's messages: Mac OS X's, and NeXT's in a folder of its own.
const (
	systemLog   = "/var/log/system.log"
	admMessages = "/usr/adm"
)

// logFile is a file that shows what the kernel has printed, for anybody to read, as the console is: nothing that
// is secret may be in it. It is the message buffer, so what is old is gone.
type logFile struct {
	vfs.Unsupported
	s    *System
	name string
	ino  uint64
	v    *vfs.Vnode
}

func (s *System) newLog(name string, ino uint64) *logFile {
	f := &logFile{s: s, name: name, ino: ino}
	f.v = vfs.NewVnode(nil, vfs.VREG, f)
	return f
}

// addLogs puts the logs over the host's directories, where it has them.
func (s *System) addLogs(ctx *sys.Context, t *vfs.Tree) abi.Errno {
	if e := t.Cover(ctx, systemLog, s.newLog("system.log", 1).v); e != 0 && e != abi.ENOENT && e != abi.ENOTDIR {
		return e
	}
	fs := ramfs.New(1 << 20)
	if e := fs.AddVnode("messages", s.newLog("messages", 2).v); e != 0 {
		return e
	}
	if _, e := t.Mount(ctx, admMessages, fs, "logfs", "kernel", abi.MNT_RDONLY|abi.MNT_DONTBROWSE); e != 0 && e != abi.ENOENT && e != abi.ENOTDIR {
		return e
	}
	return 0
}

// text is what was printed: nothing before the first extension, which nobody else is made for.
func (f *logFile) text() string {
	if x := f.s.ext.made.Load(); x != nil {
		return x.Task.Messages.String()
	}
	return ""
}

// Open refuses to write: EROFS, where the mount has not done so.
func (f *logFile) Open(_ *sys.Context, flags int) (*sys.OpenFile, abi.Errno) {
	if flags&(abi.FWRITE|abi.O_TRUNC) != 0 {
		return nil, abi.EROFS
	}
	return nil, 0
}

// Close has nothing to give back.
func (f *logFile) Close(*sys.Context, int) abi.Errno { return 0 }

// Read gives the text from an offset on. A buffer that has gone round has moved under the reader.
func (f *logFile) Read(_ *sys.Context, u *sys.Uio, _ int) abi.Errno {
	if t := f.text(); u.Offset < int64(len(t)) {
		u.CopyIn([]byte(t[u.Offset:]))
	}
	return 0
}

// GetAttr shows a file of root's that all may read.
func (f *logFile) GetAttr(_ *sys.Context, st *abi.Stat) abi.Errno {
	n := int64(len(f.text()))
	now := abi.Timespec{Sec: time.Now().Unix()}
	*st = abi.Stat{Mode: abi.S_IFREG | 0o444, Nlink: 1, Ino: f.ino, Size: n, Blocks: (n + 511) / 512, Blksize: 4096, Atime: now, Mtime: now, Ctime: now, Birthtime: now}
	if f.v.Mount != nil {
		st.Dev = f.v.Mount.Dev()
	}
	return 0
}

// Access lets all read.
func (f *logFile) Access(_ *sys.Context, mode int) abi.Errno {
	if mode&(abi.W_OK|abi.X_OK) != 0 {
		return abi.EACCES
	}
	return 0
}

// Path is the name alone.
func (f *logFile) Path(*sys.Context) (string, abi.Errno) { return f.name, 0 }

// Reclaim has nothing to give back.
func (f *logFile) Reclaim() {}
