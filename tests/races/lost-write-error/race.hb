# Data of a file cannot be written, and only then somebody opens the file and calls fsync.
device size=64 memory_backed=1
$ mkfs.ext4 -q $DEV && mkdir -p /tmp/race && mount $DEV /tmp/race && head -c 4096 /dev/zero >/tmp/race/f && sync
finally $ umount /tmp/race
break complete W op=write sector=file:/tmp/race/f:0+4KiB
start s $ echo data | dd of=/tmp/race/f conv=notrunc && sync /tmp/race && sync -f /tmp/race
wait W
resume W --status IOERR
expect s settled
$ ! dd if=/dev/null of=/tmp/race/f conv=notrunc,fsync   # red: fsync says that all is well
