"""What each policy and allocator is worth: over links in the simulator beside somebody who knows the future, and at every
bandwidth.
"""
import json
import subprocess

from harness import PROGRAMS, ROOT, capacity, report
from harness.spread import spread, text
from harness.stage import Trouble

NAME, TITLE = "worth", "What policies and allocators are worth"
SCENARIOS, QUICK_SCENARIOS, SWEEP_SCENARIOS = 4, 1, 20
# How far sizes and run times are from the table: deviations of logarithms, of each drive and of each frame.
OFF = {"size-bias": 0.2, "size-spread": 0.15, "server-bias": 0.1, "server-spread": 0.15}
POLICIES = ["static", "scenario", "recent:10", "oracle", "live", "live:recent:10"]
TABLE_POLICIES = ["static", "live"]
FIXED = {"synthetic": "edd4-imgcompNone-inpcomp75", "published table": "edd4-imgcompNone-inpcomp75",
         "own table": "td2-imgcompNone-inpcomp75"}
ALLOCATORS = ["exact", "greedy", "proportional", "equal", "fixed", "vehicle"]
BUDGET = "expected"  # as shipped
BUDGETS = [BUDGET, "promise:0.8", "share:0.85", "foreseen:expected"]
AIM, POINTS = 0.95, 0.02  # of the clairvoyant's utility; between forecast and what came true
PROMISE, STATED = "promise:0.8", 0.8
FORECASTS = BUDGETS[:2]  # whose forecasts are set against what came true
BANDWIDTHS, SHOWN = "0:100:1", (5, 10, 15, 20, 30, 40, 60, 80, 100)
PUBLISHED = ROOT.parent / "shared/data/experiment_model_info.csv"
# COCO test-dev APs of the published detectors. The table has no accuracies; what compression costs is our assumption.
UTILITIES = {"edd1": 0.405, "edd2": 0.430, "edd4": 0.497, "edd6": 0.526, "edd7x": 0.551, "50": -0.02, "75": -0.01,
             "90": -0.005, "95": -0.002}


