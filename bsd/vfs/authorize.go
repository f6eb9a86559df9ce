package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// Authorize checks permission bits for R_OK, W_OK, X_OK as vaccess does: owner,
// group or others, one class only; root may read and write all, and execute what
// anybody may, or search any directory. EACCES.
func Authorize(cred *sys.Cred, st *abi.Stat, mode int) abi.Errno {
	if cred == nil {
		return 0
	}
	if cred.IsSuser() {
		if mode&abi.X_OK != 0 && st.Mode&abi.S_IFMT != abi.S_IFDIR && st.Mode&0o111 == 0 {
			return abi.EACCES
		}
		return 0
	}
	bits := st.Mode
	switch {
	case cred.UID == st.UID:
		bits >>= 6
	case cred.IsMember(st.GID):
		bits >>= 3
	}
	// R_OK, W_OK and X_OK have the values of the permission bits.
	if uint16(mode)&7&^bits != 0 {
		return abi.EACCES
	}
	return 0
}

// AuthorizeRemove checks whether the caller may take the entry with the
// attributes st out of the directory with dst: EACCES without write permission on
// the directory, EPERM if it is sticky and neither belongs to the caller.
func AuthorizeRemove(cred *sys.Cred, dst, st *abi.Stat) abi.Errno {
	if e := Authorize(cred, dst, abi.W_OK|abi.X_OK); e != 0 {
		return e
	}
	if cred != nil && !cred.IsSuser() && dst.Mode&abi.S_ISVTX != 0 && cred.UID != dst.UID && cred.UID != st.UID {
		return abi.EPERM
	}
	return 0
}

// AuthorizeSetAttr checks the change a of a file with attributes st: EPERM unless
// the caller owns it, with the exceptions that chown and utimes have.
func AuthorizeSetAttr(cred *sys.Cred, st *abi.Stat, a *SetAttr) abi.Errno {
	if cred == nil || cred.IsSuser() {
		return 0
	}
	owner := cred.UID == st.UID
	if a.Valid&(AttrMode|AttrFlags|AttrBirthtime) != 0 && !owner {
		return abi.EPERM
	}
	if a.Valid&AttrUID != 0 && (!owner || a.UID != st.UID) {
		return abi.EPERM
	}
	if a.Valid&AttrGID != 0 && (!owner || a.GID != st.GID && !cred.IsMember(a.GID)) {
		return abi.EPERM
	}
	if t := a.Valid & (AttrAtime | AttrMtime); t != 0 && !owner {
		now := (t&AttrAtime == 0 || a.Valid&AttrAtimeNow != 0) && (t&AttrMtime == 0 || a.Valid&AttrMtimeNow != 0)
		if !now {
			return abi.EPERM
		}
		return Authorize(cred, st, abi.W_OK)
	}
	if a.Valid&AttrSize != 0 {
		return Authorize(cred, st, abi.W_OK)
	}
	return 0
}
