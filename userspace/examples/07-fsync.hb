# fsync reports buffered writes that failed, and reports them only once.
device size=16 memory_backed=1
break submit E op=write count=0 action=fail=IOERR
$ ! dd if=/dev/zero of=$DEV bs=4k count=4 conv=fsync 2>/dev/null
remove E
$ dd if=/dev/zero of=$DEV bs=4k count=4 conv=fsync 2>/dev/null