def rows(command, *words):
    done = subprocess.run([str(word) for word in (PROGRAMS / "turbo-simulate", command, *words, "--json")],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise Trouble(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)["rows"]


def data_sets(context):
    """{name: words of turbo-simulate}"""
    folder = context.folder("data") / "eval"
    made = subprocess.run([PROGRAMS / "turbo-evaluation", "make", folder, "--scenarios", str(SWEEP_SCENARIOS)],
                          capture_output=True, text=True)
    if made.returncode != 0:
        raise Trouble(made.stderr.strip())
    sets = {"synthetic": ["--evaluation", folder],
            "own table": ["--table", ROOT / "models/model_info.csv", "--onvehicle-model", "td1"]}
    if PUBLISHED.exists():
        sets["published table"] = ["--table", PUBLISHED,
                                   *(word for name, value in UTILITIES.items() for word in ("--utility", f"{name}={value}"))]
    else:
        context.say("no published model table beside the project (../shared/data): only our own")
    return sets


def mean(values):
    values = [value for value in values if value is not None]
    return sum(values) / len(values) if values else None


def allocators(name):
    return [f"fixed:{FIXED[name]}" if allocator == "fixed" else allocator for allocator in ALLOCATORS]


def drive_variants(name, words, policies):
    """One repeat: rows of every policy (exact allocator) by each budget, and of every allocator (live)."""
    return (rows("drive", *words, "--policy", ",".join(policies), "--budget", BUDGET) +
            rows("drive", *words, "--policy", "static,live", "--budget", ",".join(BUDGETS[1:])) +
            rows("drive", *words, "--policy", "live", "--allocator", ",".join(allocators(name)[1:]), "--budget", BUDGET))


def drives(context, name, words):
    """By trace: shares of the clairvoyant and of the one who knows the link, promises."""
    evaluated = name == "synthetic"
    traces = capacity.traces(context, context.quick)
    policies = POLICIES if evaluated else TABLE_POLICIES
    scenarios = QUICK_SCENARIOS if context.quick else SCENARIOS
    out = []
    for trace, path in traces.items():
        context.say(f"drives over {trace}")
        repeats = {}
        for seed in range(1, 1 + (1 if context.quick else context.repeats)):
            found = drive_variants(name, [*words, *(["--scenarios", scenarios] if evaluated else []), "--trace", path, "--seed", seed,
                                             *(word for option, value in OFF.items() for word in (f"--{option}", value))], policies)
            for row in found:
                repeats.setdefault((row["policy"], row["allocator"], row["budget"]), {}).setdefault(seed, []).append(row)
        entries = []
        for (policy, allocator, budget), by_seed in repeats.items():
            weighed = lambda key: [sum(row["utility"] for row in part) / sum(row[key] for row in part)  # noqa: E731
                                   for part in by_seed.values()]
            everything = [row for part in by_seed.values() for row in part]
            kept = [row for row in everything if row["promised"] is not None and row["offloaded"] > 0]
            sent = sum(row["offloaded"] for row in kept)
            entries.append({"policy": policy, "allocator": allocator, "budget": budget,
                            "of_clairvoyant": spread(weighed("clairvoyant")), "of_link": spread(weighed("link_clairvoyant")),
                            "offloaded": mean([row["offloaded"] / row["frames"] for row in everything]),
                            "promised": sum(row["promised"] * row["offloaded"] for row in kept) / sent if sent else None,
                            "attained": sum(row["attained"] * row["offloaded"] for row in kept) / sent if sent else None,
                            "sent": sent, "tries": sum(row["tries"] for row in everything),
                            "others_in_time": sum(row["in_time"] - row["tries_in_time"] for row in everything), "changes_per_minute": mean([row["changes_per_minute"] for row in everything])})
        out.append({"trace": trace, "entries": entries})
    return out


def sweep(context, name, words):
    """Mean utility at every bandwidth, RTT 40 ms, SLO 150 ms."""
    evaluated = name == "synthetic"
    context.say("every bandwidth")
    policies = [policy for policy in POLICIES if not policy.startswith("live")] if evaluated else ["static"]
    found = rows("sweep", *words, *(["--scenarios", QUICK_SCENARIOS] if evaluated and context.quick else []), "--policy", ",".join(policies),
                 "--allocator", ",".join(allocators(name)), "--bandwidth-mbps", BANDWIDTHS)
    sums = {}
    for row in found:
        entry = sums.setdefault((row["policy"], row["allocator"]), {}).setdefault(row["bandwidth_mbps"], [0, 0, 0])
        entry[0] += row["utility"] * row["frames"]
        entry[1] += row["clairvoyant"] * row["frames"]
        entry[2] += row["frames"]
    return [{"policy": policy, "allocator": allocator, "mbps": list(by), "utility": [a / n for a, _, n in by.values()],
             "clairvoyant": [b / n for _, b, n in by.values()]} for (policy, allocator), by in sums.items()]


def measure(context):
    out = {}
    for name, words in data_sets(context).items():
        context.say(f"data: {name}")
        out[name] = {"drives": drives(context, name, words), "sweep": sweep(context, name, words)}
    return out


def find(entries, policy, allocator="exact", budget=BUDGET):
    return next((entry for entry in entries if (entry["policy"], short(entry["allocator"]), entry["budget"]) == (policy, allocator, budget)), None)


def short(name):
    return "fixed" if name.startswith("fixed:") else name


def cell(entry, key="of_clairvoyant"):
    return text(entry[key], 1, 100) if entry else "–"


def drive_tables(name, entries_by_trace):
    policies = [policy for policy in POLICIES if find(entries_by_trace[0]["entries"], policy)]
    parts = [f"**{name}: share of the clairvoyant's utility in %, by policy (exact allocator, budget {BUDGET})**\n\n" + report.table(
        ["trace", *policies], [[row["trace"], *(cell(find(row["entries"], policy)) for policy in policies)] for row in entries_by_trace])]
    parts.append(f"**{name}: share of the clairvoyant's utility in %, by budget (exact allocator)**\n\n" + report.table(
        ["trace", *(f"{policy}, {budget}" for budget in BUDGETS for policy in ("static", "live"))],
        [[row["trace"], *(cell(find(row["entries"], policy, budget=budget)) for budget in BUDGETS for policy in ("static", "live"))]
         for row in entries_by_trace]))
    if name == "synthetic":
        parts.append(f"**{name}: the same against one who knows the link, sizes and run times, but no frame's utilities**\n\n" + report.table(
            ["trace", *policies], [[row["trace"], *(cell(find(row["entries"], policy), "of_link") for policy in policies)]
                                   for row in entries_by_trace]))
    parts.append(f"**{name}: share of the clairvoyant's utility in %, by allocator (policy live, budget {BUDGET})**\n\n" + report.table(
        ["trace", *ALLOCATORS],
        [[row["trace"], *(cell(find(row["entries"], "live", allocator)) for allocator in ALLOCATORS)] for row in entries_by_trace]))
    promises, stated = [], []
    for row in entries_by_trace:
        for budget in FORECASTS:
            entry = find(row["entries"], "live", budget=budget)
            known = entry and entry["promised"] is not None
            promises.append([row["trace"], budget,
                             *([f"{100 * entry['promised']:.1f}", f"{100 * entry['attained']:.1f}",
                                f"{100 * (entry['attained'] - entry['promised']):+.1f}"] if known else ["–"] * 3),
                             entry["sent"], f"{100 * entry['offloaded']:.1f}", f"{entry['changes_per_minute']:.1f}"])
        entry = find(row["entries"], "live", budget=PROMISE)
        stated.append([row["trace"], PROMISE, entry["sent"], entry["tries"], f"{100 * kept(entry):.1f}" if entry["sent"] > entry["tries"] else "–"])
    parts.append(f"**{name}: a stated probability against what was sent because of it (policy live, exact)**\n\n" + report.table(
        ["trace", "budget", "frames sent", "of them tries", "of the others in time %"], stated))
    parts.append(f"**{name}: forecast against attained (policy live, exact)**\n\n" + report.table(
        ["trace", "budget", "forecast in time %", "attained %", "difference, points", "frames sent", "of all %", "changes a minute"],
        promises))
    return parts


def sweep_table(name, series):
    by = {(one["policy"], one["allocator"]): one for one in series}
    exact, equal = by["static", "exact"], by["static", "equal"]
    below = [mbps for mbps, a, b in zip(exact["mbps"], exact["utility"], equal["utility"]) if a < b - 1e-9]
    head = ["policy", "allocator", *(f"{mbps} Mbps" for mbps in SHOWN)]
    body = [[one["policy"], short(one["allocator"]), *(f"{one['utility'][one['mbps'].index(mbps)]:.4f}" for mbps in SHOWN)]
            for one in series if one["allocator"] != "vehicle" or one["policy"] == "static"]
    return (f"**{name}: mean utility at a constant bandwidth, without packets (RTT 40 ms, SLO 150 ms)**\n\n" + report.table(head, body) +
            f"\nThe exact allocator is at or above equal shares, both by the global utilities, at {len(exact['mbps']) - len(below)} of "
            f"{len(exact['mbps'])} bandwidths (0 to 100 Mbps); below it at: {', '.join(f'{mbps:g}' for mbps in below) or 'none'}.\n")


def kept(entry):
    """Share in time of the frames that were sent because of a promise, not to try: 0 if there were none."""
    others = entry["sent"] - entry["tries"]
    return entry["others_in_time"] / others if others else 0


def summary(data):
    """How far the aims are reached, a row a data set."""
    rows = []
    for name, found in data.items():
        traces = [row["entries"] for row in found["drives"]]
        share = lambda entries, policy, budget=BUDGET: find(entries, policy, budget=budget)["of_clairvoyant"]["median"]  # noqa: E731
        off = lambda entries, budget: (lambda e: None if e["promised"] is None else abs(e["attained"] - e["promised"]))(  # noqa: E731
            find(entries, "live", budget=budget))
        count = lambda good: f"{sum(map(bool, good))} of {len(traces)}"  # noqa: E731
        least = lambda policy, budget=BUDGET: f"{100 * min(share(entries, policy, budget) for entries in traces):.1f}"  # noqa: E731
        by = {(one["policy"], one["allocator"]): one["utility"] for one in found["sweep"]}
        rows.append([name, count(share(entries, "live") >= AIM for entries in traces), least("live"),
                     least("live", "foreseen:expected"),
                     count(share(entries, "live") >= share(entries, "static") for entries in traces),
                     *(count(off(entries, budget) is None or off(entries, budget) <= POINTS for entries in traces) for budget in FORECASTS),
                     count(kept(find(entries, "live", budget=PROMISE)) >= STATED for entries in traces),
                     "yes" if all(a >= b - 1e-9 for a, b in zip(by["static", "exact"], by["static", "equal"])) else "no"])
    return "**How far the aims are reached** (medians, policy live, exact allocator, budget expected unless another is named)\n\n" + report.table(
        ["data", f"traces with {100 * AIM:.0f} % of the clairvoyant's utility or more", "least, %", "least, told the link's next half second, %",
         "traces with live at static or above", *(f"traces with {budget} forecast within {100 * POINTS:.0f} points" for budget in FORECASTS),
         f"traces where at least {100 * STATED:.0f} % of what {PROMISE} sends, but for tries, is in time",
         "static at equal shares or above at every bandwidth"], rows)


def table(data):
    parts = [
        f"Three cameras, 10 frames a second, SLO 150 ms, 50 ms RTT, in `turbo-simulate drive`: packet by packet, with the allocator's own planner, "
        f"{SCENARIOS} scenarios of the synthetic data. Traces named as recipes of turbo-trace are made by it, the others were recorded by others. "
        f"Sizes and run times differ from the model table as {', '.join(f'--{key} {value}' for key, value in OFF.items())} say. "
        "The clairvoyant knows every frame's capacity, sizes, run times and utilities beforehand (`turbo-simulate drive --help` says what exactly); "
        "the exact allocator decides for it. Budgets: expected chooses what is expected to bring most, the vehicle answering what is "
        "late; promise:0.8 only what is in time with that probability, but for tries after a second or two of nothing; share:0.85 believes the estimate, less a margin; "
        "foreseen:expected is told the link's true mean rate of the next half second in place of an estimate: what better foresight "
        "would be worth. The published table has no accuracies: models are worth their published COCO APs ("
        + ", ".join(f"{name} {value}" for name, value in UTILITIES.items() if name.startswith("edd")) + "), and JPEG costs "
        + ", ".join(f"{-value} at {name}" for name, value in UTILITIES.items() if value < 0) + ", which is an assumption. Allocators: fixed is "
        + ", ".join(f"{config} ({name})" for name, config in FIXED.items()) + ". The exact allocator has the most utility for one bandwidth and moment, "
        "not over a drive: one that leaves more of an uncertain link free can come out above it.", summary(data)]
    for name, found in data.items():
        parts += drive_tables(name, found["drives"])
        parts.append(sweep_table(name, found["sweep"]))
    return "\n\n".join(parts)


def draw(data, axes):
    static = [one for one in data["synthetic"]["sweep"] if one["policy"] == "static"]
    curves = {}  # those on each other are one
    for name, utilities in [("clairvoyant", static[0]["clairvoyant"]), *((short(one["allocator"]), one["utility"]) for one in static)]:
        curves.setdefault(tuple(round(utility, 6) for utility in utilities), []).append(name)
    for utilities, names in curves.items():
        axes.plot(static[0]["mbps"], utilities, label=" = ".join(names))
    axes.set_xlabel("bandwidth [Mbps]")
    axes.set_ylabel("mean utility")
