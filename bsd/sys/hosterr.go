package sys

import (
	"errors"

	"golang.org/x/sys/unix"

	"puggle/abi"
)

// HostErrno translates the error of a host call. Nil is 0. An error that is no
// errno, or one that Darwin has nothing like, becomes EIO. The host's
// EOPNOTSUPP becomes ENOTSUP; sockets, for which Darwin has a number of its
// own, look for it themselves.
func HostErrno(err error) abi.Errno {
	if err == nil {
		return 0
	}
	no, ok := err.(unix.Errno)
	if !ok && !errors.As(err, &no) {
		return abi.EIO
	}
	if int(no) < len(hostErrno) {
		if e := hostErrno[no]; e != 0 {
			return e
		}
	}
	return abi.EIO
}

// hostErrno is indexed by the host's number. Gaps are errors of XENIX, X.25 and
// sound drivers that no call of ours can give.
var hostErrno = [...]abi.Errno{
	unix.EPERM: abi.EPERM, unix.ENOENT: abi.ENOENT, unix.ESRCH: abi.ESRCH, unix.EINTR: abi.EINTR,
	unix.EIO: abi.EIO, unix.ENXIO: abi.ENXIO, unix.E2BIG: abi.E2BIG, unix.ENOEXEC: abi.ENOEXEC,
	unix.EBADF: abi.EBADF, unix.ECHILD: abi.ECHILD, unix.EAGAIN: abi.EAGAIN, unix.ENOMEM: abi.ENOMEM,
	unix.EACCES: abi.EACCES, unix.EFAULT: abi.EFAULT, unix.ENOTBLK: abi.ENOTBLK, unix.EBUSY: abi.EBUSY,
	unix.EEXIST: abi.EEXIST, unix.EXDEV: abi.EXDEV, unix.ENODEV: abi.ENODEV, unix.ENOTDIR: abi.ENOTDIR,
	unix.EISDIR: abi.EISDIR, unix.EINVAL: abi.EINVAL, unix.ENFILE: abi.ENFILE, unix.EMFILE: abi.EMFILE,
	unix.ENOTTY: abi.ENOTTY, unix.ETXTBSY: abi.ETXTBSY, unix.EFBIG: abi.EFBIG, unix.ENOSPC: abi.ENOSPC,
	unix.ESPIPE: abi.ESPIPE, unix.EROFS: abi.EROFS, unix.EMLINK: abi.EMLINK, unix.EPIPE: abi.EPIPE,
	unix.EDOM: abi.EDOM, unix.ERANGE: abi.ERANGE, unix.EDEADLK: abi.EDEADLK, unix.ENAMETOOLONG: abi.ENAMETOOLONG,
	unix.ENOLCK: abi.ENOLCK, unix.ENOSYS: abi.ENOSYS, unix.ENOTEMPTY: abi.ENOTEMPTY, unix.ELOOP: abi.ELOOP,
	unix.ENOMSG: abi.ENOMSG, unix.EIDRM: abi.EIDRM, unix.ENOSTR: abi.ENOSTR, unix.ENODATA: abi.ENODATA,
	unix.ETIME: abi.ETIME, unix.ENOSR: abi.ENOSR, unix.ENONET: abi.ENETDOWN, unix.EREMOTE: abi.EREMOTE,
	unix.ENOLINK: abi.ENOLINK, unix.ECOMM: abi.EIO, unix.EPROTO: abi.EPROTO, unix.EMULTIHOP: abi.EMULTIHOP,
	unix.EBADMSG: abi.EBADMSG, unix.EOVERFLOW: abi.EOVERFLOW, unix.EILSEQ: abi.EILSEQ, unix.ERESTART: abi.EINTR,
	unix.EUSERS: abi.EUSERS, unix.ENOTSOCK: abi.ENOTSOCK, unix.EDESTADDRREQ: abi.EDESTADDRREQ,
	unix.EMSGSIZE: abi.EMSGSIZE, unix.EPROTOTYPE: abi.EPROTOTYPE, unix.ENOPROTOOPT: abi.ENOPROTOOPT,
	unix.EPROTONOSUPPORT: abi.EPROTONOSUPPORT, unix.ESOCKTNOSUPPORT: abi.ESOCKTNOSUPPORT,
	unix.EOPNOTSUPP: abi.ENOTSUP, unix.EPFNOSUPPORT: abi.EPFNOSUPPORT, unix.EAFNOSUPPORT: abi.EAFNOSUPPORT,
	unix.EADDRINUSE: abi.EADDRINUSE, unix.EADDRNOTAVAIL: abi.EADDRNOTAVAIL, unix.ENETDOWN: abi.ENETDOWN,
	unix.ENETUNREACH: abi.ENETUNREACH, unix.ENETRESET: abi.ENETRESET, unix.ECONNABORTED: abi.ECONNABORTED,
	unix.ECONNRESET: abi.ECONNRESET, unix.ENOBUFS: abi.ENOBUFS, unix.EISCONN: abi.EISCONN,
	unix.ENOTCONN: abi.ENOTCONN, unix.ESHUTDOWN: abi.ESHUTDOWN, unix.ETOOMANYREFS: abi.ETOOMANYREFS,
	unix.ETIMEDOUT: abi.ETIMEDOUT, unix.ECONNREFUSED: abi.ECONNREFUSED, unix.EHOSTDOWN: abi.EHOSTDOWN,
	unix.EHOSTUNREACH: abi.EHOSTUNREACH, unix.EALREADY: abi.EALREADY, unix.EINPROGRESS: abi.EINPROGRESS,
	unix.ESTALE: abi.ESTALE, unix.EREMOTEIO: abi.EIO, unix.EDQUOT: abi.EDQUOT, unix.ENOMEDIUM: abi.ENXIO,
	unix.EMEDIUMTYPE: abi.EFTYPE, unix.ECANCELED: abi.ECANCELED, unix.ENOKEY: abi.ENEEDAUTH,
	unix.EKEYEXPIRED: abi.EAUTH, unix.EKEYREVOKED: abi.EAUTH, unix.EKEYREJECTED: abi.EAUTH,
	unix.EOWNERDEAD: abi.EOWNERDEAD, unix.ENOTRECOVERABLE: abi.ENOTRECOVERABLE, unix.ERFKILL: abi.ENETDOWN,
	unix.EHWPOISON: abi.EIO,
}
