package ramfs

import (
	"sync"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
)

// quotas are what users and groups use of the file system, and may use. Its lock comes last.
type quotas struct {
	mu  sync.Mutex
	on  [abi.MAXQUOTAS]bool
	ids [abi.MAXQUOTAS]map[uint32]*abi.Dqblk
}

// maxQuotaIDs bounds the ids that limits can be set for.
const maxQuotaIDs = 4096

// quotaUse is what one node is counted with.
type quotaUse struct {
	ids   [abi.MAXQUOTAS]uint32
	bytes int64
	files int64
}

// get gives an id's record; mu is held.
func (q *quotas) get(typ int, id uint32) *abi.Dqblk {
	d := q.ids[typ][id]
	if d == nil {
		if q.ids[typ] == nil {
			q.ids[typ] = map[uint32]*abi.Dqblk{}
		}
		d = &abi.Dqblk{ID: id}
		q.ids[typ][id] = d
	}
	return d
}

// forget drops a record that says nothing.
func (q *quotas) forget(typ int, d *abi.Dqblk) {
	if *d == (abi.Dqblk{ID: d.ID}) {
		delete(q.ids[typ], d.ID)
	}
}

// exceeds says whether use is above the hard limit, or has been above the soft one for too long; the time
// when that begins to count is kept in since.
func exceeds(use, hard, soft uint64, since *uint32, on bool) bool {
	now := uint32(time.Now().Unix())
	switch {
	case soft == 0 || use <= soft:
		*since = 0
	case *since == 0:
		*since = now + abi.MaxDQTime
	case now > *since && on:
		return true
	}
	return on && hard != 0 && use > hard
}

// charge counts more (or less) for a node: chkdq and chkiq. EDQUOT, and nothing is counted, where a
// limit is in the way of a caller who is not root; force counts whatever comes.
func (q *quotas) charge(cred *sys.Cred, u *quotaUse, bytes, files int64, force bool) abi.Errno {
	q.mu.Lock()
	defer q.mu.Unlock()
	force = force || cred == nil || cred.IsSuser()
	for typ, id := range u.ids {
		d := q.get(typ, id)
		on := q.on[typ] && !force
		over := bytes > 0 && exceeds(d.CurBytes+uint64(bytes), d.BHardLimit, d.BSoftLimit, &d.BTime, on) ||
			files > 0 && exceeds(uint64(d.CurInodes)+uint64(files), uint64(d.IHardLimit), uint64(d.ISoftLimit), &d.ITime, on)
		if over {
			q.forget(typ, d)
			return abi.EDQUOT
		}
	}
	q.add(u, bytes, files)
	return 0
}

// add counts; mu is held.
func (q *quotas) add(u *quotaUse, bytes, files int64) {
	for typ, id := range u.ids {
		d := q.get(typ, id)
		d.CurBytes += uint64(bytes)
		d.CurInodes += uint32(files)
		if d.BSoftLimit == 0 || d.CurBytes <= d.BSoftLimit {
			d.BTime = 0
		}
		if d.ISoftLimit == 0 || d.CurInodes <= d.ISoftLimit {
			d.ITime = 0
		}
		q.forget(typ, d)
	}
	u.bytes += bytes
	u.files += files
}

// move gives a node another owner and group, who are charged with it: root's doing, or to a group that the
// owner is in.
func (q *quotas) move(u *quotaUse, uid, gid uint32) {
	q.mu.Lock()
	defer q.mu.Unlock()
	bytes, files := u.bytes, u.files
	q.add(u, -bytes, -files)
	u.ids = [abi.MAXQUOTAS]uint32{uid, gid}
	q.add(u, bytes, files)
}

// Quotactl is quotactl(2): EINVAL for a command or type that is none, and for Q_SETUSE of what is counted
// anyway; ENOSPC when limits are set for too many ids. Use is always counted; Q_QUOTAON has limits kept.
func (fs *FS) Quotactl(cmd, typ int, id uint32, d *abi.Dqblk) abi.Errno {
	if typ < 0 || typ >= abi.MAXQUOTAS {
		return abi.EINVAL
	}
	q := &fs.quotas
	q.mu.Lock()
	defer q.mu.Unlock()
	switch cmd {
	case abi.Q_QUOTAON:
		q.on[typ] = true
	case abi.Q_QUOTAOFF:
		q.on[typ] = false
	case abi.Q_GETQUOTA:
		*d = abi.Dqblk{ID: id}
		if have := q.ids[typ][id]; have != nil {
			*d = *have
		}
	case abi.Q_SETQUOTA:
		if q.ids[typ][id] == nil && len(q.ids[typ]) >= maxQuotaIDs {
			return abi.ENOSPC
		}
		have := q.get(typ, id)
		have.BHardLimit, have.BSoftLimit, have.IHardLimit, have.ISoftLimit = d.BHardLimit, d.BSoftLimit, d.IHardLimit, d.ISoftLimit
		have.BTime, have.ITime = 0, 0
		q.forget(typ, have)
	case abi.Q_SYNC:
	case abi.Q_QUOTASTAT:
		*d = abi.Dqblk{}
		if q.on[typ] {
			d.ID = 1
		}
	default:
		return abi.EINVAL
	}
	return 0
}
