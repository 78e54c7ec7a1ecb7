# A file is read through the page cache while a direct write to it is on its way.
device size=64 memory_backed=1
$ mkfs.ext4 -q $DEV && mkdir -p /tmp/race && mount $DEV /tmp/race && head -c 4096 /dev/zero >/tmp/race/f && sync && echo 3 >/proc/sys/vm/drop_caches
finally $ umount /tmp/race
break submit W op=write sector=file:/tmp/race/f:0+4KiB
write w /tmp/race/f 0 4KiB pattern=0x42
wait W
$ cat /tmp/race/f >/dev/null
resume W
expect w ok
$ tr -d B </tmp/race/f | cmp - /dev/null   # red: the data from before the write
