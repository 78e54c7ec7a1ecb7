# shellcheck shell=bash disable=SC2154,SC2034 # locate() in scripts/kernel sets the variables
# Makes one cache entry of scripts/kernel. Needs common.sh and source.sh; works on the
# variables that locate() in scripts/kernel sets.
#
# An entry is made in a temporary directory and renamed when it is complete. It contains
#   meta      lines of field=value; @ENTRY@ stands for the path of the entry
#   kdir/     the tree that an out-of-tree module is built against (built kernels only)
#   lib/modules/RELEASE/

# Increase these when the steps below change the result.
recipe=1
stock_recipe=2

# wanted_config NAME: prints the fragments of one kernel, one after the other.
wanted_config() {
    local f
    for f in $fragments; do cat "$top/scripts/kconfig/$f.config"; done
    echo "CONFIG_LOCALVERSION=\"-$1\""
}

build_key() {
    {
        echo "$recipe $version $arch"
        wanted_config "$1"
        gcc --version | head -n 1
        if [ "$arch" = um ]; then cat "${um_patches[@]}"; fi
    } |
        sha256sum | cut -c1-12
}

# config_refused WANTED GOT: prints the lines of WANTED that GOT does not honour.
config_refused() {
    awk '
        NR == FNR {
            if ($0 ~ /^CONFIG_/) { key = $0; sub(/=.*/, "", key); got[key] = $0 }
            next
        }
        / # optional$/ { next }
        /^CONFIG_/ { key = $0; sub(/=.*/, "", key); if (got[key] != $0) print }
        /^# CONFIG_.* is not set$/ { if ($2 in got) print }
    ' "$2" "$1"
}

# kmake TARGET...: make in the kernel being built.
kmake() {
    local cc=gcc
    # ccache speeds up a rebuild after a change of configuration; nothing depends on it.
    if have ccache; then cc='ccache gcc'; fi
    CCACHE_NOHASHDIR=1 make -C "$(source_dir "$version" "$arch")" O="$work/kdir" ARCH="$arch" CC="$cc" -j"$(nproc)" \
        KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_USER=haltblk KBUILD_BUILD_HOST=haltblk "$@"
}

configure() {
    wanted_config "$name" >"$work/wanted"
    sed 's/[[:space:]]*# optional$//' "$work/wanted" >"$work/all"
    mkdir -p "$work/kdir"
    kmake -s KCONFIG_ALLCONFIG="$work/all" allnoconfig
    local refused
    refused=$(config_refused "$work/wanted" "$work/kdir/.config")
    if [ -n "$refused" ]; then
        printf 'the configuration did not take:\n%s\n' "$refused"
        return 1
    fi
}

compile() {
    if [ "$arch" = um ]; then kmake linux modules; else kmake bzImage modules; fi
    kmake INSTALL_MOD_PATH="$work" INSTALL_MOD_STRIP=1 modules_install
}

# Objects take most of a build's space, and no module needs them.
strip_build() {
    find "$work/kdir" \( -name '*.o' -o -name '*.a' -o -name '*.ko' -o -name '*.mod.c' \
        -o -name '.tmp_*' -o -name '.*.cmd' \) -type f \
        -not -path "$work/kdir/scripts/*" -not -path "$work/kdir/tools/*" -delete
    rm -rf "$work/kdir/source" "$work/all"
    ln -s "$(source_dir "$version" "$arch")" "$work/kdir/source"
}

build_steps() {
    set -e
    configure
    compile
    strip_build
}

build_make() {
    local name=$1 work log=$cache/log/$1.log image release
    : >"$log"
    exec 8>"$cache/lock.source"
    flock 8
    fetch_source "$pkg" "$version" "$origin" >>"$log" 2>&1
    patched_source "$version" "$arch" "$log"
    exec 8>&-
    make_work "$name"
    with_progress "kernel $name ($version)" "$log" build_steps
    image=kdir/arch/x86/boot/bzImage
    [ "$arch" = um ] && image=kdir/linux
    release=$(cat "$work/kdir/include/config/kernel.release")
    # kbuild records where it builds; the directory is about to get its final name.
    sed -i "s|$work/|$entry/|" "$work/kdir/Makefile"
    ln -sfn "$entry/kdir" "$work/lib/modules/$release/build"
    write_meta "@ENTRY@/kdir" "@ENTRY@/$image" "$release"
    mv "$work" "$entry"
}

# make_work NAME: sets work, and removes what a killed build left behind. Under NAME's lock.
make_work() {
    rm -rf "$cache/tmp-$1."*
    work=$(mktemp -d "$cache/tmp-$1.XXXXXX")
    # shellcheck disable=SC2064 # the directory of now
    trap "rm -rf '$work'" EXIT
}

write_meta() {
    printf '%s\n' "kdir=$1" "image=$2" "modules=@ENTRY@" "release=$3" "arch=$arch" >"$work/meta"
}

# stock_resolve HEADERS_META: finds out which headers, and so which image, that means now. The
# headers on this system decide, because modules are built against them.
stock_resolve() {
    local headers_meta=$1
    headers=$(dpkg-query -W -f '${Depends}' "$headers_meta" 2>/dev/null |
        grep -o 'linux-headers-[0-9][^ ,]*' | head -n 1) || headers=
    if [ -z "$headers" ]; then
        "${install:-false}" || die "$headers_meta: not installed: run scripts/kernel for it"
        case $headers_meta in
        *-rt-*) "$top/scripts/deps" rt >&2 || exit ;;
        *) "$top/scripts/deps" kernel >&2 || exit ;;
        esac
        headers=$(dpkg-query -W -f '${Depends}' "$headers_meta" 2>/dev/null |
            grep -o 'linux-headers-[0-9][^ ,]*' | head -n 1) ||
            die "no $headers_meta on this system: the stock kernels are Debian's"
    fi
    stock_version=$(dpkg-query -W -f '${Version}' "$headers")
}

# Unpacked into the cache and never installed, so that no boot loader or initramfs here changes.
stock_steps() {
    set -e
    local image=linux-image-${headers#linux-headers-}
    (cd "$work" && apt-get -q -oAPT::Sandbox::User=root download "$image=$stock_version")
    dpkg-deb -x "$work/$image"_*.deb "$work/deb"
    mv "$work/deb/boot" "$work/boot"
    if [ -d "$work/deb/usr/lib/modules" ]; then
        mv "$work/deb/usr/lib" "$work/lib"
    else
        mv "$work/deb/lib" "$work/lib"
    fi
    rm -rf "$work/deb" "$work"/*.deb
    # depmod reads every module after each build of the driver, and an emulated CPU unpacks
    # slowly. So remove modules for hardware that no guest has, and unpack the others.
    (cd "$work"/lib/modules/*/kernel && rm -rf sound drivers/{gpu,media,net,staging,iio,hid} \
        drivers/{infiniband,usb,input,hwmon,platform,bluetooth,mfd,i2c,isdn,comedi,thunderbolt})
    find "$work/lib" -name '*.ko.xz' -exec xz -d {} +
    depmod -b "$work" "${headers#linux-headers-}"
}

stock_make() {
    local name=$1 work log=$cache/log/$1.log release=${headers#linux-headers-}
    : >"$log"
    make_work "$name"
    with_progress "kernel $name ($stock_version)" "$log" stock_steps
    write_meta "/lib/modules/$release/build" "@ENTRY@/boot/vmlinuz-$release" "$release"
    ln -sfn "/usr/src/$headers" "$work/lib/modules/$release/build"
    mv "$work" "$entry"
}
