/* Disk quotas. */
#ifndef _SYS_QUOTA_H_
#define _SYS_QUOTA_H_
#include <sys/types.h>
#include <sys/cdefs.h>
#include <stdint.h>
#define USRQUOTA 0
#define GRPQUOTA 1
#define MAXQUOTAS 2
#define SUBCMDMASK 0x00ff
#define SUBCMDSHIFT 8
#define QCMD(cmd, type) (((cmd) << SUBCMDSHIFT) | ((type) & SUBCMDMASK))
#define Q_QUOTAON 0x0100
#define Q_QUOTAOFF 0x0200
#define Q_GETQUOTA 0x0300
#define Q_SETQUOTA 0x0400
#define Q_SETUSE 0x0500
#define Q_SYNC 0x0600
#define Q_QUOTASTAT 0x0700
struct dqblk {
	uint64_t dqb_bhardlimit, dqb_bsoftlimit, dqb_curbytes;
	uint32_t dqb_ihardlimit, dqb_isoftlimit, dqb_curinodes, dqb_btime, dqb_itime, dqb_id, dqb_spare[4];
};
#endif
