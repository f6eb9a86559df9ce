/* The name that the text of the documents has. */
#include <IOKit/pwr_mgt/RootDomain.h>
