"""One measurement of turbo-link from outside: turbo-bench-udp at both ends, whose clock is the kernel's on arrival."""
import json
import subprocess

from harness import PROGRAMS
from harness.stage import Trouble, last_line

CLOUD_ADDRESS = "10.77.0.2"


def send(link, *traffic):
    """What was sent and what came through a link with these options, up."""
    meter = PROGRAMS / "turbo-bench-udp"
    done = subprocess.run([str(word) for word in (
        PROGRAMS / "turbo-link", *link, "--cloud-command", f"exec {meter} receive >/dev/null",
        "--", meter, "send", "--address", CLOUD_ADDRESS, *traffic)], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise Trouble(last_line(done.stderr))
    return json.loads(done.stdout)
