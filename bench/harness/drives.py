"""Frames of three cameras over each trace, with everything on and with one thing off at a time; used by two items.

Every repeat drives another part of the trace. The variants of one part run at the same time, a link each.
"""
import itertools
import json
import subprocess
import time

from harness import PROGRAMS, capacity
from harness.road import Road
from harness.stage import Trouble

SLO_MS, RTT_MS, SERVER_MS, FRAME_BYTES, INTERVAL_MS, SERVICES = 150, 50, 25, 40_000, 100, 3
PART_S, QUICK_PART_S = 20, 6
DOWN_MBPS = 50
LONGEST_CONNECTING_S = 3.0  # then the frames begin all the same: a part may begin in a blackout
INITIAL_BYTES_S = 250_000  # a service's rate before anything is measured, as shipped
PACKET_BYTES, ANSWER_KB = 1452, 0.3  # for the simulator: what the real ends send, nearly
FRAME_BYTES_OF_PACKET = 1428  # of the link's 1500
ROADS_AT_ONCE = 8
# What is switched off: keys of turbo-quic-client's configuration, flag of turbo-simulate.
VARIANTS = {"all on": ({}, []), "freshness off": ({"newest_first": False}, ["--no-freshness"]),
            "cancelling off": ({"cancel_stale": False}, ["--no-cancel"]),
            "probing off": ({"enable_junk_service": False}, ["--no-probe"])}


class Drives:
    def __init__(self, context):
        self.context, self.part_s = context, QUICK_PART_S if context.quick else PART_S
        self.traces = capacity.traces(context, context.quick)
        self.done = {}  # (trace, variant, repeat): what Road.finish gave, or None
        self.unknown = set()  # variants that this build's configuration does not know

    def get(self, variants):
        """Drives what is wanted and not driven yet; {(trace, variant, repeat): result}."""
        wanted = [key for key in itertools.product(range(self.context.repeats), self.traces, variants)
                  if (key[1], key[2], key[0]) not in self.done and key[2] not in self.unknown]
        batch_size = ROADS_AT_ONCE // len(variants) * len(variants)
        batches = [wanted[at:at + batch_size] for at in range(0, len(wanted), batch_size)]
        for number, batch in enumerate(batches, 1):
            self.context.say(f"drive {number} of {len(batches)}: " +
                             ", ".join(dict.fromkeys(f"{trace}, part {repeat + 1}" for repeat, trace, _ in batch)))
            self._drive(batch)
        return {key: result for key, result in self.done.items() if key[1] in variants}

    def _drive(self, batch):
        with self.context.stage() as stage:
            roads = {}
            for repeat, trace, variant in batch:
                if variant in self.unknown:
                    continue
                try:
                    roads[trace, variant, repeat] = self._road(stage, trace, variant, repeat)
                except UnknownKey:
                    self.context.say(f"this build's turbo-quic-client cannot be told: {variant}")
                    self.unknown.add(variant)
            latest = time.monotonic() + LONGEST_CONNECTING_S
            for key, road in roads.items():
                self._attempt(key, lambda road=road: road.begin(latest))
            time.sleep(self.part_s)
            for key, road in roads.items():
                if key not in self.done:
                    self._attempt(key, lambda road=road, key=key: self._finish(road, key))

    def _attempt(self, key, action):
        try:
            action()
        except Trouble as trouble:
            self.context.say(f"{key}: {trouble}")
            self.done[key] = None

    def _road(self, stage, trace, variant, repeat):
        path = capacity.rotated(self.traces[trace], repeat * self.part_s,
                                stage.folder / f"{trace}-{variant}-{repeat}.up".replace(" ", "-"))
        road = Road(self.context, stage, {"trace": path, "down_rate_mbps": DOWN_MBPS, "rtt_ms": RTT_MS, "seed": repeat + 1},
                    {"init_allocation": INITIAL_BYTES_S} | VARIANTS[variant][0], FRAME_BYTES, [INTERVAL_MS], SERVER_MS, SLO_MS, self.part_s)
        road.trace = path
        if VARIANTS[variant][0] and not road.accepts_configuration():
            raise UnknownKey()
        return road

    def _finish(self, road, key):
        result = road.finish()
        trace, variant, repeat = key
        link_begin_s = result["link"][0]["unix_s"] - result["link"][0]["t_s"] - result["unix_offset_s"]
        result["best"] = capacity.best_in_time(
            road.trace, [frame["handed_ns"] / 1e6 - link_begin_s * 1e3 for frame in result["frames"]],
            -(-FRAME_BYTES // FRAME_BYTES_OF_PACKET), SLO_MS - RTT_MS - SERVER_MS)
        result["simulated"] = self._simulate(road, VARIANTS[variant][1], result["began_ns"] / 1e9 - link_begin_s)
        self.done[key] = result

    def _simulate(self, road, flags, offset_s):
        """What the simulator says of the same frames over the same capacity; None where there is no simulator."""
        program = PROGRAMS / "turbo-simulate"
        if not program.exists():
            return None
        request = road.link.request
        path = capacity.rotated(road.trace, offset_s, f"{road.trace}.simulated")
        run = subprocess.run([str(word) for word in [
            program, "--up-trace", path, *request[2:], "--fps", 1000 / INTERVAL_MS, "--frame-kb", FRAME_BYTES / 1e3,
            "--services", SERVICES, "--server-ms", SERVER_MS, "--slo-ms", SLO_MS, "--queue-slo-ms", SLO_MS,
            "--initial-mbps", SERVICES * INITIAL_BYTES_S * 8e-6, "--packet-bytes", PACKET_BYTES, "--answer-kb", ANSWER_KB,
            "--duration", self.part_s, "--json", *flags]], capture_output=True, text=True)
        if run.returncode != 0:
            self.context.say(run.stderr.strip())
            return None
        return json.loads(run.stdout)


class UnknownKey(Exception):
    """A configuration has a key that this build does not know."""


def of_context(context):
    """One for all items of a run."""
    if "drives" not in context.shared:
        context.shared["drives"] = Drives(context)
    drives = context.shared["drives"]
    drives.context = context
    return drives


def conditions(data):
    return (f"Three cameras, {1000 // INTERVAL_MS} frames of {FRAME_BYTES // 1000} kB a second each, RTT {RTT_MS} ms, "
            f"{DOWN_MBPS} Mbit/s down, a server that answers after {SERVER_MS} ms; each repeat drives the next "
            f"{data['part_s']} s of the trace.")
