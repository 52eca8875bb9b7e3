"""What vehicles cost the server, and what a connected client costs when nothing happens."""
import itertools
import subprocess
import time

from harness import PROGRAMS, machine, report
from harness.road import Fleet, Road
from harness.spread import spread, text
from harness.stage import Trouble

NAME, TITLE = "connections", "Many connections"
COUNTS, QUICK_COUNTS = (1, 10, 50), (1, 10)
FRAME_BYTES, INTERVAL_MS = 20_000, 100
WATCHED_S, QUICK_WATCHED_S = 4.0, 1.5
IDLE_CLIENT_S, QUICK_IDLE_CLIENT_S = 10.0, 2.0


def cpu_share(pid, seconds):
    before, begin = machine.cpu_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return (machine.cpu_seconds(pid) - before) / (time.monotonic() - begin)


def vehicles(context, certificates, count, seconds):
    """A vehicle's share of the server's memory and processor time, idle and then with frames."""
    with context.stage() as stage:
        fleet = Fleet(context, stage, certificates, count)
        empty = machine.resident_bytes(fleet.server.pid)
        fleet.connect()
        time.sleep(1)
        out = {}
        for load in ("idle", "loaded"):
            if load == "loaded":
                fleet.begin(FRAME_BYTES, INTERVAL_MS)
                time.sleep(1)
            out[load] = {"cpu": cpu_share(fleet.server.pid, seconds) / count,
                         "kib": (machine.resident_bytes(fleet.server.pid) - empty) / 1024 / count}
        out["loaded"]["answered"] = fleet.answered()
        return out


def idle_client(context, seconds):
    """Share of a core of turbo-quic-client, connected, with three services that are silent."""
    with context.stage() as stage:
        road = Road(context, stage, {"rate_mbps": 25, "rtt_ms": 50}, {"bw_update_interval_ms": 500, "logging_interval_ms": 500},
                    interval_ms=[3_600_000])
        road.begin()
        time.sleep(2)
        return cpu_share(road.client.pid, seconds)


def make_certificates(context):
    """An authority of our own, with as many vehicles as there will be."""
    folder = context.folder("authority")
    made = subprocess.run([PROGRAMS / "turbo-certs", "local", "--folder", folder], capture_output=True, text=True)
    for number in range(2, max(COUNTS) + 1):
        if made.returncode == 0:
            made = subprocess.run([PROGRAMS / "turbo-certs", "vehicle", f"vehicle-{number}", "--folder", folder],
                                  capture_output=True, text=True)
    if made.returncode != 0:
        raise Trouble(f"turbo-certs: {made.stderr.strip()}")
    return folder


def measure(context):
    seconds = QUICK_WATCHED_S if context.quick else WATCHED_S
    counts = QUICK_COUNTS if context.quick else COUNTS
    certificates, runs, idle = make_certificates(context), {count: [] for count in counts}, []
    for repeat, count in itertools.product(range(context.repeats), counts):
        context.say(f"repeat {repeat + 1} of {context.repeats}: {count} vehicles")
        runs[count].append(vehicles(context, certificates, count, seconds))
    for repeat in range(context.repeats):
        context.say(f"repeat {repeat + 1} of {context.repeats}: an idle client")
        idle.append(idle_client(context, QUICK_IDLE_CLIENT_S if context.quick else IDLE_CLIENT_S))
    return {"rows": [{"vehicles": count, "load": load} | {key: spread([run[load].get(key) for run in runs[count]])
                                                          for key in ("kib", "cpu", "answered")}
                     for count, load in itertools.product(counts, ("idle", "loaded"))],
            "idle_client_cpu": spread(idle)}


def table(data):
    rows = [[row["vehicles"], f"{1000 // INTERVAL_MS} frames of {FRAME_BYTES // 1000} kB a second" if row["load"] == "loaded"
             else "idle", text(row["kib"], 0), text(row["cpu"], 3, 100), text(row["answered"], 1, 100)]
            for row in data["rows"]]
    return ("Resident memory (beyond that of the server without a vehicle) and processor time of turbo-quic-server, divided "
            "by the vehicles. Each is a turbo-quic-client of its own, with a certificate of its own and one service, on the "
            "loopback device.\n\n" +
            report.table(["vehicles", "load of each", "KiB each", "% of a core each", "% of frames answered"], rows) +
            "\nA turbo-quic-client that is connected over a link (three services, none with a frame; the probes, reports "
            f"and diagnostics of the shipped configuration) takes {text(data['idle_client_cpu'], 2, 100)} % of a core.\n")
