/* Names of properties and of notifications. */
#ifndef _IOKIT_IOKITKEYS_H
#define _IOKIT_IOKITKEYS_H

#define kIOServicePlane "IOService"
#define kIODeviceTreePlane "IODeviceTree"
#define kIOPowerPlane "IOPower"
#define kIOClassKey "IOClass"
#define kIOProviderClassKey "IOProviderClass"
#define kIOProbeScoreKey "IOProbeScore"
#define kIOMatchCategoryKey "IOMatchCategory"
#define kIOResourceMatchKey "IOResourceMatch"
#define kIONameMatchKey "IONameMatch"
#define kIONameMatchedKey "IONameMatched"
#define kIOPropertyMatchKey "IOPropertyMatch"
#define kIOPropertyExistsMatchKey "IOPropertyExistsMatch"
#define kIOLocationMatchKey "IOLocationMatch"
#define kIOParentMatchKey "IOParentMatch"
#define kIOPathMatchKey "IOPathMatch"
#define kIOResourcesClass "IOResources"
#define kIOUserClientClassKey "IOUserClientClass"
#define kIOUserClientCreatorKey "IOUserClientCreator"
#define kIOKitDebugKey "IOKitDebug"
#define kIOBundleIdentifierKey "CFBundleIdentifier"
#define kIOGeneralInterest "IOGeneralInterest"
#define kIOBusyInterest "IOBusyInterest"
#define kIOPublishNotification "IOServicePublish"
#define kIOFirstPublishNotification "IOServiceFirstPublish"
#define kIOMatchedNotification "IOServiceMatched"
#define kIOFirstMatchNotification "IOServiceFirstMatch"
#define kIOTerminatedNotification "IOServiceTerminate"
#define kIOWillTerminateNotification "IOServiceWillTerminate"

#endif
