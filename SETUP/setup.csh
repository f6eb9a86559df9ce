# The kernel's build: source this at the top of the source tree (csh, tcsh),
# then "make exporthdrs" and "make all". What it sets, setup.sh sets too.
setenv SRCROOT "$cwd"
setenv OBJROOT "$SRCROOT/BUILD/obj"
setenv SYMROOT "$SRCROOT/BUILD/sym"
setenv DSTROOT "$SRCROOT/BUILD/dst"
setenv RC_OS "macos"
setenv RC_ARCHS "x86_64"
setenv KERNEL_CONFIGS "RELEASE"
