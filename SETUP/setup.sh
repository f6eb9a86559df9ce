# The kernel's build: source this at the top of the source tree (sh, bash, zsh),
# then "make exporthdrs" and "make all". What it sets, setup.csh sets too.
export SRCROOT="$PWD"
export OBJROOT="$SRCROOT/BUILD/obj"
export SYMROOT="$SRCROOT/BUILD/sym"
export DSTROOT="$SRCROOT/BUILD/dst"
export RC_OS="macos"
export RC_ARCHS="x86_64"
export KERNEL_CONFIGS="RELEASE"
