/* Attribute lists. */
#ifndef _SYS_ATTR_H_
#define _SYS_ATTR_H_
#include <sys/types.h>
struct attrlist {
	u_short bitmapcount;
	u_int16_t reserved;
	u_int32_t commonattr, volattr, dirattr, fileattr, forkattr;
};
typedef struct attribute_set { u_int32_t commonattr, volattr, dirattr, fileattr, forkattr; } attribute_set_t;
typedef struct attrreference { int32_t attr_dataoffset; u_int32_t attr_length; } attrreference_t;
#define ATTR_BIT_MAP_COUNT       0x5
#define ATTR_CMN_ACCESSMASK      0x20000
#define ATTR_CMN_ACCTIME         0x1000
#define ATTR_CMN_ADDEDTIME       0x10000000
#define ATTR_CMN_BKUPTIME        0x2000
#define ATTR_CMN_CHGTIME         0x800
#define ATTR_CMN_CRTIME          0x200
#define ATTR_CMN_DATA_PROTECT_FLAGS 0x40000000
#define ATTR_CMN_DEVID           0x2
#define ATTR_CMN_DOCUMENT_ID     0x100000
#define ATTR_CMN_ERROR           0x20000000
#define ATTR_CMN_EXTENDED_SECURITY 0x400000
#define ATTR_CMN_FILEID          0x2000000
#define ATTR_CMN_FLAGS           0x40000
#define ATTR_CMN_FNDRINFO        0x4000
#define ATTR_CMN_FSID            0x4
#define ATTR_CMN_FULLPATH        0x8000000
#define ATTR_CMN_GEN_COUNT       0x80000
#define ATTR_CMN_GRPID           0x10000
#define ATTR_CMN_GRPUUID         0x1000000
#define ATTR_CMN_MODTIME         0x400
#define ATTR_CMN_NAME            0x1
#define ATTR_CMN_NAMEDATTRCOUNT  0x80000
#define ATTR_CMN_NAMEDATTRLIST   0x100000
#define ATTR_CMN_OBJID           0x20
#define ATTR_CMN_OBJPERMANENTID  0x40
#define ATTR_CMN_OBJTAG          0x10
#define ATTR_CMN_OBJTYPE         0x8
#define ATTR_CMN_OWNERID         0x8000
#define ATTR_CMN_PARENTID        0x4000000
#define ATTR_CMN_PAROBJID        0x80
#define ATTR_CMN_RETURNED_ATTRS  0x80000000u
#define ATTR_CMN_SCRIPT          0x100
#define ATTR_CMN_SETMASK         0x51c7ff00
#define ATTR_CMN_USERACCESS      0x200000
#define ATTR_CMN_UUID            0x800000
#define ATTR_CMN_VALIDMASK       0xffffffffu
#define ATTR_CMN_VOLSETMASK      0x6700
#define ATTR_FILE_ALLOCSIZE      0x4
#define ATTR_FILE_CLUMPSIZE      0x10
#define ATTR_FILE_DATAALLOCSIZE  0x400
#define ATTR_FILE_DATAEXTENTS    0x800
#define ATTR_FILE_DATALENGTH     0x200
#define ATTR_FILE_DEVTYPE        0x20
#define ATTR_FILE_FILETYPE       0x40
#define ATTR_FILE_FORKCOUNT      0x80
#define ATTR_FILE_FORKLIST       0x100
#define ATTR_FILE_IOBLOCKSIZE    0x8
#define ATTR_FILE_LINKCOUNT      0x1
#define ATTR_FILE_RSRCALLOCSIZE  0x2000
#define ATTR_FILE_RSRCEXTENTS    0x4000
#define ATTR_FILE_RSRCLENGTH     0x1000
#define ATTR_FILE_SETMASK        0x20
#define ATTR_FILE_TOTALSIZE      0x2
#define ATTR_FILE_VALIDMASK      0x37ff
#define ATTR_VOL_ALLOCATIONCLUMP 0x40
#define ATTR_VOL_ATTRIBUTES      0x40000000
#define ATTR_VOL_CAPABILITIES    0x20000
#define ATTR_VOL_DIRCOUNT        0x400
#define ATTR_VOL_ENCODINGSUSED   0x10000
#define ATTR_VOL_FILECOUNT       0x200
#define ATTR_VOL_FSTYPE          0x1
#define ATTR_VOL_INFO            0x80000000u
#define ATTR_VOL_IOBLOCKSIZE     0x80
#define ATTR_VOL_MAXOBJCOUNT     0x800
#define ATTR_VOL_MINALLOCATION   0x20
#define ATTR_VOL_MOUNTEDDEVICE   0x8000
#define ATTR_VOL_MOUNTFLAGS      0x4000
#define ATTR_VOL_MOUNTPOINT      0x1000
#define ATTR_VOL_NAME            0x2000
#define ATTR_VOL_OBJCOUNT        0x100
#define ATTR_VOL_QUOTA_SIZE      0x10000000
#define ATTR_VOL_RESERVED_SIZE   0x20000000
#define ATTR_VOL_SETMASK         0x80002000u
#define ATTR_VOL_SIGNATURE       0x2
#define ATTR_VOL_SIZE            0x4
#define ATTR_VOL_SPACEAVAIL      0x10
#define ATTR_VOL_SPACEFREE       0x8
#define ATTR_VOL_SPACEUSED       0x800000
#define ATTR_VOL_UUID            0x40000
#define ATTR_VOL_VALIDMASK       0xf087ffffu
#define FSOPT_ATTR_CMN_EXTENDED  0x20
#define FSOPT_NOFOLLOW           0x1
#define FSOPT_NOINMEMUPDATE      0x2
#define FSOPT_PACK_INVAL_ATTRS   0x8
#define FSOPT_REPORT_FULLSIZE    0x4
#define FSOPT_RETURN_REALDEV     0x200
__BEGIN_DECLS
int getattrlist(const char *, void *, void *, size_t, unsigned long);
int setattrlist(const char *, void *, void *, size_t, unsigned long);
int fgetattrlist(int, void *, void *, size_t, unsigned long);
int fsetattrlist(int, void *, void *, size_t, unsigned long);
int getattrlistat(int, const char *, void *, void *, size_t, unsigned long);
int setattrlistat(int, const char *, void *, void *, size_t, uint32_t);
int getattrlistbulk(int, void *, void *, size_t, uint64_t);
__END_DECLS
#endif
