# The kernel, built as the documents say:
#
#	source SETUP/setup.sh
#	make exporthdrs
#	make all                      RELEASE
#	make KERNEL_CONFIGS=DEBUG all
#
# gives BUILD/obj/<CONFIG>_<ARCH>/mach_kernel, which is puggle by another name, and
# mach_kernel.sys, the same with its symbols. The go command needs none of this.
SRCROOT ?= $(CURDIR)
OBJROOT ?= $(SRCROOT)/BUILD/obj
DSTROOT ?=
KERNEL_CONFIGS ?= RELEASE
GO ?= go

ALL_CONFIGS = RELEASE RELEASE_TRACE DEBUG DEBUG_TRACE PROFILE
ARCH = X86_64
EXPORT_HDRS = $(OBJROOT)/EXPORT_HDRS

bad := $(filter-out $(ALL_CONFIGS),$(KERNEL_CONFIGS))
ifneq ($(bad),)
$(error $(bad): no such configuration; there are $(ALL_CONFIGS))
endif

# off lists the build tags that leave out what the configuration $(1) has not, from the headers.
off = $(foreach o,mach_kdb kdebug,$(shell grep -q ' 0$$' $(EXPORT_HDRS)/$(1)/$(o).h && echo no_$(o)))

.PHONY: all exporthdrs tools install clean FORCE

all: $(foreach c,$(KERNEL_CONFIGS),$(OBJROOT)/$(c)_$(ARCH)/mach_kernel $(OBJROOT)/$(c)_$(ARCH)/mach_kernel.sys)

exporthdrs:
	cd $(SRCROOT) && for c in $(ALL_CONFIGS); do \
		$(GO) run ./cmd/puggle sdk config -a x86_64 -c $$c conf $(EXPORT_HDRS)/$$c >/dev/null || exit 1; done

$(OBJROOT)/%_$(ARCH)/mach_kernel.sys: FORCE
	@test -d $(EXPORT_HDRS)/$* || { echo "make exporthdrs comes first" >&2; exit 1; }
	cd $(SRCROOT) && $(GO) build -tags '$(call off,$*)' -ldflags '-X puggle/bsd/sysctl.Configuration=$(subst PROFILE,RELEASE,$*)' -o $@ ./cmd/puggle

# The go command's linker leaves the symbols out; all else is the same.
$(OBJROOT)/%_$(ARCH)/mach_kernel: $(OBJROOT)/%_$(ARCH)/mach_kernel.sys FORCE
	cd $(SRCROOT) && $(GO) build -tags '$(call off,$*)' -ldflags '-s -w -X puggle/bsd/sysctl.Configuration=$(subst PROFILE,RELEASE,$*)' -o $@ ./cmd/puggle

# The tools that the documents want installed first.
tools:
	cd $(SRCROOT) && $(GO) build -o $(OBJROOT)/tools/ ./sdk/relpath ./sdk/seg_hack

install: tools
	install -d $(DSTROOT)/usr/local/bin
	install -m 755 $(OBJROOT)/tools/relpath $(OBJROOT)/tools/seg_hack $(DSTROOT)/usr/local/bin

clean:
	rm -rf $(OBJROOT)
