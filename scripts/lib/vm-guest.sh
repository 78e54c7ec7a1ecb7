# shellcheck shell=bash disable=SC2154 # scripts/vm sets the variables
# Starts the guest of scripts/vm. start_guest replaces the calling process with the guest, in a
# process group of its own. These descriptors are open: 0 the terminal (used by --shell only),
# 8 for CMD's output, 9 for the status. The kernel log goes to $run/log.

start_guest() {
    if [ "$arch" = um ]; then start_uml; else start_qemu; fi
}

# An error ends the guest at once, and the log is complete, however fast it comes.
common_append="oops=panic panic=-1 ignore_loglevel printk.devkmsg=on kasan_multi_shot"

start_uml() {
    local tmp=/tmp con1=null,null
    # The guest's memory is a sparse file; it is in memory if there is room for all of it.
    if [ "$(df -Pk --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt $((3 << 20)) ] 2>/dev/null; then
        tmp=/dev/shm
    fi
    [ -z "$icount" ] || die "--icount: user-mode Linux counts no instructions"
    # Messages that it prints as a process of the host go to the log, too.
    if [ -n "$shell" ]; then con1=fd:0,fd:1; else exec </dev/null >>"$run/log"; fi
    mkdir "$run/uml"
    # con0 is the kernel's console, ssl0 CMD's output, ssl1 the status (see vm-init).
    # shellcheck disable=SC2086 # words on purpose
    TMPDIR=$tmp exec setsid "$image" mem="$mem" ncpus="$cpus" seccomp=on noreboot \
        uml_dir="$run/uml/" umid=vm \
        root=none rootfstype=hostfs rootflags=/ ro init="$top/scripts/vm-init" hbvm="$run" \
        con=null con0=null,fd:6 con1=$con1 ssl=null ssl0=null,fd:8 ssl1=null,fd:9 \
        console=tty0 $common_append $append \
        6>>"$run/log" 2>>"$run/log"
}

# kvm_works: boots a tiny guest, once for each host kernel; that /dev/kvm exists says little.
kvm_works() {
    local key answer
    [ -r /dev/kvm ] && [ -w /dev/kvm ] || return 1
    key=$cache/kvm-$(uname -r)
    if [ ! -s "$key" ]; then
        answer=no
        # In a subshell, so that bash does not report an emulator that aborts.
        (timeout -s KILL 20 qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot \
            -accel kvm -cpu host -m 512M -kernel "$image" -initrd "$initrd" \
            -append 'console=ttyS0 panic=-1 hbprobe' -serial file:"$run/kvm" || :) >/dev/null 2>&1 </dev/null
        if grep -qs haltblk-kvm-works "$run/kvm"; then answer=yes; fi
        mkdir -p "$cache"
        echo $answer >"$key.$$"
        mv "$key.$$" "$key"
    fi
    [ "$(cat "$key")" = yes ]
}

# make_initrd: sets initrd, one for each kernel and version of vm-initramfs. It contains busybox
# and the modules that the kernel needs to see its root.
make_initrd() {
    local key tmp mod n=10
    key=$(cat "$top/scripts/vm-initramfs" "$(command -v busybox)" | sha256sum | cut -c1-12)
    initrd=$kernel_modules/initrd-$key
    [ -f "$initrd" ] && return
    tmp=$(mktemp -d "$run/initrd.XXXXXX")
    mkdir -p "$tmp"/{bin,mod,proc,sys,dev,lower,rw,new}
    cp "$(command -v busybox)" "$tmp/bin/busybox"
    cp "$top/scripts/vm-initramfs" "$tmp/init"
    for mod in virtio_pci virtio_console 9pnet_virtio 9p overlay; do
        modprobe -S "$release" -d "$kernel_modules" --show-depends "$mod"
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$tmp/list"
    while read -r mod; do
        cp "$mod" "$tmp/mod/$n-${mod##*/}"
        n=$((n + 1))
    done <"$tmp/list"
    (cd "$tmp" && find . | cpio -o -H newc --quiet | gzip -1) >"$run/initrd"
    rm -rf "$tmp"
    mv "$run/initrd" "$initrd.$$"
    mv "$initrd.$$" "$initrd"
}

start_qemu() {
    local accel args=()
    make_initrd
    # With a thread for each CPU, one may run a breakpoint of a jump label that the other has
    # already removed. Kernels survive that, but not in local_clock() with lock statistics: the
    # handler calls it and nests until the guest resets. Two boots of three end that way.
    [ "$kernel" != x86-debug ] || thread=single
    if [ -n "$icount" ]; then
        cpus=1
        accel=(-accel "tcg,thread=single" -icount "shift=0,sleep=off" -cpu "max$cpu_flags")
    elif kvm_works; then
        accel=(-accel kvm -cpu "host$cpu_flags")
    else
        accel=(-accel "tcg,thread=$thread" -cpu "max$cpu_flags")
        # An emulated CPU on a busy host may look stuck for longer than a real one.
        append="watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=180 $append"
    fi
    if [ -n "$shell" ]; then
        args=(-chardev "stdio,id=shell,signal=off" -device "virtconsole,chardev=shell")
    else
        exec </dev/null
    fi
    # q35: the older board describes its interrupt routing in a loop, which a kernel with KASAN
    # takes 30 s to run, four times.
    exec setsid qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot \
        "${accel[@]}" -machine q35 -smp "${possible:-$cpus}" -m "$mem" -kernel "$image" -initrd "$initrd" \
        -append "console=ttyS0 $common_append hbvm=$run hbtop=$top random.trust_cpu=on no_timer_check ${possible:+maxcpus=$cpus} $append" \
        -serial "file:$run/log" \
        -device "virtio-serial-pci,max_ports=8" "${args[@]}" \
        -chardev "file,id=output,path=/dev/fd/8" -device "virtserialport,chardev=output,name=output" \
        -chardev "file,id=status,path=/dev/fd/9" -device "virtserialport,chardev=status,name=status" \
        -fsdev "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap" \
        -device "virtio-9p-pci,fsdev=root,mount_tag=hbroot" \
        -fsdev "local,id=out,path=$run/out,security_model=none" \
        -device "virtio-9p-pci,fsdev=out,mount_tag=hbout" \
        -device virtio-rng-pci 2>>"$run/qemu.err"
}
