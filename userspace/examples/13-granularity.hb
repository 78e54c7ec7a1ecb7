# A discard frees only whole granules; its head and tail keep their data. Here a granule is
# 12 KiB, and the discard ends 4 KiB after its second granule.
device size=16 memory_backed=1 discard=1 discard_granularity=12288
write w 0 64KiB pattern=0xaa
expect w ok
discard d 12KiB 28KiB
expect d ok
read head 0 12KiB pattern=0xaa
read gone 12KiB 24KiB pattern=0
read tail 36KiB 28KiB pattern=0xaa
expect head gone tail ok
