#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# The library exports exactly the functions that its headers declare. Each header works alone, in C
# and in C++. The manual and the completion have every command and option.
# Run by make -C userspace check, which sets HB_SRC, HB_OUT and CC.

# shellcheck disable=SC2317 # functions are called through check
set -u
src=${HB_SRC:?} out=${HB_OUT:?} cc=${CC:-cc}
# shellcheck source=tests/unit/check.sh
. "${0%/*}/check.sh"

headers=("$src"/lib/libhaltblk/*.h)
grep -ohP '\blibhaltblk_\w+(?=\()' "${headers[@]}" | sort -u >"$tmp/all"
# Leave out what only comments mention.
grep -hvP '^ *(/?\*)' "${headers[@]}" |
    grep -oP '\blibhaltblk_\w+(?=\()' | sort -u >"$tmp/declared"
grep -oP '\blibhaltblk_\w+(?=;)' "$src/lib/libhaltblk.map" | sort >"$tmp/map"
nm -D --defined-only "$out/libhaltblk.so" | awk '$2 == "T" { sub("@.*", "", $3); print $3 }' |
    sort >"$tmp/exported"
nm -D --defined-only "$out/libhaltblk.so" | awk '$2 ~ /[TDBRV]/ { print $3 }' |
    grep -v '^libhaltblk_\|^LIBHALTBLK\|asan\|^__odr' >"$tmp/foreign"
: >"$tmp/empty"

check "the map names what the header declares" same "$tmp/declared" "$tmp/map"
check "the library exports what the map names" same "$tmp/map" "$tmp/exported"
check "and nothing else" same "$tmp/empty" "$tmp/foreign"
check "comments name existing functions" same "$tmp/declared" "$tmp/all"

soname() { readelf -d "$out/libhaltblk.so" | grep -q 'SONAME.*\[libhaltblk\.so\.[0-9]*\]'; }
check "the shared library has a soname" soname
node() { nm -D "$out/libhaltblk.so" | grep -q 'libhaltblk_open@@LIBHALTBLK_'; }
check "symbols have a version" node

inc=(-I "$src/lib" -I "$src/../driver/uapi")
echo '#include <libhaltblk.h>' >"$tmp/alone.c"
cp "$tmp/alone.c" "$tmp/alone.cc"
for std in c99 gnu11 c11; do
    check "the header works alone in $std" "$cc" -std=$std -Wall -Wextra -Wpedantic \
        -Werror -fsyntax-only "${inc[@]}" "$tmp/alone.c"
done
every_header() {
    local header
    for header in "${headers[@]}"; do
        grep -qx "#include <libhaltblk/${header##*/}>" "$src/lib/libhaltblk.h" || { echo "libhaltblk.h lacks ${header##*/}"; return 1; }
        "$cc" -std=c99 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c "${inc[@]}" "$header" || return 1
    done
}
check "it includes every header, and each works alone" every_header
# A compiler for C++: a separate one, or the C compiler if it can compile C++.
cxx=$(command -v g++ || command -v clang++) || {
    [ -x "$("$cc" -print-prog-name=cc1plus 2>/dev/null)" ] && cxx="$cc -x c++"
}
# Takes the address of each function: the library does not have names that C++ has mangled.
{
    printf '#include <libhaltblk.h>\n#include <stdio.h>\n#include <string.h>\n'
    printf 'static const void *const all[] = {\n'
    sed 's/.*/\treinterpret_cast<const void *>(\&&),/' "$tmp/declared"
    printf '};\nint main()\n{\n\tfor (const void *fn : all)\n\t\tif (!fn)\n\t\t\treturn 1;\n'
    printf '\treturn puts(libhaltblk_version()) < 0;\n}\n'
} >"$tmp/all.cc"
as_cxx() {
    # shellcheck disable=SC2086 # words
    $cxx -std=c++11 -Wall -Wextra -Werror "${inc[@]}" "$@"
}
links() {
    as_cxx -o "$tmp/cxx" "$tmp/all.cc" -L "$out" -lhaltblk &&
        [ "$(LD_LIBRARY_PATH=$out "$tmp/cxx")" = "$("$out/haltblk" --version | sed 's/.* //')" ]
}
if [ -n "$cxx" ]; then
    check "the header works alone in C++" as_cxx -fsyntax-only "$tmp/alone.cc"
    # A program built without sanitizers cannot load a library built with them.
    if ldd "$out/libhaltblk.so" | grep -q 'asan\|ubsan' || nm -D "$out/libhaltblk.so" | grep -q __asan; then
        check "every function compiles in C++" as_cxx -fsyntax-only "$tmp/all.cc"
    else
        check "every function links from C++" links
    fi
else
    skip "the header works alone in C++" "cxx"
    skip "every function links from C++" "cxx"
fi

# A full disk is reported, and does not hide an earlier error.
full() {
    "$out/haltblk" "${@:2}" >/dev/full 2>"$tmp/err"
    [ $? -eq "$1" ] && [ "$(cat "$tmp/err")" = "haltblk: standard output: cannot write: No space left on device" ]
}
check "what cannot be printed is a failure" full 1 help
check "of every command" full 1 held --help

"$out/haltblk" help | awk '/^  [a-z]/ { print $1 }' >"$tmp/commands"
has_commands() { [ "$(wc -l <"$tmp/commands")" -ge 16 ]; }
check "help lists the commands" has_commands
in_completion() {
    (
        # shellcheck source=/dev/null
        . "$out/completions/haltblk.bash"
        COMP_WORDS=(haltblk '') COMP_CWORD=1 COMPREPLY=()
        _haltblk
        printf '%s\n' "${COMPREPLY[@]}"
    ) | grep -v '^--' | sort >"$tmp/completed"
    sort "$tmp/commands" | diff -u - "$tmp/completed"
}
check "the completion knows every command" in_completion
while read -r cmd; do
    [ "$cmd" = help ] && continue
    check "the manual has $cmd" grep -qE "^\.B[RI]? \"?haltblk $cmd" "$src/man/haltblk.1"
    options=$("$out/haltblk" "$cmd" --help | grep -oE '^  --[a-z]+' | grep -v -- --help)
    for option in $options; do
        check "the manual has $cmd $option" grep -q -- "${option//-/\\\\-}" "$src/man/haltblk.1"
    done
done <"$tmp/commands"
# The driver's table of options.
grep -oP '^X\(\K\w+' "$src/../driver/config.h" >"$tmp/options" 2>/dev/null
while read -r option; do
    check "the manual has the option $option" grep -q "^$option|" "$src/man/haltblk.1"
done <"$tmp/options"
while read -r fn; do
    check "libhaltblk(3) has $fn" grep -q "$fn" "$src/man/libhaltblk.3"
done <"$tmp/declared"
# haltblk-discard(7) names the test of each claim.
tests() { grep -oE '\b[a-z]+/[a-z0-9-]+\b' <<<"$(grep -oE '\[[a-z]+/[^]]*\]' "$src/man/haltblk-discard.7")" | sort -u; }
named() { [ "$(tests | wc -l)" -ge 4 ]; }
check "haltblk-discard(7) names tests" named
while read -r test; do
    check "and there is $test" test -x "$src/../tests/$test"
done < <(tests)

echo "1..$nr"
exit $failed
