package abi

// Attributes of getattrlist and its relations (<sys/attr.h>): common ones.
const (
	ATTR_CMN_NAME               = 0x1
	ATTR_CMN_DEVID              = 0x2
	ATTR_CMN_FSID               = 0x4
	ATTR_CMN_OBJTYPE            = 0x8
	ATTR_CMN_OBJTAG             = 0x10
	ATTR_CMN_OBJID              = 0x20
	ATTR_CMN_OBJPERMANENTID     = 0x40
	ATTR_CMN_PAROBJID           = 0x80
	ATTR_CMN_SCRIPT             = 0x100
	ATTR_CMN_CRTIME             = 0x200
	ATTR_CMN_MODTIME            = 0x400
	ATTR_CMN_CHGTIME            = 0x800
	ATTR_CMN_ACCTIME            = 0x1000
	ATTR_CMN_BKUPTIME           = 0x2000
	ATTR_CMN_FNDRINFO           = 0x4000
	ATTR_CMN_OWNERID            = 0x8000
	ATTR_CMN_GRPID              = 0x10000
	ATTR_CMN_ACCESSMASK         = 0x20000
	ATTR_CMN_FLAGS              = 0x40000
	ATTR_CMN_GEN_COUNT          = 0x80000
	ATTR_CMN_DOCUMENT_ID        = 0x100000
	ATTR_CMN_USERACCESS         = 0x200000
	ATTR_CMN_EXTENDED_SECURITY  = 0x400000
	ATTR_CMN_UUID               = 0x800000
	ATTR_CMN_GRPUUID            = 0x1000000
	ATTR_CMN_FILEID             = 0x2000000
	ATTR_CMN_PARENTID           = 0x4000000
	ATTR_CMN_FULLPATH           = 0x8000000
	ATTR_CMN_ADDEDTIME          = 0x10000000
	ATTR_CMN_ERROR              = 0x20000000
	ATTR_CMN_DATA_PROTECT_FLAGS = 0x40000000
	ATTR_CMN_RETURNED_ATTRS     = 0x80000000

	ATTR_CMN_SETMASK = 0x51c7ff00
)

// Volume attributes. They are asked for with ATTR_VOL_INFO.
const (
	ATTR_VOL_FSTYPE          = 0x1
	ATTR_VOL_SIGNATURE       = 0x2
	ATTR_VOL_SIZE            = 0x4
	ATTR_VOL_SPACEFREE       = 0x8
	ATTR_VOL_SPACEAVAIL      = 0x10
	ATTR_VOL_MINALLOCATION   = 0x20
	ATTR_VOL_ALLOCATIONCLUMP = 0x40
	ATTR_VOL_IOBLOCKSIZE     = 0x80
	ATTR_VOL_OBJCOUNT        = 0x100
	ATTR_VOL_FILECOUNT       = 0x200
	ATTR_VOL_DIRCOUNT        = 0x400
	ATTR_VOL_MAXOBJCOUNT     = 0x800
	ATTR_VOL_MOUNTPOINT      = 0x1000
	ATTR_VOL_NAME            = 0x2000
	ATTR_VOL_MOUNTFLAGS      = 0x4000
	ATTR_VOL_MOUNTEDDEVICE   = 0x8000
	ATTR_VOL_ENCODINGSUSED   = 0x10000
	ATTR_VOL_CAPABILITIES    = 0x20000
	ATTR_VOL_UUID            = 0x40000
	ATTR_VOL_SPACEUSED       = 0x800000
	ATTR_VOL_ATTRIBUTES      = 0x40000000
	ATTR_VOL_INFO            = 0x80000000
)

// Directory attributes.
const (
	ATTR_DIR_LINKCOUNT   = 1
	ATTR_DIR_ENTRYCOUNT  = 2
	ATTR_DIR_MOUNTSTATUS = 4
	ATTR_DIR_ALLOCSIZE   = 8
	ATTR_DIR_IOBLOCKSIZE = 0x10
	ATTR_DIR_DATALENGTH  = 0x20
)

// File attributes.
const (
	ATTR_FILE_LINKCOUNT     = 0x1
	ATTR_FILE_TOTALSIZE     = 0x2
	ATTR_FILE_ALLOCSIZE     = 0x4
	ATTR_FILE_IOBLOCKSIZE   = 0x8
	ATTR_FILE_DEVTYPE       = 0x20
	ATTR_FILE_FORKCOUNT     = 0x80
	ATTR_FILE_FORKLIST      = 0x100
	ATTR_FILE_DATALENGTH    = 0x200
	ATTR_FILE_DATAALLOCSIZE = 0x400
	ATTR_FILE_RSRCLENGTH    = 0x1000
	ATTR_FILE_RSRCALLOCSIZE = 0x2000
)

// Options of the attribute list calls.
const (
	FSOPT_NOFOLLOW          = 0x1
	FSOPT_NOINMEMUPDATE     = 0x2
	FSOPT_REPORT_FULLSIZE   = 0x4
	FSOPT_PACK_INVAL_ATTRS  = 0x8
	FSOPT_ATTR_CMN_EXTENDED = 0x20
	FSOPT_RETURN_REALDEV    = 0x200
)

// Attrlist is struct attrlist without its count of five: which attributes.
type Attrlist struct {
	Common, Vol, Dir, File, Fork uint32
}

// AttrlistSize is the size of struct attrlist: count at 0, then the groups.
const AttrlistSize = 24
