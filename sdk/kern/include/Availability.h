/* Since when something is there: nothing here depends on it. */
#ifndef __AVAILABILITY__
#define __AVAILABILITY__
#include <AvailabilityVersions.h>
#include <sys/cdefs.h>
#ifdef __ENVIRONMENT_MAC_OS_X_VERSION_MIN_REQUIRED__
#define __MAC_OS_X_VERSION_MIN_REQUIRED __ENVIRONMENT_MAC_OS_X_VERSION_MIN_REQUIRED__
#else
#define __MAC_OS_X_VERSION_MIN_REQUIRED __MAC_10_15
#endif
#define __MAC_OS_X_VERSION_MAX_ALLOWED __MAC_10_15
#endif
