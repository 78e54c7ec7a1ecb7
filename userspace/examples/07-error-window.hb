# Writes fail for a while, then succeed again. (O_DIRECT reports the error to each writer.)
device size=16 memory_backed=1
break submit E op=write count=0 action=fail=IOERR
write a 0 4KiB
expect a EIO
write b 8KiB 4KiB
expect b EIO
expect hits E 2
remove E
write a 0 4KiB pattern=0xaa
expect a ok
