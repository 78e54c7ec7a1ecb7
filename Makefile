# haltblk: a block device that can freeze any request at a named state.
# "make help" says what there is. V=1 shows every command.

V ?= 0
ifeq ($(V),1)
Q :=
else
Q := @
MAKEFLAGS += --no-print-directory
endif
export V

PREFIX ?= /usr/local
export PREFIX DESTDIR

# Which kernel the driver is built for: KDIR=, a build tree, or KVER=, a release.
KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
# Its release, by its own word, is where the module is installed.
release = $(shell cat $(KDIR)/include/config/kernel.release 2>/dev/null || echo $(KVER))
moddir = $(DESTDIR)/lib/modules/$(release)/updates
VERSION := $(shell sed -n 's/^VERSION[ 	]*:= *//p' userspace/Makefile)
dkmsdir = $(DESTDIR)/usr/src/haltblk-$(VERSION)

.PHONY: all userspace driver demo check bench shell install uninstall clean help
.DEFAULT_GOAL := all

all: userspace driver

userspace:
	$(Q)$(MAKE) -C userspace

driver:
	$(Q)if [ ! -e '$(KDIR)/Makefile' ]; then \
		echo 'make: driver: no headers for kernel $(KVER) ($(KDIR)).' >&2; \
		echo '  On Debian and Ubuntu: apt-get install linux-headers-$(KVER), or name another' >&2; \
		echo '  kernel with KVER= or KDIR=. The library and the command are built; "make demo"' >&2; \
		echo '  and "make check" bring kernels of their own.' >&2; \
		exit 1; \
	fi
	$(Q)$(MAKE) $(if $(Q),-s) -C '$(KDIR)' M='$(CURDIR)/driver' modules

demo:
	$(Q)scripts/deps build kernel vm bench
	$(Q)scripts/demo

check:
	$(Q)scripts/deps
	$(Q)tests/run

bench:
	$(Q)scripts/bench

shell:
	$(Q)scripts/deps build kernel vm
	$(Q)$(MAKE) -s -C userspace
	$(Q)scripts/vm --insmod --udev --shell

# The module only where it has been built; DKMS builds it anywhere from its sources.
install: userspace
	$(Q)$(MAKE) -C userspace install
	$(Q)if [ -e driver/haltblk.ko ]; then \
		install -D -m 644 driver/haltblk.ko '$(moddir)/haltblk.ko' && \
		if [ -z '$(DESTDIR)' ]; then depmod '$(release)'; fi; \
	else \
		echo 'make: driver/haltblk.ko is not built, so no module is installed' >&2; \
	fi
	$(Q)install -d '$(dkmsdir)'
	$(Q)cd driver && find . -type f \( -name '*.[ch]' -o -name Kbuild -o -path './probes/*' \) \
		! -name '*.mod.c' ! -name compat_gen.h ! -path './uapi/*' -print0 | \
		xargs -0 -I{} install -D -m 644 {} '$(dkmsdir)/{}'
	$(Q)cd driver && install -D -m 644 -t '$(dkmsdir)/uapi' uapi/*.h
	$(Q)chmod 755 '$(dkmsdir)/probes/run'
	$(Q)sed 's/@VERSION@/$(VERSION)/' scripts/packaging/dkms.conf.in >'$(dkmsdir)/dkms.conf'

# DKMS first: without the sources it could not take its own entry away.
uninstall:
	$(Q)if [ -z '$(DESTDIR)' ] && command -v dkms >/dev/null && \
		[ -n "$$(dkms status -m haltblk -v '$(VERSION)')" ]; then \
		dkms remove -m haltblk -v '$(VERSION)' --all; \
	fi
	$(Q)$(MAKE) -C userspace uninstall
	$(Q)rm -f '$(moddir)/haltblk.ko'
	$(Q)rm -rf '$(dkmsdir)'
	$(Q)if [ -z '$(DESTDIR)' ] && [ -d '/lib/modules/$(release)' ]; then depmod '$(release)'; fi

# Kernels are not touched: they are in the cache (scripts/kernel --help).
clean:
	$(Q)$(MAKE) -C userspace clean
	$(Q)if [ -e '$(KDIR)/Makefile' ]; then $(MAKE) -s -C '$(KDIR)' M='$(CURDIR)/driver' clean; fi
	$(Q)rm -rf out

help:
	@echo 'make            driver for the running kernel (KDIR=, KVER=), library, command'
	@echo 'make demo       everything needed, then one discard frozen, schedulers compared, a report'
	@echo 'make check      everything needed, then every test (tests/run --help runs some)'
	@echo 'make bench      what an I/O costs, beside null_blk, brd and a driver that does nothing'
	@echo 'make shell      a guest with the driver loaded, at a prompt'
	@echo 'make install    PREFIX=, DESTDIR=: module, library, command, man pages, DKMS source'
	@echo 'make uninstall  takes that away again'
	@echo 'make clean      all that was made here'
	@echo 'V=1             shows every command'
