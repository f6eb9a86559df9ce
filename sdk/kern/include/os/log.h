/* The unified log's calls: lines of the message buffer. */
#ifndef _OS_LOG_H_
#define _OS_LOG_H_

#include <libkern/libkern.h>

typedef struct os_log_s *os_log_t;
typedef unsigned char os_log_type_t;
#define OS_LOG_DEFAULT ((os_log_t)0)
#define OS_LOG_TYPE_DEFAULT 0x00
#define OS_LOG_TYPE_INFO 0x01
#define OS_LOG_TYPE_DEBUG 0x02
#define OS_LOG_TYPE_ERROR 0x10
#define OS_LOG_TYPE_FAULT 0x11
#define os_log(log, format, ...) ((void)(log), (void)printf(format "\n", ##__VA_ARGS__))
#define os_log_info(log, format, ...) os_log(log, format, ##__VA_ARGS__)
#define os_log_debug(log, format, ...) os_log(log, format, ##__VA_ARGS__)
#define os_log_error(log, format, ...) os_log(log, format, ##__VA_ARGS__)
#define os_log_fault(log, format, ...) os_log(log, format, ##__VA_ARGS__)
#define os_log_with_type(log, type, format, ...) ((void)(type), os_log(log, format, ##__VA_ARGS__))

#endif
