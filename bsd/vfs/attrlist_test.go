package vfs_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

func TestGetattrlist(t *testing.T) {
	w := onHost(t)
	of := w.open(t, "/file", abi.O_RDWR|abi.O_CREAT)
	defer of.Unref(w.ctx)
	v := vfs.VnodeOf(of)
	if e := vfs.Apply(w.ctx, v, &vfs.SetAttr{Valid: vfs.AttrSize, Size: 1234}); e != 0 {
		t.Fatal(e)
	}
	list := &abi.Attrlist{Common: abi.ATTR_CMN_RETURNED_ATTRS | abi.ATTR_CMN_NAME | abi.ATTR_CMN_OBJTYPE | abi.ATTR_CMN_MODTIME | abi.ATTR_CMN_UUID, File: abi.ATTR_FILE_DATALENGTH}
	b, e := vfs.Getattrlist(w.ctx, w.ns, v, list, 4096, 0)
	if e != 0 {
		t.Fatal(e.Name())
	}
	le := binary.LittleEndian
	// length, returned set (20), name reference (8), type, time (16), data length
	ref := 24
	at, n := ref+int(le.Uint32(b[ref:])), int(le.Uint32(b[ref+4:]))
	if int(le.Uint32(b)) != len(b) || string(b[at:at+n]) != "file\x00" || le.Uint32(b[32:]) != 1 || le.Uint64(b[52:]) != 1234 {
		t.Errorf("% x", b)
	}
	if le.Uint32(b[4:]) != list.Common&^abi.ATTR_CMN_UUID || le.Uint32(b[16:]) != list.File {
		t.Errorf("returned attributes % x", b[4:24])
	}
	if cut, _ := vfs.Getattrlist(w.ctx, w.ns, v, list, 10, abi.FSOPT_REPORT_FULLSIZE); len(cut) != 10 || int(le.Uint32(cut)) != len(b) {
		t.Errorf("cut off: % x", cut)
	}
	if _, e := vfs.Getattrlist(w.ctx, w.ns, v, &abi.Attrlist{Common: abi.ATTR_CMN_UUID}, 100, 0); e != abi.EINVAL {
		t.Errorf("unsupported: %s", e.Name())
	}
	set := make([]byte, 20)
	le.PutUint64(set, 77777)
	le.PutUint32(set[16:], 0o604)
	if e := vfs.Setattrlist(w.ctx, v, &abi.Attrlist{Common: abi.ATTR_CMN_MODTIME | abi.ATTR_CMN_ACCESSMASK}, set, 0); e != 0 {
		t.Fatal(e.Name())
	}
	var st abi.Stat
	of.Ops.Stat(w.ctx, &st)
	if st.Mtime.Sec != 77777 || st.Mode&0o777 != 0o604 {
		t.Errorf("setattrlist: %+v", st)
	}
	if e := vfs.Setattrlist(w.ctx, v, &abi.Attrlist{Common: abi.ATTR_CMN_MODTIME}, set[:8], 0); e != abi.EINVAL {
		t.Errorf("short: %s", e.Name())
	}
}

func TestGetattrlistbulk(t *testing.T) {
	w := inMemory(t)
	for i := range 100 {
		w.open(t, fmt.Sprint("/f", i), abi.O_RDWR|abi.O_CREAT).Unref(w.ctx)
	}
	of := w.open(t, "/", abi.O_RDONLY)
	defer of.Unref(w.ctx)
	list := &abi.Attrlist{Common: abi.ATTR_CMN_RETURNED_ATTRS | abi.ATTR_CMN_ERROR | abi.ATTR_CMN_NAME | abi.ATTR_CMN_FILEID}
	seen := map[string]bool{}
	for {
		b, n, e := vfs.Getattrlistbulk(w.ctx, w.ns, of, list, 500, 0)
		if e != 0 {
			t.Fatal(e.Name())
		}
		if n == 0 {
			break
		}
		for ; n > 0; n-- {
			size := binary.LittleEndian.Uint32(b)
			at := 28 + binary.LittleEndian.Uint32(b[28:])
			seen[string(b[at:at+binary.LittleEndian.Uint32(b[32:])-1])] = true
			b = b[size:]
		}
		if len(b) != 0 {
			t.Errorf("%d bytes left over", len(b))
		}
	}
	if len(seen) != 100 || !seen["f99"] {
		t.Errorf("%d entries", len(seen))
	}
}

