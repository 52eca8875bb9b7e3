"""What connections cost the server, and what a connected client costs when nothing happens."""
import itertools
import time

from harness import PROGRAMS, machine, report
from harness.road import Road
from harness.spread import spread, text

NAME, TITLE = "connections", "Many connections"
COUNTS, PORT = (1, 10, 50), 4433
MESSAGE_BYTES, INTERVAL_MS = 20_000, 100
WATCHED_S, QUICK_WATCHED_S = 3.0, 1.0
IDLE_CLIENT_S, QUICK_IDLE_CLIENT_S = 10.0, 2.0


def cpu_share(pid, seconds):
    before, begin = machine.cpu_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return (machine.cpu_seconds(pid) - before) / (time.monotonic() - begin)


def crowd(context, count, loaded, seconds):
    """A connection's share of the server's memory and processor time."""
    with context.stage() as stage:
        node = stage.node()
        options = [*context.bulk_options(), "--address", "127.0.0.1", "--port", PORT]
        server = stage.start("serve", [PROGRAMS / "turbo-bench-bulk", "serve", *options], node).wait_for("clients")
        empty = machine.resident_bytes(server.pid)
        load = ["--message-bytes", MESSAGE_BYTES, "--interval-ms", INTERVAL_MS] if loaded else []
        stage.start("crowd", [PROGRAMS / "turbo-bench-bulk", "crowd", *options, "--connections", count, *load,
                              "--seconds", 600], node).wait_for("connected_ns")
        time.sleep(1)
        share = cpu_share(server.pid, seconds)
        return {"kib": (machine.resident_bytes(server.pid) - empty) / 1024 / count, "cpu": share / count}


def idle_client(context, seconds):
    """Share of a core of turbo-quic-client, connected, with three services that are silent, and of turbo-quic-server."""
    with context.stage() as stage:
        road = Road(context, stage, {"rate_mbps": 25, "rtt_ms": 50}, {"bw_update_interval_ms": 500, "logging_interval_ms": 500},
                    interval_ms=[3_600_000])
        road.begin()
        time.sleep(2)
        return {"client": cpu_share(road.client.pid, seconds), "server": cpu_share(road.server.pid, 1)}


def measure(context):
    seconds = QUICK_WATCHED_S if context.quick else WATCHED_S
    runs, idle = {}, []
    for repeat in range(context.repeats):
        for count, loaded in itertools.product(COUNTS, (False, True)):
            context.say(f"repeat {repeat + 1} of {context.repeats}: {count} connections, {'loaded' if loaded else 'idle'}")
            runs.setdefault((count, loaded), []).append(crowd(context, count, loaded, seconds))
        context.say(f"repeat {repeat + 1} of {context.repeats}: an idle client")
        idle.append(idle_client(context, QUICK_IDLE_CLIENT_S if context.quick else IDLE_CLIENT_S))
    return {"rows": [{"connections": count, "loaded": loaded,
                      **{key: spread([run[key] for run in runs[count, loaded]]) for key in ("kib", "cpu")}}
                     for count, loaded in runs],
            "idle_client_cpu": spread([row["client"] for row in idle])}


def table(data):
    rows = [[row["connections"], "10 messages of 20 kB a second" if row["loaded"] else "idle", text(row["kib"], 0),
             text(row["cpu"], 3, 100)] for row in data["rows"]]
    return ("Memory (resident, beyond that of the server without a client) and processor time of our transport's server, "
            "divided by the connections; all clients are in one process, on the loopback device.\n\n" +
            report.table(["connections", "load of each", "KiB each", "% of a core each"], rows) +
            "\nA turbo-quic-client that is connected over a link (three services, none with a frame; the probes, reports "
            f"and diagnostics of the shipped configuration) takes {text(data['idle_client_cpu'], 2, 100)} % of a core.\n")
