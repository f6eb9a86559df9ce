package sys

// NGROUPS is the most supplementary groups that a credential holds.
const NGROUPS = 16

// Cred is a kauth_cred_t: immutable once shared; a change makes a new one.
type Cred struct {
	UID, RUID, SVUID uint32
	GID, RGID, SVGID uint32
	Groups           []uint32 // at most NGROUPS; Groups[0] is the effective group
}

// IsSuser is suser(): whether the effective user is root.
func (c *Cred) IsSuser() bool { return c.UID == 0 }

// IsMember says whether gid is the effective or a supplementary group.
func (c *Cred) IsMember(gid uint32) bool {
	if c.GID == gid {
		return true
	}
	for _, g := range c.Groups {
		if g == gid {
			return true
		}
	}
	return false
}
