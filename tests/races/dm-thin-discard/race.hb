# A block of one volume is discarded, and the pool gives it to another volume.
device a size=2 memory_backed=1 discard=1
device b size=16 memory_backed=1
$ dmsetup create hb_pool --table "0 4096 thin-pool $DEV_b $DEV_a 128 0 1 skip_block_zeroing" && for i in 0 1; do dmsetup message hb_pool 0 "create_thin $i" && dmsetup create hb_thin$i --table "0 4096 thin /dev/mapper/hb_pool $i" || exit; done
finally $ dmsetup remove hb_thin1; dmsetup remove hb_thin0; dmsetup remove hb_pool
$ dd if=/dev/zero of=/dev/mapper/hb_thin0 bs=64k count=32 oflag=direct status=none
break a: submit D op=discard
discard d /dev/mapper/hb_thin0 0 64KiB
wait a: D
$ dmsetup status hb_pool   # commits the metadata
write w /dev/mapper/hb_thin1 0 64KiB pattern=0x42
expect w settled
resume a: D
$ dmsetup status hb_pool
expect d w ok
$ head -c 64k /dev/mapper/hb_thin1 | tr -d B | cmp - /dev/null   # red: the new data is gone
