/* Objects from XML. */
#ifndef _OS_OSUNSERIALIZE_H
#define _OS_OSUNSERIALIZE_H
#ifdef __cplusplus

#include <libkern/c++/OSObject.h>

class OSString;
/* 0, and a message if one is wanted, for what is no property list: the text ends with a zero. */
extern "C++" OSObject *OSUnserializeXML(const char *buffer, OSString **errorString = 0);
extern "C++" OSObject *OSUnserializeXML(const char *buffer, size_t bufferSize, OSString **errorString = 0);
extern "C++" OSObject *OSUnserialize(const char *buffer, OSString **errorString = 0);

#endif
#endif
