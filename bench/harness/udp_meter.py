"""One measurement of turbo-link from outside: turbo-bench-udp at both ends, whose clock is the kernel's on arrival."""
import json
import subprocess
import time

from harness import PROGRAMS, machine
from harness.stage import Trouble, last_line

CLOUD_ADDRESS = "10.77.0.2"
PATIENCE_S, WATCH_S = 120, 0.05


def send(link, *traffic):
    """What was sent and what came through a link with these options, up; link_cpu_s: what that cost turbo-link."""
    meter = PROGRAMS / "turbo-bench-udp"
    command = [PROGRAMS / "turbo-link", *link, "--cloud-command", f"exec {meter} receive >/dev/null",
               "--", meter, "send", "--address", CLOUD_ADDRESS, *traffic]
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    cpu_s, deadline = 0.0, time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline:
        cpu_s = machine.cpu_seconds(process.pid) or cpu_s  # none is left once it has ended
        time.sleep(WATCH_S)
    if process.poll() is None:
        process.terminate()
    out, error = process.communicate()
    if process.returncode != 0:
        raise Trouble(last_line(error))
    return json.loads(out) | {"link_cpu_s": cpu_s}
