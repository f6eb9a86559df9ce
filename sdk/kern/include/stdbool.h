/* Truth values. */
#ifndef _STDBOOL_H_
#define _STDBOOL_H_

#if !defined(__cplusplus) && (!defined(__STDC_VERSION__) || __STDC_VERSION__ <= 201710L)
#define bool _Bool
#define true 1
#define false 0
#endif

#endif