// TestOtherIds: a guest that is root on the host and gives its rights up is held to
// the permission bits by us.
func TestOtherIds(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs a host process of root")
	}
	for name, boot := range map[string]func(*testing.T) *world{"host": onHost, "memory": inMemory} {
		t.Run(name, func(t *testing.T) {
			w := boot(t)
			vfs.Mkdir(w.ctx, w.ns, nil, "/closed", 0o700)
			w.open(t, "/closed/f", abi.O_RDWR|abi.O_CREAT).Unref(w.ctx)
			w.open(t, "/rootfile", abi.O_RDWR|abi.O_CREAT).Unref(w.ctx)
			vfs.Mkdir(w.ctx, w.ns, nil, "/tmp", 0o777)
			vfs.ApplyPath(w.ctx, w.ns, nil, "/tmp", true, &vfs.SetAttr{Valid: vfs.AttrMode, Mode: 0o1777})
			w.open(t, "/tmp/root", abi.O_RDWR|abi.O_CREAT).Unref(w.ctx)
			u := context("user")
			u.Cred = &sys.Cred{UID: 1234, GID: 1234}
			open := func(path string, flags int) abi.Errno {
				of, e := vfs.Open(u, w.ns, nil, path, flags, 0o600)
				if e == 0 {
					of.Unref(u)
				}
				return e
			}
			var st abi.Stat
			for _, c := range []struct {
				what      string
				got, want abi.Errno
			}{
				{"stat in a closed directory", vfs.Stat(u, w.ns, nil, "/closed/f", true, &st), abi.EACCES},
				{"open there", open("/closed/f", abi.O_RDONLY), abi.EACCES},
				{"read", open("/rootfile", abi.O_RDONLY), 0},
				{"write", open("/rootfile", abi.O_RDWR), abi.EACCES},
				{"truncate", open("/rootfile", abi.O_RDONLY|abi.O_TRUNC), abi.EACCES},
				{"create", open("/new", abi.O_RDWR|abi.O_CREAT), abi.EACCES},
				{"mkdir", vfs.Mkdir(u, w.ns, nil, "/new", 0o755), abi.EACCES},
				{"chmod", vfs.ApplyPath(u, w.ns, nil, "/rootfile", true, &vfs.SetAttr{Valid: vfs.AttrMode}), abi.EPERM},
				{"chown", vfs.ApplyPath(u, w.ns, nil, "/rootfile", true, vfs.Chown(1234, 1234)), abi.EPERM},
				{"sticky", vfs.Unlink(u, w.ns, nil, "/tmp/root"), abi.EPERM},
				{"sticky rename", vfs.Rename(u, w.ns, nil, "/tmp/root", nil, "/tmp/x", 0), abi.EPERM},
				{"own file", open("/tmp/own", abi.O_RDWR|abi.O_CREAT), 0},
				{"own file again", open("/tmp/own", abi.O_RDWR), 0},
				{"own stat", vfs.Stat(u, w.ns, nil, "/tmp/own", true, &st), 0},
				{"own unlink", vfs.Unlink(u, w.ns, nil, "/tmp/own"), 0},
				{"access", vfs.Access(u, w.ns, nil, "/rootfile", abi.W_OK, true), abi.EACCES},
				{"chroot", w.ns.Chroot(u, "/tmp"), abi.EPERM},
			} {
				if c.got != c.want {
					t.Errorf("%s: got %s, want %s", c.what, c.got.Name(), c.want.Name())
				}
			}
			if st.UID != 1234 {
				t.Errorf("a new file belongs to %d", st.UID)
			}
		})
	}
}
