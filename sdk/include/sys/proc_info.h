/* What proc_info answers. */
#ifndef _SYS_PROC_INFO_H_
#define _SYS_PROC_INFO_H_
#include <sys/types.h>
#define PROC_ALL_PIDS 1
#define PROC_PIDTASKALLINFO 2
#define PROC_PIDTBSDINFO 3
#define PROC_PIDTASKINFO 4
#define PROC_PIDREGIONINFO 7
#define PROC_PIDREGIONPATHINFO 8
#define PROC_PIDLISTFDS 1
#define PROC_PIDLISTTHREADS 6
#define PROC_PIDVNODEPATHINFO 9
#define PROC_PIDPATHINFO 11
#define PROC_PIDFDVNODEINFO 1
#define PROC_PIDFDVNODEPATHINFO 2
#define PROC_PIDREGIONPATH 31
struct proc_bsdinfo {
	uint32_t pbi_flags, pbi_status, pbi_xstatus, pbi_pid, pbi_ppid;
	uid_t pbi_uid; gid_t pbi_gid; uid_t pbi_ruid; gid_t pbi_rgid; uid_t pbi_svuid; gid_t pbi_svgid;
	uint32_t rfu_1;
	char pbi_comm[16], pbi_name[32];
	uint32_t pbi_nfiles, pbi_pgid, pbi_pjobc, e_tdev, e_tpgid;
	int32_t pbi_nice;
	uint64_t pbi_start_tvsec, pbi_start_tvusec;
};
struct proc_taskinfo {
	uint64_t pti_virtual_size, pti_resident_size, pti_total_user, pti_total_system, pti_threads_user, pti_threads_system;
	int32_t pti_policy, pti_faults, pti_pageins, pti_cow_faults, pti_messages_sent, pti_messages_received;
	int32_t pti_syscalls_mach, pti_syscalls_unix, pti_csw, pti_threadnum, pti_numrunning, pti_priority;
};
struct proc_fdinfo { int32_t proc_fd; uint32_t proc_fdtype; };
struct proc_fileinfo { uint32_t fi_openflags, fi_status; off_t fi_offset; int32_t fi_type; uint32_t fi_guardflags; };
struct vinfo_stat {
	uint32_t vst_dev;
	uint16_t vst_mode, vst_nlink;
	uint64_t vst_ino;
	uid_t vst_uid; gid_t vst_gid;
	int64_t vst_atime, vst_atimensec, vst_mtime, vst_mtimensec, vst_ctime, vst_ctimensec, vst_birthtime, vst_birthtimensec;
	off_t vst_size;
	int64_t vst_blocks;
	int32_t vst_blksize;
	uint32_t vst_flags, vst_gen, vst_rdev;
	int64_t vst_qspare[2];
};
struct vnode_info { struct vinfo_stat vi_stat; int vi_type, vi_pad; int32_t vi_fsid[2]; };
struct vnode_info_path { struct vnode_info vip_vi; char vip_path[1024]; };
struct vnode_fdinfo { struct proc_fileinfo pfi; struct vnode_info pvi; };
struct vnode_fdinfowithpath { struct proc_fileinfo pfi; struct vnode_info_path pvip; };
struct proc_vnodepathinfo { struct vnode_info_path pvi_cdir, pvi_rdir; };
struct proc_regionpath { uint64_t prpo_addr, prpo_regionlength; char prpo_path[1024]; };
#endif
