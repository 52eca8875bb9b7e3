"""How the time of an exact allocation grows with services and configurations."""
from harness import report
from harness.decision import ours
from harness.spread import spread

NAME, TITLE = "growth", "How the decision time grows"
SERVICES, CONFIGS = (1, 2, 4, 8, 16, 32, 64, 128, 256), (4, 8, 16, 32, 64, 128, 256)


def measure(context):
    services = SERVICES[::4] if context.quick else SERVICES
    configs = CONFIGS[::3] if context.quick else CONFIGS
    rows = []
    for many in configs:
        context.say(f"{many} configurations")
        for some in services:
            count = max(20, min(2000, 400_000 // (some * many)) // (10 if context.quick else 1))
            runs = [ours(some, many, count, 1 + repeat * 10**6) for repeat in range(context.repeats)]
            rows.append({"services": some, "configs": many, "decisions": count * len(runs),
                         "exact": sum(run["exact"] for run in runs),
                         **{q: spread([run["us"][q] for run in runs]) for q in ("p50", "p99")}})
    return {"rows": rows}


def _grid(data):
    services = sorted({row["services"] for row in data["rows"]})
    configs = sorted({row["configs"] for row in data["rows"]})
    return services, configs, {(row["services"], row["configs"]): row for row in data["rows"]}


def table(data):
    services, configs, at = _grid(data)
    cell = lambda row: f"{row['p50']['median']:.1f} / {row['p99']['median']:.1f}"  # noqa: E731
    rows = [[some, *(cell(at[some, many]) for many in configs)] for some in services]
    exact, decisions = sum(row["exact"] for row in data["rows"]), sum(row["decisions"] for row in data["rows"])
    return (f"Microseconds, p50 / p99, each the median of the repeats, as in the section before; {exact} of {decisions} "
            "decisions proven best.\n\n" +
            report.table(["services", *(f"{many} configs" for many in configs)], rows))


def draw(data, axes):
    services, configs, at = _grid(data)
    for many in configs:
        axes.plot(services, [at[some, many]["p50"]["median"] for some in services],
                  label=f"{many} configurations")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xticks(services, [str(some) for some in services])
    axes.set_xlabel("services")
    axes.set_ylabel("decision time at p50 [us]")
    axes.grid(alpha=0.3)
