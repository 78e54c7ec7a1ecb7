# A file is truncated while a direct write to it is on its way, and another file gets its blocks.
device size=64 memory_backed=1
$ mkfs.f2fs -q $DEV && mkdir -p /tmp/race && mount -t f2fs -o alloc_mode=reuse $DEV /tmp/race && head -c 2048k /dev/zero >/tmp/race/f && sync
finally $ umount /tmp/race
break submit W op=write sector=file:/tmp/race/f:0+4KiB
write w /tmp/race/f 0 4KiB pattern=0x42
wait W
start t $ : >/tmp/race.t; : >/tmp/race/f   # truncates it
$ until [ -e /tmp/race.t ]; do sleep .05; done; rm /tmp/race.t
expect t settled
$ sync; cat /dev/zero >/tmp/race/other 2>/dev/null; sync
resume W
expect w t ok
$ echo 3 >/proc/sys/vm/drop_caches; tr -d '\0' </tmp/race/other | cmp - /dev/null   # red: it has the data of the other file
