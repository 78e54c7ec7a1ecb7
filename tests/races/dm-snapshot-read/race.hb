# A read of a snapshot is on its way to the origin while a write to the origin copies the chunk.
device a size=16 memory_backed=1
device b size=16 memory_backed=1
$ dmsetup create hb_org --table "0 32768 snapshot-origin $DEV_a"
finally $ dmsetup remove hb_org
$ dmsetup create hb_sn --table "0 32768 snapshot $DEV_a $DEV_b N 8"
finally $ dmsetup remove hb_sn
break a: submit R op=read sector=0+8
read r /dev/mapper/hb_sn 0 4KiB pattern=0
wait a: R
write w /dev/mapper/hb_org 0 4KiB pattern=0x42
expect w settled
resume a: R
expect r ok      # red: bad
expect w ok
