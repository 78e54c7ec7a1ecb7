# One error at each state: the status is exact, and the next request succeeds.
device size=16 memory_backed=1
break submit S op=write action=fail=IOERR
break media M op=write action=fail=NOSPC
break complete C op=write action=fail=NOSPC
write s 0 4KiB
expect s EIO
write m 0 4KiB
expect m ENOSPC
write c 0 4KiB
expect c ENOSPC
write ok 0 4KiB
expect ok ok
