"""The machine and what processes cost on it."""
import datetime
import os
import pathlib
import subprocess

from harness import ROOT


def describe():
    """What a figure has to be read with."""
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory_kib = int(next(line for line in open("/proc/meminfo") if line.startswith("MemTotal")).split()[1])
    return {"cpu": cpu, "cores": len(os.sched_getaffinity(0)), "memory_gib": round(memory_kib / 2**20, 1),
            "kernel": os.uname().release}


def stamp():
    """When, and of which source."""
    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    changed = " with changes" if git("status", "--porcelain", "--", "src", "bench", "schema") else ""
    return {"date": datetime.date.today().isoformat(), "commit": (git("rev-parse", "--short", "HEAD") or "?") + changed}


def cpu_seconds(pid):
    """Time on a processor of all threads that live, to the nanosecond."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def resident_bytes(pid):
    line = next(line for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


class Load:
    """Share of the processors' time in use since this was made, by whomever."""

    def __init__(self):
        self.begin = self._read()

    @staticmethod
    def _read():
        fields = [int(word) for word in open("/proc/stat").readline().split()[1:9]]
        return sum(fields), fields[3] + fields[4]

    def share(self):
        total, idle = (now - then for now, then in zip(self._read(), self.begin))
        return round(1 - idle / max(1, total), 3)
