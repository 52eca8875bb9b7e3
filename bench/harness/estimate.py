"""How far the reported bandwidth is from what the link could carry, ours beside window / RTT in the same run."""
from harness import capacity, drives, report
from harness.spread import quantile, spread, text

NAME, TITLE = "estimate", "Error of the bandwidth estimate"
OVER = 0.10
PAYLOAD = 1428 / 1500  # of a full packet; the rate that is reported is of payload, as the allocator needs it
START_S = 1.0  # before it nothing has been measured
ESTIMATES = {"ours": "ours", "window": "window / RTT"}


def estimates(result):
    """By the reports to the allocator, and by window and RTT of the same connection, each every 100 ms."""
    begin = result["began_ns"] + int(START_S * 1e9)
    ours = [(t_ns, row["bw"]) for t_ns, row in result["reports"] if t_ns > begin and row.get("connected", True)]
    window = [(t_ns, row["cwnd_bytes"] * 8e-3 / row["rtt"]) for t_ns, row in result["diagnostics"]
              if t_ns > begin and row.get("cwnd_bytes") and row.get("rtt") and row.get("connected")]
    return {"ours": ours, "window": window}


def judged(result):
    truth = capacity.Truth(result["link"], result["unix_offset_s"])
    out = {}
    for name, values in estimates(result).items():
        in_packets = [(t_ns, rate / PAYLOAD) for t_ns, rate in values] if name == "ours" else values
        errors = capacity.errors(in_packets, truth)
        if errors:
            out[name] = {"median_error": quantile([abs(error) for error in errors], 0.5),
                         "over_share": sum(error > OVER for error in errors) / len(errors)}
    return out


def measure(context):
    shared = drives.of_context(context)
    # Where the other item is wanted as well, its variants drive at the same time.
    results = shared.get(list(drives.VARIANTS) if "slo" in context.wanted else ["all on"])
    rows = []
    for trace in shared.traces:
        parts = [judged(result) for (of, variant, _), result in results.items()
                 if (of, variant) == (trace, "all on") and result]
        rows.append({"trace": trace} | {name: {key: spread([part.get(name, {}).get(key) for part in parts])
                                               for key in ("median_error", "over_share")} for name in ESTIMATES})
    return {"rows": rows, "part_s": shared.part_s}


def table(data):
    rows = [[row["trace"], *(text(row[name][key], 1, 100) for key in ("median_error", "over_share") for name in ESTIMATES)]
            for row in data["rows"]]
    head = ["trace", *(f"{what}, {label}" for what in ("median error %", "over by > 10 %, % of the time")
                       for label in ESTIMATES.values())]
    return (f"{drives.conditions(data)} The error is |estimate - capacity| / capacity, taken every 100 ms; the capacity "
            "is the mean of the 500 ms before, in whole IP packets, and moments of less than 0.1 Mbit/s don't count. Both "
            "estimates are of the same connection at the same time: ours as reported to the allocator (of payload, hence divided "
            f"by {PAYLOAD:.3f}), the other (the prototype's) from the congestion window and the smoothed RTT.\n\n" + report.table(head, rows))
