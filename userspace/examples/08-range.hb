# A range fails with a status of your choice, its neighbours do not. Wrong rules are refused.
device size=16 memory_backed=1
break submit M op=read sector=8-15 count=0 action=fail=MEDIUM
read a 0 4KiB
expect a ok
read b 4KiB 4KiB
expect b ENODATA
read c 8KiB 4KiB
expect c ok
$ ! haltblk break $DEV submit X action=fail=BAD 2>/dev/null
$ ! haltblk break $DEV submit X sector=32760+9 2>/dev/null
$ ! haltblk break $DEV submit X op=trim 2>/dev/null
