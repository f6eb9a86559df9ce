/* Directories. */
#ifndef _SYS_DIRENT_H_
#define _SYS_DIRENT_H_
#include <dirent.h>
#endif
