#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# --help of each script and command names all options, and prints nothing that is meant for
# linters.
# Run by make -C userspace check, which sets HB_SRC and HB_OUT.

# shellcheck disable=SC2317 # functions are called through check
set -u
top=$(cd "${HB_SRC:?}/.." && pwd) haltblk=${HB_OUT:?}/haltblk
# shellcheck source=tests/unit/check.sh
. "${0%/*}/check.sh"

# helps CMD...: --help says how it is used, on standard output
helps() {
    "$@" --help >"$tmp/help" 2>"$tmp/err" || { echo "exit status $?"; cat "$tmp/err"; return 1; }
    cat "$tmp/err" "$tmp/help"
    [ ! -s "$tmp/err" ] && head -n 1 "$tmp/help" | grep -qi '^usage: ' &&
        ! grep -iE 'shellcheck|pylint|noqa|clang-format' "$tmp/help"
}

# Options as a script's case has them: "-k)", "-h | --help)", "--lane | --repeat)".
options() {
    grep -oP '^\s*(case .* in )?\K-[-\w| ]+(?=\))' "$1" | tr -d ' ' | tr '|' '\n' |
        grep -vxE -- '-h|--help' | sort -u
}

# names_options SCRIPT: each is in its help
names_options() {
    local option bad=0
    while read -r option; do
        grep -qP -- "(?<![\w-])$option(?![\w-])" "$tmp/help" || { echo "$option is not there"; bad=1; }
    done < <(options "$1")
    return $bad
}

# vm-init and vm-initramfs have no help: they would set up the running system as a guest.
for script in "$top"/scripts/* "$top"/tests/run "$top"/tests/new; do
    if [ ! -f "$script" ] || [ ! -x "$script" ]; then continue; fi
    case $script in */vm-init*) continue ;; esac
    check "${script#"$top"/} --help" helps "$script"
    check "it names the options that ${script##*/} takes" names_options "$script"
done
found() { options "$top/scripts/vm" | grep -qx -- -k; }
check "options are found in a script" found

# The unit tests in C try every letter; this runs the real program.
check "haltblk --help" helps "$haltblk"
while read -r command; do
    check "haltblk $command --help" helps "$haltblk" "$command"
done < <("$haltblk" help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | grep -vx help)

echo "1..$nr"
exit $failed
