"""How long frames stay in the vehicle beyond what their size explains, while three services compete."""
import time

from harness import report
from harness.road import Road
from harness.spread import quantile, spread, text

NAME, TITLE = "queueing", "Time from a frame's entering the queue to its last byte's leaving"
RATE_MBPS, RTT_MS, GUARANTEED_MBPS, FRAME_BYTES = 25, 50, 7, 30_000
INTERVALS_MS = (47, 50, 53)  # so that the services meet in every way
RUN_S, QUICK_RUN_S, START_S = 15, 5, 2.0
QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


def excesses(result):
    """In ms, beyond the size over the guaranteed rate, and over the link's."""
    begin, one_way_ns = result["began_ns"] + int(START_S * 1e9), RTT_MS / 2 * 1e6
    taken = [(frame["arrived_ns"] - frame["handed_ns"] - one_way_ns, frame["bytes"] * 8e3)
             for frame in result["frames"] if frame["arrived_ns"] and frame["handed_ns"] > begin]
    sent = sum(frame["handed_ns"] > begin for frame in result["frames"])
    out = {"frames": sent, "arrived": len(taken) / max(1, sent)}
    for name, mbps in (("guaranteed", GUARANTEED_MBPS), ("link", RATE_MBPS)):
        beyond = [max(0.0, took_ns - bits_e3 / mbps) / 1e6 for took_ns, bits_e3 in taken]
        out |= {f"{name}_{quantity}": quantile(beyond, q) for quantity, q in QUANTILES.items()}
    return out


def measure(context):
    run_s, runs = QUICK_RUN_S if context.quick else RUN_S, []
    for repeat in range(context.repeats):
        context.say(f"repeat {repeat + 1} of {context.repeats}")
        with context.stage() as stage:
            road = Road(context, stage, {"rate_mbps": RATE_MBPS, "rtt_ms": RTT_MS, "seed": repeat + 1}, {}, FRAME_BYTES,
                        INTERVALS_MS, slo_ms=250, seconds=run_s, rates_mbps=[GUARANTEED_MBPS] * 3)
            road.begin()
            time.sleep(run_s)
            runs.append(excesses(road.finish()))
    return {"run_s": run_s, **{key: spread([run[key] for run in runs]) for key in runs[0]}}


def table(data):
    offered = sum(FRAME_BYTES * 8e-3 / interval for interval in INTERVALS_MS)
    rows = [[f"its size over {what}", *(text(data.get(f"{name}_{quantity}"), 1) for quantity in QUANTILES)]
            for name, what in (("guaranteed", f"its service's guaranteed rate, {GUARANTEED_MBPS} Mbit/s"),
                               ("link", f"the link's rate, {RATE_MBPS} Mbit/s: competing for the link counts as waiting"))]
    return (f"Three services with frames of {FRAME_BYTES // 1000} kB every {', '.join(map(str, INTERVALS_MS))} ms "
            f"({offered:.1f} Mbit/s together) over {RATE_MBPS} Mbit/s and {RTT_MS} ms RTT. Seen from outside: from the "
            "client's hand-over to the complete frame at the model server, without the link's fixed delay; so the "
            "hand-overs between the processes and the server's receiving are in it. In ms, never less than 0; "
            f"{text(data['arrived'], 1, 100)} % of the frames arrived. The worst frames come about every 5 s; that fits BBR, "
            "which then lets the queue run dry to measure the RTT anew (4 % of the time), but it was not traced inside "
            "ngtcp2: hence p95 beside p99.\n\n" +
            report.table(["beyond", *QUANTILES], rows))
