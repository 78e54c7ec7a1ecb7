# Two writes to one block of a raid1 whose second leg is slow.
device a size=16 memory_backed=1
device b size=16 memory_backed=1
$ mdadm -q --create /dev/md127 --run -e 1.2 -l 1 -n 2 -b internal --write-behind=16 --assume-clean $DEV_a -W $DEV_b
finally $ mdadm -q --stop /dev/md127
break a: submit S op=write sector=md:/dev/md127:0+4KiB action=count
break b: submit W op=write sector=md:/dev/md127:0+4KiB
write first /dev/md127 0 4KiB pattern=1
wait b: W
start second $ head -c 4k /dev/zero | tr '\0' '\2' | dd of=/dev/md127 bs=4k oflag=direct iflag=fullblock status=none
expect a: hits S 2
expect second settled
resume b: W
expect first second ok
settle b: --inflight 0 --held 0
$ cmp $DEV_a $DEV_b 1048576 1048576   # red: they differ
