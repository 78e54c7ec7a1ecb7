# shellcheck shell=bash disable=SC2154 # common.sh sets them
# The modules of tests/races: they take fixes out at run time, by a switch. Needs common.sh and
# source.sh.
#
# A race is a folder of tests/races with a file unfix.patch or unfix.c. The line "Module: DIR/FILE"
# of a patch says which module of Debian's kernel it changes. All patches for a directory make one
# set of modules. unfix.c is a module of its own, which puts a probe into the running kernel. Both are
# in the cache under a hash of everything that they are made from.

# Increase this when the steps below change the result.
races_recipe=1

# race_names: prints them, in the order in which they run.
race_names() { (cd "$top/tests/races" && printf '%s\n' */unfix.*) | sed 's|/.*||'; }

race_module() { sed -n 's/^Module: *//p' "$top/tests/races/$1/unfix.patch"; }

# race_is_slow NAME: does its module take minutes to build? "make check-all" leaves it out.
race_is_slow() { grep -qs '^Slow:' "$top/tests/races/$1/unfix.patch"; }

# race_patches DIR: the patches for it.
race_patches() { grep -l "^Module: *$1/[^/]*$" "$top"/tests/races/*/unfix.patch; }

# race_is_probe NAME: does it change code that is built into the kernel?
race_is_probe() { [ -f "$top/tests/races/$1/unfix.c" ]; }

# race_set DIR: sets entry, the place of its modules in the cache.
race_set() {
    entry=$cache/races/${1//\//-}-$version-$({
        echo "$races_recipe"
        gcc --version | head -n 1
        # shellcheck disable=SC2046 # no path here has a blank
        sed -s -n '/^--- /,$p' $(race_patches "$1")
    } | sha256sum | cut -c1-12)
}

# Makes the modules of one directory in $work. The build sees nothing else of the source.
race_set_steps() {
    set -e
    local dir=$1 p targets
    mkdir -p "$work/${dir%/*}"
    cp -r "$cache/src/$version/$dir" "$work/$dir"
    for p in $(race_patches "$dir"); do
        # Without fuzz: it changes what it was made for, or nothing.
        patch -d "$work" -p1 -f -F0 <"$p"
    done
    targets=$(for p in $(race_patches "$dir"); do sed -n "s|^Module: *$dir/||p" "$p"; done | LC_ALL=C sort -u)
    # shellcheck disable=SC2086 # one word a module
    make -C "$kdir" M="$work/$dir" -j"$(nproc)" $targets
    # shellcheck disable=SC2086
    (cd "$work/$dir" && strip -g $targets && mv $targets "$work/")
    rm -rf "${work:?}/${dir%%/*}"
}

# race_probe NAME: sets entry, the place of its module in the cache.
race_probe() {
    entry=$cache/races/$1-$version-$({
        echo "$races_recipe"
        gcc --version | head -n 1
        cat "$top/tests/races/unfix.h" "$top/tests/races/$1/unfix.c"
    } | sha256sum | cut -c1-12)
}

# Makes it in $work, as NAME.ko.
race_probe_steps() {
    set -e
    mkdir -p "$work/$1"
    cp "$top/tests/races/unfix.h" "$work/"
    cp "$top/tests/races/$1/unfix.c" "$work/$1/$1.c"
    echo "obj-m := $1.o" >"$work/$1/Kbuild"
    make -C "$kdir" M="$work/$1"
    strip -g "$work/$1/$1.ko"
    mv "$work/$1/$1.ko" "$work/"
    rm -r "${work:?}/$1" "$work/unfix.h"
}

# races_cache WHAT COMMAND...: makes $entry in the cache by this command, unless it is there, and
# links its modules from $out.
races_cache() {
    local work what=$1
    shift
    if [ ! -d "$entry" ]; then
        work=$(mktemp -d "$cache/tmp-races.XXXXXX")
        : >"$log"
        with_progress "$what" "$log" "$@"
        mv "$work" "$entry"
    fi
    touch "$entry"
    ln -s "$entry"/*.ko "$out/"
}

# races_mdadm: unpacked into the cache and never installed, because it would watch the arrays of
# this system. Prints where it is.
races_mdadm() {
    local dir work
    if have mdadm; then command -v mdadm; return; fi
    dir=$cache/races/mdadm-$(apt-cache show --no-all-versions mdadm | sed -n 's/^Version: //p')
    if [ ! -x "$dir/sbin/mdadm" ]; then
        work=$(mktemp -d "$cache/tmp-races.XXXXXX")
        (cd "$work" && apt-get -q -oAPT::Sandbox::User=root download mdadm >&2)
        dpkg-deb -x "$work"/mdadm_*.deb "$work/deb"
        rm -rf "$dir"
        mv "$work/deb" "$dir"
        rm -rf "$work"
    fi
    find "$dir" -name mdadm -path '*sbin/mdadm'
}

# races_build OUT NAME...: builds what the cache lacks for these races, and links it from the
# directory OUT.
races_build() {
    local out=$1 name dir entry kdir release version pkg origin mdadm log=$cache/log/races.log
    kdir=$("$top/scripts/kernel" --print kdir 6.12)
    read -r pkg version origin <<<"$(source_of 6.12)"
    # A module of one version may not fit the kernel of another, although it loads.
    release=$(cat "$kdir/include/config/kernel.release")
    [ "$(dpkg-query -W -f '${Version}' "linux-headers-$release")" = "$version" ] ||
        die "the headers are $release, but the source is $version: bring both up to date"
    mkdir -p "$cache/races" "$cache/log"
    exec 8>"$cache/lock.source"
    flock 8
    fetch_source "$pkg" "$version" "$origin"
    exec 8>&-
    exec 9>"$cache/lock.races"
    flock 9
    rm -rf "$out" "$cache"/tmp-races.*
    mkdir -p "$out"
    mdadm=$(races_mdadm)
    ln -s "$mdadm" "$out/mdadm"
    shift
    for dir in $(for name; do race_is_probe "$name" || dirname "$(race_module "$name")"; done | LC_ALL=C sort -u); do
        race_set "$dir"
        races_cache "modules of $dir" race_set_steps "$dir"
    done
    for name; do
        race_is_probe "$name" || continue
        race_probe "$name"
        races_cache "probe for $name" race_probe_steps "$name"
    done
    exec 9>&-
}
