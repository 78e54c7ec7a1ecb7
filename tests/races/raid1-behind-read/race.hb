# The fast leg of a raid1 fails while the slow one still has a write to do.
device a size=16 memory_backed=1
device b size=16 memory_backed=1
$ mdadm -q --create /dev/md127 --run -e 1.2 -l 1 -n 2 -b internal --write-behind=16 --assume-clean $DEV_a -W $DEV_b
finally $ mdadm -q --stop /dev/md127
break b: submit W op=write sector=md:/dev/md127:0+4KiB
write w /dev/md127 0 4KiB pattern=1
wait b: W
expect w ok
$ mdadm -q /dev/md127 --fail $DEV_a
start r $ dd if=/dev/md127 bs=4k count=1 iflag=direct status=none | tr -d '\1' | cmp - /dev/null
expect r settled
resume b: W
expect r ok   # red: it has read the old data
