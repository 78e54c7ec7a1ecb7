# A block that is read into the page cache while an asynchronous direct write to it is on its way.
device size=16 memory_backed=1
start open $ exec sleep 3600 <$DEV
break submit W op=write sector=0+8
write new 0 4KiB pattern=0x42
wait W
read before 0 4KiB pattern=0 buffered
expect before ok
resume W
expect new ok
read direct 0 4KiB pattern=0x42
expect direct ok
read after 0 4KiB pattern=0x42 buffered
expect after ok   # red: bad
