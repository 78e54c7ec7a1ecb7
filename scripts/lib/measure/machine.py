"""The machine on which the figures were measured."""
import os
import re
import subprocess

from . import fiojob


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read().strip()
    except OSError:
        return ""


def cpus():
    return len(os.sched_getaffinity(0))


def clock():
    """The meaning of time: with --icount, instructions of one ns each; with --one-thread, something that
    the guest's CPUs share ("turns")."""
    return os.environ.get("MEASURE_CLOCK", "time")


def virtual(cpuinfo):
    if clock() == "instructions":
        return "an emulated guest whose clock counts instructions"
    if clock() == "turns":
        return "an emulated guest whose CPUs take turns"
    if "User Mode Linux" in cpuinfo:
        return "a user-mode Linux guest"
    product = read("/sys/class/dmi/id/product_name") + read("/sys/class/dmi/id/sys_vendor")
    if "QEMU" in cpuinfo or re.search("QEMU|KVM|Virtual|Bochs", product):
        # The emulator names its CPU after itself; a hypervisor shows the host's.
        return "an emulated guest" if re.search(r"model name.*(QEMU|TCG)", cpuinfo) else "a virtual machine"
    return "a virtual machine" if re.search(r"^flags.*\bhypervisor\b", cpuinfo, re.M) else "real hardware"


def commit(top):
    try:
        return subprocess.run(["git", "-c", "safe.directory=*", "-C", top, "rev-parse", "--short", "HEAD"],
                              capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def facts(top):
    info = read("/proc/cpuinfo")
    model = re.search(r"^model name\s*:\s*(.*)", info, re.M)
    memory = re.search(r"MemTotal:\s*(\d+)", read("/proc/meminfo"))
    driver = read("/sys/module/haltblk/srcversion")
    at = commit(top)
    return {
        "kernel": os.uname().release,
        "machine": {"cpu": model[1] if model else os.uname().machine, "cpus": cpus(),
                    "memory_mib": int(memory[1]) // 1024 if memory else None,
                    "virtual": virtual(info)},
        "driver": " ".join(w for w in (f"haltblk, commit {at}" if at else "haltblk" if driver else "",
                                       f"(srcversion {driver})" if driver else "") if w),
        "fio": fiojob.version(),
    }
