# Of a discard only whole granules are freed; head and tail keep their data.
device size=16 memory_backed=1 discard=1 blocksize=4096
write w 0 64KiB pattern=0xaa
expect w ok
discard d 4KiB 8KiB
expect d ok
read head 0 4KiB pattern=0xaa
expect head ok
read gone 4KiB 8KiB pattern=0
expect gone ok
read tail 12KiB 52KiB pattern=0xaa
expect tail ok
