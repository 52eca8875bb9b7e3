"""Capacity traces: those that turbo-trace makes, and others' where they lie beside the project; and what a link's log
says of its true capacity.
"""
import bisect
import pathlib
import subprocess

from harness import PROGRAMS, ROOT

OTHERS = ROOT.parent / "shared/traces"
RECIPES = ("lte", "drive", "5g-blackouts", "satellite", "wifi-handover")
TRUTH_WINDOW_S = 0.5
LEAST_MBPS = 0.1  # relative errors under it say nothing


def traces(context, quick):
    """{name: path}; says what is not there."""
    found = {}
    folder = context.folder("traces")
    for recipe in RECIPES:
        path = folder / f"{recipe}.up"
        made = subprocess.run([PROGRAMS / "turbo-trace", "make", recipe, "--duration", "120", "-o", path],
                              capture_output=True, text=True)
        if made.returncode == 0:
            found[recipe] = path
        else:
            context.say(f"no trace {recipe}: {made.stderr.strip()}")
    if OTHERS.is_dir():
        found |= {path.stem: path for path in sorted(OTHERS.glob("*.up"))}
    else:
        context.say("no traces of others beside the project (../shared/traces): only our own are measured")
    return dict(list(found.items())[:2]) if quick else found


def rotated(path, begin_s, to):
    """The same trace from another moment on: each repeat sees another part of it."""
    times = [int(line) for line in pathlib.Path(path).read_text().split()]
    period, shift = times[-1], int(begin_s * 1000)
    turned = sorted((time - shift - 1) % period + 1 for time in times)
    if turned[-1] != period:
        turned.append(period)  # the trace's length is its last line
    pathlib.Path(to).write_text("".join(f"{time}\n" for time in turned))
    return to


class Truth:
    """The uplink's capacity by the link's log: mean of the half second before a moment."""

    def __init__(self, status, unix_offset_s):
        self.ends = [row["unix_s"] - unix_offset_s for row in status]
        self.mbps = [row["up"]["capacity_mbps"] for row in status]

    def before(self, t_ns):
        """None before there is such a half second, or while there is next to no capacity."""
        end = bisect.bisect_right(self.ends, t_ns / 1e9 + 0.05)
        count = round(TRUTH_WINDOW_S / 0.1)
        if end < count:
            return None
        mean = sum(self.mbps[end - count:end]) / count
        return mean if mean >= LEAST_MBPS else None


def errors(estimates, truth):
    """estimates: (t_ns, Mbit/s). Signed relative errors."""
    pairs = [(value, truth.before(t_ns)) for t_ns, value in estimates]
    return [(value - true) / true for value, true in pairs if true is not None]


def best_in_time(path, frames_ms, packets, slack_ms):
    """Share of frames (hand-over times, from the trace's beginning) that a sender could have had through in time who
    knows the capacity, serves one frame at a time and begins none that would be late. slack_ms: the deadline, without
    what the transmission is not part of. packets: of a frame.
    """
    once = [int(line) for line in pathlib.Path(path).read_text().split()]
    chances = [time + round_ * once[-1] for round_ in range(2 + int(max(frames_ms) / once[-1])) for time in once]
    free = in_time = 0  # free: the first opportunity that no frame has taken
    for handed_ms in sorted(frames_ms):
        first = max(bisect.bisect_left(chances, handed_ms), free)
        end = first + packets
        if end <= len(chances) and chances[end - 1] <= handed_ms + slack_ms:
            in_time, free = in_time + 1, end
    return in_time / len(frames_ms)
