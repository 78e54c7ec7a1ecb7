#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# Runs make install into an empty directory, builds a program with the installed shared and
# static libraries, and runs make uninstall, which must leave no file. It must also remove the
# module from DKMS before it removes the sources.
# Run by make -C userspace check, which sets HB_SRC and CC.

# shellcheck disable=SC2317 # functions are called through check
set -u
src=${HB_SRC:?} cc=${CC:-cc}
# shellcheck source=tests/unit/check.sh
. "${0%/*}/check.sh"
root=$tmp

# Without the flags of the parent make, as a user would run it.
unset MAKEFLAGS MFLAGS MAKELEVEL SAN
build() { make -C "$src" OUT="$root/build" PREFIX=/usr DESTDIR="$root/dest" CC="$cc" "$@"; }

check "install" build install
dest=$root/dest/usr
for file in bin/haltblk lib/libhaltblk.so lib/libhaltblk.a lib/pkgconfig/haltblk.pc \
    include/libhaltblk.h include/libhaltblk/base.h include/libhaltblk/gate.h include/haltblk.h include/haltblk_crash.h share/man/man1/haltblk.1 \
    share/man/man3/libhaltblk.3 share/man/man5/haltblk-scenario.5 share/man/man7/haltblk-blkdebug.7 \
    share/man/man7/haltblk-discard.7 share/man/man7/haltblk-options.7 \
    share/man/man7/haltblk-from-null_blk.7 share/bash-completion/completions/haltblk \
    share/zsh/site-functions/_haltblk share/fish/vendor_completions.d/haltblk.fish \
    share/haltblk/examples/chained.c share/haltblk/examples/01-independent.hb \
    share/haltblk/examples/lvm-haltblk.conf; do
    check "$file is there" test -s "$dest/$file"
done

# Each page is installed in its section, including those of the functions.
pages() {
    local page
    for page in "$src"/man/*.[1-9] "$root"/build/man/*.3; do
        cmp "$page" "$dest/share/man/man${page##*.}/${page##*/}" || return 1
    done
    [ "$(ls "$dest/share/man/man3" | wc -l)" = $(($(grep -c '^.*libhaltblk_.*;' "$src/lib/libhaltblk.map") + 1)) ]
}
check "every manual page is there" pages

cat >"$root/prog.c" <<'END'
#include <libhaltblk.h>
#include <stdio.h>

int main(void)
{
	struct libhaltblk *h;

	if (libhaltblk_new(&h))
		return 1;
	puts(libhaltblk_version());
	libhaltblk_free(h);
	return 0;
}
END
pc() { PKG_CONFIG_SYSROOT_DIR=$root/dest PKG_CONFIG_PATH=$dest/lib/pkgconfig \
    PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 pkg-config "$@" haltblk; }
# shellcheck disable=SC2046 # words are wanted
shared() { "$cc" -o "$root/shared" "$root/prog.c" $(pc --cflags --libs); }
static() { "$cc" -o "$root/static" "$root/prog.c" -I"$dest/include" "$dest/lib/libhaltblk.a"; }
version() { [ "$("$@")" = "$(pc --modversion)" ]; }
check "a program links to the shared library" shared
check "and runs" version env LD_LIBRARY_PATH="$dest/lib" "$root/shared"
check "a program links to the static library" static
check "and runs" version "$root/static"
# shellcheck disable=SC2046 # words are wanted
example() { "$cc" -Wall -Wextra -Werror -o "$root/chained" "$dest/share/haltblk/examples/chained.c" $(pc --cflags --libs); }
check "the example is built with it" example
short() { [ "$(wc -l <"$dest/share/haltblk/examples/chained.c")" -lt 60 ]; }
check "it has less than 60 lines" short
check "the command runs" "$dest/bin/haltblk" --version
check "uninstall" build uninstall
none() { ! find "$root/dest" ! -type d | grep . && [ ! -e "$dest/include/libhaltblk" ]; }
check "leaves no file, and no folder of headers" none

# Without DESTDIR, but with every path set, so that nothing on this system is touched.
cat >"$root/dkms" <<'END'
#!/bin/sh
# A fake DKMS. It knows the module while the file "known" exists, and needs its sources to remove it.
here=${0%/*}
echo "$*" >>"$here/calls"
case $1 in
status) [ ! -e "$here/known" ] || echo 'haltblk/1: added' ;;
remove) [ -e "$here/src/dkms.conf" ] && rm "$here/known" ;;
esac
END
chmod +x "$root/dkms"
sources() { rm -f "$root/calls"; mkdir -p "$root/src" && touch "$root/src/dkms.conf"; }
all() { make -C "$src/.." PATH="$root:$PATH" PREFIX="$root/usr" DESTDIR= moddir="$root/mod" \
    dkmsdir="$root/src" release=none "$@"; }
asked() { [ "$(cut -d' ' -f1 "$root/calls" 2>/dev/null | paste -sd' ')" = "$1" ] || { cat "$root/calls"; return 1; }; }
sources
touch "$root/known"
check "make uninstall with DKMS" all uninstall
check "DKMS has removed the module" test ! -e "$root/known"
check "while its sources were there" asked "status remove"
check "which are gone" test ! -e "$root/src"
version=$(sed -n 's/^VERSION[ \t]*:= *//p' "$src/Makefile")
check "all of this version" grep -qx "remove -m haltblk -v $version --all" "$root/calls"
sources
check "make uninstall where DKMS does not know the module" all uninstall
check "removes nothing from DKMS" asked "status"
sources
touch "$root/known"
check "make uninstall with DESTDIR" all uninstall DESTDIR="$root/dest"
check "does not ask DKMS" asked ""
sources
sed -i 's/^remove).*/remove) exit 3 ;;/' "$root/dkms"
fails() { ! all uninstall; }
check "make uninstall fails where DKMS does" fails
check "and leaves it the sources" test -e "$root/src/dkms.conf"

echo "1..$nr"
exit $failed
