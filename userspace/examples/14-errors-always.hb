# As 14-errors.hb, but for ever: every write fails until the rule is removed.
device size=16 memory_backed=1
break media E op=write count=0 action=fail=NOSPC
write a 0 4KiB
expect a ENOSPC
write b 0 4KiB
expect b ENOSPC
expect hits E 2
remove E
write c 0 4KiB
expect c ok
