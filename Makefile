# haltblk: a block device that can freeze any request at a named state.
# "make help" lists the targets. V=1 shows every command.

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
# The module is installed for the release that the kernel says it has.
release = $(shell cat $(KDIR)/include/config/kernel.release 2>/dev/null || echo $(KVER))
moddir = $(DESTDIR)/lib/modules/$(release)/updates
VERSION := $(shell sed -n 's/^VERSION[ 	]*:= *//p' userspace/Makefile)
dkmsdir = $(DESTDIR)/usr/src/haltblk-$(VERSION)

.PHONY: all userspace driver demo check check-all races bench shell deb install uninstall clean help
.DEFAULT_GOAL := all

all: userspace driver

userspace:
	$(Q)$(MAKE) -C userspace

driver:
	$(Q)if [ ! -e '$(KDIR)/Makefile' ]; then \
		echo 'make: driver: no headers for kernel $(KVER) ($(KDIR)).' >&2; \
		echo '  On Debian and Ubuntu: apt-get install linux-headers-$(KVER), or name another' >&2; \
		echo '  kernel with KVER= or KDIR=. The library and the command are built; "make demo"' >&2; \
		echo '  and "make check" bring their own kernels.' >&2; \
		exit 1; \
	fi
	$(Q)$(MAKE) $(if $(Q),-s) -C '$(KDIR)' M='$(CURDIR)/driver' modules

demo:
	$(Q)scripts/deps build kernel vm bench
	$(Q)scripts/demo

# "make check check-all" runs the quick tests once: check-all begins with them.
check:
	$(Q)scripts/deps $(if $(filter check-all,$(MAKECMDGOALS)),,build unit kernel vm)
	$(Q)$(if $(filter check-all,$(MAKECMDGOALS)),:,tests/run --quick)

check-all:
	$(Q)scripts/deps
	$(Q)tests/run

races:
	$(Q)scripts/deps build kernel vm
	$(Q)scripts/races

bench:
	$(Q)scripts/bench

shell:
	$(Q)scripts/deps build kernel vm
	$(Q)$(MAKE) -s -C userspace
	$(Q)scripts/vm --insmod --udev --shell

deb:
	$(Q)scripts/deps deb
	$(Q)scripts/packaging/build-deb

# Installs the module only if it has been built; DKMS can build it from the sources anywhere.
install: userspace
	$(Q)$(MAKE) -C userspace install
	$(Q)if [ -z '$(DESTDIR)' ] && [ "$$(id -u)" = 0 ]; then ldconfig; fi
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

# DKMS first: without the sources it could not remove its own entry.
uninstall:
	$(Q)if [ -z '$(DESTDIR)' ] && command -v dkms >/dev/null && \
		[ -n "$$(dkms status -m haltblk -v '$(VERSION)')" ]; then \
		dkms remove -m haltblk -v '$(VERSION)' --all; \
	fi
	$(Q)$(MAKE) -C userspace uninstall
	$(Q)rm -f '$(moddir)/haltblk.ko'
	$(Q)rm -rf '$(dkmsdir)'
	$(Q)if [ -z '$(DESTDIR)' ] && [ -d '/lib/modules/$(release)' ]; then depmod '$(release)'; fi

# Does not touch the kernels, which are in the cache (scripts/kernel --help).
clean:
	$(Q)$(MAKE) -C userspace clean
	$(Q)if [ -e '$(KDIR)/Makefile' ]; then $(MAKE) -s -C '$(KDIR)' M='$(CURDIR)/driver' clean; fi
	$(Q)rm -rf out

help:
	@echo 'make            builds the driver for the running kernel (KDIR=, KVER=), library, command'
	@echo 'make demo       sets everything up, freezes a discard, compares schedulers, leaves a report'
	@echo 'make check      sets everything up, runs unit tests and a dozen others in one guest: minutes'
	@echo 'make check-all  the same first, then every test on every kernel (see tests/run --help)'
	@echo 'make races      forces races of the past, with and without their fixes, and prints a table'
	@echo 'make bench      measures an I/O beside null_blk, brd and a driver that does nothing'
	@echo 'make shell      gives you a prompt in a guest with the driver loaded'
	@echo 'make deb        builds Debian packages in out/deb'
	@echo 'make install    installs module, library, command, manual, DKMS source (PREFIX=, DESTDIR=)'
	@echo 'make uninstall  removes what make install installed'
	@echo 'make clean      removes everything that was built here'
	@echo 'V=1             shows every command'
