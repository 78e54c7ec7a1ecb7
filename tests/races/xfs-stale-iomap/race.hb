# A buffered write sleeps with its mapping while writeback changes the extent, and reclaim drops the page.
device a size=320 memory_backed=1
device b size=1 memory_backed=1
$ mkfs.xfs -q -f $DEV_a && mkdir -p /tmp/race && mount $DEV_a /tmp/race
finally $ umount /tmp/race
$ xfs_io -f -c 'falloc 0 16k' -c 'pwrite -q -S 0x58 4k 4k' /tmp/race/f
break b: submit S op=read
start w $ python3 -c 'import mmap, os, sys; os.pwrite(os.open("/tmp/race/f", 1), memoryview(mmap.mmap(os.open(sys.argv[1], 0), 8192, prot=1))[:4196], 0)' $DEV_b
wait b: S
$ xfs_io -c 'sync_range -w 0 16k' -c 'sync_range -a 0 16k' /tmp/race/f; while xfs_io -r -c 'mmap -r 4k 4k' -c mincore /tmp/race/f | grep -q .; do echo 1 >/proc/sys/vm/drop_caches; done
resume b: S
expect w ok
$ head -c 8192 /tmp/race/f | tail -c +4197 | tr -d X | cmp - /dev/null   # red: zeroes, which nobody wrote
