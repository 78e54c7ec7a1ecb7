# shellcheck shell=bash disable=SC2154 # common.sh sets them
# Kernel sources from Debian packages. Needs common.sh. Nothing here touches the system's own
# apt state: it reads the suite with the newest kernel through a configuration of its own, from
# the mirror that the system uses.

# apt_mirror: prints the URL of the Debian archive in the system's apt sources.
apt_mirror() {
    # shellcheck disable=SC2016 # $( ) is apt's own syntax here
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(CREATED_BY)|$(URI)' 2>/dev/null |
        awk -F'|' '
            $3 != "Packages" { next }
            # Before the first update no origin is known, so go by the name of the archive.
            ($1 == "Debian" && $2 == "Debian") || ($1 == "" && $4 ~ /\/debian\/dists\//) {
                sub(/\/dists\/.*/, "", $4); print $4; exit
            }'
}

# newest_apt ARG...: runs apt-get or apt-cache on Debian's unstable suite, with its state in the
# cache.
newest_apt() {
    local cmd=$1 dir=$cache/apt
    shift
    "$cmd" -q -oDir::Etc::SourceList="$dir/sources.list" -oDir::Etc::SourceParts=/dev/null \
        -oDir::State::Lists="$dir/lists" -oDir::Cache="$dir/cache" \
        -oAPT::Sandbox::User=root -oAcquire::Languages=none \
        -oAPT::Update::Post-Invoke::= -oAPT::Update::Post-Invoke-Success::= "$@"
}

# Writes "PACKAGE VERSION" of the newest source to $cache/newest. This is decided once, because
# the suite moves and a test run should not change kernels by itself.
resolve_newest() {
    local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    local pkg='' ver='' log=$cache/log/apt.log
    mirror=$(apt_mirror)
    if [ -n "$mirror" ]; then
        mkdir -p "$cache/apt/lists/partial" "$cache/apt/cache/archives/partial"
        [ -f "$keyring" ] && mirror="[signed-by=$keyring] $mirror"
        echo "deb $mirror sid main" >"$cache/apt/sources.list"
        if newest_apt apt-get update >>"$log" 2>&1; then
            pkg=$(newest_apt apt-cache search --names-only '^linux-source-[0-9.]+$' |
                awk '{print $1}' | sort -V | tail -n 1)
        fi
    fi
    if [ -n "$pkg" ]; then
        ver=$(newest_apt apt-cache show --no-all-versions "$pkg" | sed -n 's/^Version: //p')
        echo "$pkg $ver sid" >"$cache/newest.tmp"
    else
        note "no newer kernel source within reach ($log): using linux-source-6.12"
        echo "linux-source-6.12 $(source_version linux-source-6.12) system" >"$cache/newest.tmp"
    fi
    mv "$cache/newest.tmp" "$cache/newest"
}

# source_version PACKAGE: prints the version that the system has, or else could install.
source_version() {
    local ver
    ver=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || ver=
    [ -n "$ver" ] || ver=$(apt-cache show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p')
    [ -n "$ver" ] || die "$1: no such package here: run scripts/deps kernel"
    echo "$ver"
}

# source_of 6.12|newest: prints "PACKAGE VERSION ORIGIN".
source_of() {
    if [ "$1" = newest ]; then
        [ -s "$cache/newest" ] || resolve_newest
        cat "$cache/newest"
    else
        echo "linux-source-$1 $(source_version "linux-source-$1") system"
    fi
}

# Changes to a source, for user-mode Linux only: all others stay as Debian ships them.
um_patches=("$top"/scripts/kconfig/*.patch)

# source_dir VERSION ARCH: prints where the source of a kernel belongs.
source_dir() {
    if [ "$2" = um ]; then
        echo "$cache/src/$1-um-$(cat "${um_patches[@]}" | sha256sum | cut -c1-8)"
    else
        echo "$cache/src/$1"
    fi
}

# patched_source VERSION ARCH LOG: makes it from the unpacked source, with hard links.
patched_source() {
    local dir tmp p
    dir=$(source_dir "$1" "$2")
    if [ -d "$dir" ]; then return; fi
    tmp=$(mktemp -d "$cache/tmp.XXXXXX")
    cp -al "$cache/src/$1" "$tmp/src"
    for p in "${um_patches[@]}"; do
        # An older source may have nothing to change, and a newer one may have changed already.
        if patch -d "$tmp/src" -p1 -f --dry-run <"$p"; then
            patch -d "$tmp/src" -p1 -f <"$p"
        fi
    done >>"$3" 2>&1
    mv "$tmp/src" "$dir"
    rmdir "$tmp"
}

# fetch_source PACKAGE VERSION ORIGIN: unpacks the source to $cache/src/VERSION.
fetch_source() {
    local pkg=$1 ver=$2 origin=$3 dir=$cache/src/$2 tmp
    if [ -d "$dir" ]; then return; fi
    tmp=$(mktemp -d "$cache/tmp.XXXXXX")
    unpack_source "$pkg" "$ver" "$origin" "$tmp"
    mkdir -p "$cache/src"
    mv "$tmp"/linux-source-* "$dir"
    rm -rf "$tmp"
}

unpack_source() {
    local pkg=$1 ver=$2 origin=$3 tmp=$4 tarball
    tarball=/usr/src/$pkg.tar.xz
    if [ "$origin" != system ] || [ ! -f "$tarball" ]; then
        if [ "$origin" = sid ]; then
            (cd "$tmp" && newest_apt apt-get download "$pkg=$ver") || {
                rm -f "$cache/newest"
                die "$pkg $ver is no longer there: run again for its successor"
            }
        else
            (cd "$tmp" && apt-get -q download "$pkg=$ver")
        fi
        dpkg-deb -x "$tmp/$pkg"_*.deb "$tmp/deb"
        tarball=$(echo "$tmp"/deb/usr/src/*.tar.*)
    fi
    tar -xf "$tarball" -C "$tmp"
    rm -rf "$tmp/deb" "$tmp"/*.deb
}
