#include <sys/message.h>
