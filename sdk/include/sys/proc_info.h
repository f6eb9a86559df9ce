/* What proc_info answers. */
#ifndef _SYS_PROC_INFO_H_
#define _SYS_PROC_INFO_H_
#include <sys/types.h>
#include <netinet/in.h>
#include <sys/un.h>
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
#define PROC_PIDFDSOCKETINFO 3
#define PROC_PIDFDPSEMINFO 4
#define PROC_PIDFDPSHMINFO 5
#define PROC_PIDFDPIPEINFO 6
#define PROC_PIDFDKQUEUEINFO 7
#define PROC_PIDREGIONPATH 31
#define PROX_FDTYPE_VNODE 1
#define PROX_FDTYPE_SOCKET 2
#define PROX_FDTYPE_PSHM 3
#define PROX_FDTYPE_PSEM 4
#define PROX_FDTYPE_KQUEUE 5
#define PROX_FDTYPE_PIPE 6
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

/* sockets, pipes, queues */
#define INI_IPV4 1
#define INI_IPV6 2
struct in4in6_addr { uint32_t i46a_pad32[3]; struct in_addr i46a_addr4; };
struct in_sockinfo {
	int insi_fport, insi_lport; /* in network order */
	uint64_t insi_gencnt;
	uint32_t insi_flags, insi_flow;
	uint8_t insi_vflag, insi_ip_ttl;
	uint32_t rfu_1;
	union { struct in4in6_addr ina_46; struct in6_addr ina_6; } insi_faddr, insi_laddr;
	struct { u_char in4_tos; } insi_v4;
	struct { uint8_t in6_hlim; int in6_cksum; u_short in6_ifindex; short in6_hops; } insi_v6;
};
enum {
	TSI_S_CLOSED, TSI_S_LISTEN, TSI_S_SYN_SENT, TSI_S_SYN_RECEIVED, TSI_S_ESTABLISHED, TSI_S__CLOSE_WAIT,
	TSI_S_FIN_WAIT_1, TSI_S_CLOSING, TSI_S_LAST_ACK, TSI_S_FIN_WAIT_2, TSI_S_TIME_WAIT, TSI_S_RESERVED
};
struct tcp_sockinfo {
	struct in_sockinfo tcpsi_ini;
	int tcpsi_state, tcpsi_timer[4], tcpsi_mss;
	uint32_t tcpsi_flags, rfu_1;
	uint64_t tcpsi_tp;
};
struct un_sockinfo {
	uint64_t unsi_conn_so, unsi_conn_pcb;
	union { struct sockaddr_un ua_sun; char ua_dummy[255]; } unsi_addr, unsi_caddr;
};
#define SOI_S_ISCONNECTED 0x2
#define SOI_S_ISCONNECTING 0x4
#define SOI_S_CANTSENDMORE 0x10
#define SOI_S_CANTRCVMORE 0x20
#define SOI_S_NBIO 0x100
#define SOI_S_ASYNC 0x200
struct sockbuf_info { uint32_t sbi_cc, sbi_hiwat, sbi_mbcnt, sbi_mbmax, sbi_lowat; short sbi_flags, sbi_timeo; };
enum { SOCKINFO_GENERIC, SOCKINFO_IN, SOCKINFO_TCP, SOCKINFO_UN, SOCKINFO_NDRV, SOCKINFO_KERN_EVENT, SOCKINFO_KERN_CTL };
struct socket_info {
	struct vinfo_stat soi_stat;
	uint64_t soi_so, soi_pcb; /* opaque */
	int soi_type, soi_protocol, soi_family;
	short soi_options, soi_linger, soi_state, soi_qlen, soi_incqlen, soi_qlimit, soi_timeo;
	u_short soi_error;
	uint32_t soi_oobmark;
	struct sockbuf_info soi_rcv, soi_snd;
	int soi_kind;
	uint32_t rfu_1;
	union { struct in_sockinfo pri_in; struct tcp_sockinfo pri_tcp; struct un_sockinfo pri_un; } soi_proto;
};
struct socket_fdinfo { struct proc_fileinfo pfi; struct socket_info psi; };
struct psem_info { struct vinfo_stat psem_stat; char psem_name[1024]; };
struct psem_fdinfo { struct proc_fileinfo pfi; struct psem_info pseminfo; };
struct pshm_info { struct vinfo_stat pshm_stat; uint64_t pshm_mappaddr; char pshm_name[1024]; };
struct pshm_fdinfo { struct proc_fileinfo pfi; struct pshm_info pshminfo; };
struct pipe_info { struct vinfo_stat pipe_stat; uint64_t pipe_handle, pipe_peerhandle; int pipe_status, rfu_1; };
struct pipe_fdinfo { struct proc_fileinfo pfi; struct pipe_info pipeinfo; };
struct kqueue_info { struct vinfo_stat kq_stat; uint32_t kq_state, rfu_1; };
struct kqueue_fdinfo { struct proc_fileinfo pfi; struct kqueue_info kqueueinfo; };
#endif
