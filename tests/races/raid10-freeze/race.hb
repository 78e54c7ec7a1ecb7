# The thread of a raid10 is busy with a failed write when a read fails, too.
device a size=16 memory_backed=1
device b size=16 memory_backed=1
$ mdadm -q --create /dev/md127 --run -e 1.2 -l 10 -n 2 --assume-clean $DEV_a $DEV_b
finally $ mdadm -q --stop /dev/md127
break b: submit E op=write sector=md:/dev/md127:0+4KiB action=fail=MEDIUM
break b: submit N op=write sector=md:/dev/md127:0+4KiB
break b: submit X op=write sector=md:/dev/md127:0+4KiB count=0 action=fail=MEDIUM
break a: media RE op=read sector=md:/dev/md127:32KiB+4KiB action=fail=MEDIUM
write w /dev/md127 0 4KiB
wait b: N
read r /dev/md127 32KiB 4KiB
expect a: hits RE 1
resume b: N --status MEDIUM
expect r w ok    # red: timed out
