"""Share of the offloaded frames that are answered in time, and what each of our measures brings."""
from harness import drives, report
from harness.spread import ratio, spread, text

NAME, TITLE = "slo", f"Frames inside a {drives.SLO_MS} ms SLO"


def share(result):
    """Of the frames whose deadline lies within the run."""
    if not result:
        return None
    slo_ns = drives.SLO_MS * 1_000_000
    last = max(frame["handed_ns"] for frame in result["frames"])
    frames = [frame for frame in result["frames"] if frame["handed_ns"] + slo_ns <= last]
    inside = sum(0 < frame["answered_ns"] <= frame["handed_ns"] + slo_ns for frame in frames)
    return inside / len(frames)


def simulated(result):
    return result["simulated"]["slo_attainment"] if result and result["simulated"] else None


def measure(context):
    shared = drives.of_context(context)
    results = shared.get(list(drives.VARIANTS))
    rows = []
    for trace in shared.traces:
        row = {"trace": trace}
        for variant in drives.VARIANTS:
            parts = [results.get((trace, variant, repeat)) for repeat in range(context.repeats)]
            real, virtual = [share(part) for part in parts], [simulated(part) for part in parts]
            row[variant] = {"real": spread(real), "simulated": spread(virtual), "agreement": ratio(virtual, real),
                            "difference": spread([a - b if a is not None and b is not None else None
                                                  for a, b in zip(virtual, real)])}
        row["best"] = spread([part["best"] if (part := results.get((trace, "all on", repeat))) else None
                              for repeat in range(context.repeats)])
        rows.append(row)
    return {"rows": rows, "part_s": shared.part_s, "unknown": sorted(shared.unknown)}


def table(data):
    rows = [[row["trace"], *(text(row[variant]["real"], 1, 100) for variant in drives.VARIANTS),
             text(row["best"], 1, 100), text(row["all on"]["simulated"], 1, 100), text(row["all on"]["difference"], 1, 100)] for row in data["rows"]]
    head = ["trace", *drives.VARIANTS, "at best", "all on, simulated", "simulated - real, points"]
    return (f"{drives.conditions(data)} Share in % of the frames handed to turbo-quic-client whose answer is back at the "
            f"client within {drives.SLO_MS} ms of it; the guaranteed rates are equal shares of the reported bandwidth. "
            "The four variants of a part drive at the same time. At best: what a sender could do who knew the capacity, one "
            "frame at a time. The simulator (turbo-simulate) is given the same "
            "frames, and the same capacity from the moment at which the frames began.\n\n" + report.table(head, rows))


def draw(data, axes):
    variants = list(drives.VARIANTS)
    for index, variant in enumerate(variants):
        values = [row[variant]["real"] or {"median": 0, "min": 0, "max": 0} for row in data["rows"]]
        axes.bar([at + 0.2 * (index - 1.5) for at in range(len(values))], [value["median"] * 100 for value in values], 0.18,
                 yerr=[[(value["median"] - value["min"]) * 100 for value in values],
                       [(value["max"] - value["median"]) * 100 for value in values]], label=variant,
                 error_kw={"linewidth": 0.8})
    axes.set_xticks(range(len(data["rows"])), [row["trace"] for row in data["rows"]], fontsize=8)
    axes.set_ylabel("frames in time [%]")
