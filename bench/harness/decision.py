"""How long the exact allocation takes, beside PuLP with CBC on the same problems."""
import json
import statistics
import subprocess
import time

from harness import PROGRAMS, report
from harness.spread import quantile, ratio, spread, text
from harness.stage import Trouble

NAME, TITLE = "decision", "Decision time"
EQUAL = 1e-9  # of value: how near the optima of both must be


def ours(services, configs, count, seed, kind="noisy", *options):
    """turbo-bench-allocation's answer."""
    command = [PROGRAMS / "turbo-bench-allocation", "--kind", kind, "--services", services, "--configs", configs,
               "--count", count, "--seed", seed, *options]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise Trouble(done.stderr.strip())
    return json.loads(done.stdout)


def by_pulp(pulp, curves, bandwidth_mbps):
    """The allocation as the prototype asks for it: a binary variable a step. The sum of the values, and the time in us
    for the problem and its solution; the curves were given.
    """
    begin = time.perf_counter()
    problem = pulp.LpProblem("allocation", pulp.LpMaximize)
    taken = [[pulp.LpVariable(f"x_{i}_{j}", cat="Binary") for j in range(len(curve))] for i, curve in enumerate(curves)]
    pairs = [(step, x) for curve, row in zip(curves, taken) for step, x in zip(curve, row)]
    problem += pulp.lpSum(step[1] * x for step, x in pairs)
    for row in taken:
        problem += pulp.lpSum(row) == 1
    problem += pulp.lpSum(step[0] * x for step, x in pairs) <= bandwidth_mbps
    problem.solve(pulp.COIN_CMD(msg=0, gapRel=0, gapAbs=0, options=["integerTolerance 1e-9", "increment 1e-10"]))
    us = (time.perf_counter() - begin) * 1e6
    return sum(step[1] for step, x in pairs if x.value() and x.value() > 0.5), us


def beside_pulp(pulp, count, seed):
    """One repeat: both on the same problems."""
    result = ours(3, 23, count, seed, "noisy", "--each")
    theirs, differ = [], []
    for decision in result["decisions"]:
        value, us = by_pulp(pulp, decision["curves"], decision["bandwidth_mbps"])
        theirs.append(us)
        if abs(value - decision["value"]) > EQUAL:
            differ.append({"ours": decision["value"], "pulp": value, "bandwidth_mbps": decision["bandwidth_mbps"]})
    return {"ours_us": statistics.median(decision["us"] for decision in result["decisions"]),
            "pulp_us": statistics.median(theirs), "pulp_p99_us": quantile(theirs, 0.99), "differ": differ}


def pulp_or_trouble():
    try:
        import pulp
    except ImportError:
        raise Trouble("python3-pulp is not there: ./dev bench installs it") from None
    if not pulp.COIN_CMD(msg=0).available():
        raise Trouble("PuLP finds no cbc: ./dev bench installs coinor-cbc")
    return pulp


def measure(context):
    pulp = pulp_or_trouble()
    sizes = {"3 x 23": (3, 23, 1000 if context.quick else 20000), "64 x 64": (64, 64, 100 if context.quick else 2000)}
    runs, plans, pairs = {name: [] for name in sizes}, {name: [] for name in sizes}, []
    for repeat in range(context.repeats):
        for name, (services, configs, count) in sizes.items():
            context.say(f"repeat {repeat + 1} of {context.repeats}: {name}, {count} decisions")
            runs[name].append(ours(services, configs, count, 1 + repeat * 10**6))
            plans[name].append(ours(services, configs, count // 10, 1 + repeat * 10**6, "noisy", "--plans"))
        context.say(f"repeat {repeat + 1} of {context.repeats}: beside PuLP")
        pairs.append(beside_pulp(pulp, 10 if context.quick else 100, 10**8 + repeat * 10**6))
    rows = [{"size": name, "what": what, "decisions": sum(run["count"] for run in parts),
             "exact": sum(run["exact"] for run in parts) if what == "allocation" else None,
             **{q: spread([run["us"][q] for run in parts]) for q in ("p50", "p90", "p99", "max")}}
            for what, all_runs in (("allocation", runs), ("planner", plans)) for name, parts in all_runs.items()]
    return {"rows": rows, "pulp": {
        "version": pulp.__version__, "problems": len(pairs) * (10 if context.quick else 100),
        "ours_us": spread([pair["ours_us"] for pair in pairs]), "pulp_us": spread([pair["pulp_us"] for pair in pairs]),
        "pulp_p99_us": spread([pair["pulp_p99_us"] for pair in pairs]),
        "times": ratio([pair["pulp_us"] for pair in pairs], [pair["ours_us"] for pair in pairs]),
        "differ": [one for pair in pairs for one in pair["differ"]]}}


def table(data):
    rows = [[row["what"], row["size"], row["decisions"], "–" if row["exact"] is None else row["exact"], *(text(row[q], 1) for q in ("p50", "p90", "p99", "max"))]
            for row in data["rows"]]
    pulp = data["pulp"]
    same = (f"The optimum was the same to {EQUAL:g} on all {pulp['problems']} problems." if not pulp["differ"] else
            f"On {len(pulp['differ'])} of {pulp['problems']} problems the optimum differed by more than {EQUAL:g}; the "
            "JSON file has them.")
    return ("From services x configurations, bandwidth and RTT to a choice for each service, the utility curves made anew "
            "every time, on noisy real-valued curves (turbo-bench-allocation); every decision is on another problem. In "
            "microseconds. Aims, of an allocation: for 3 x 23 at most 10 at p50 and 50 at p99, for 64 x 64 at most 1000 and 5000. Planner: what the "
            "vehicle does twice a second, which weighs many such allocations by what they are expected to bring.\n\n" +
            report.table(["what", "services x configs", "decisions", "proven best", "p50", "p90", "p99", "most"], rows) +
            f"\nPuLP {pulp['version']} with CBC on 3 x 23, one problem after the other on the same ones: "
            f"{text(pulp['pulp_us'], 0)} us at the median, {text(pulp['pulp_p99_us'], 0)} at p99; ours there "
            f"{text(pulp['ours_us'], 1)}: {text(pulp['times'], 0)} times. PuLP is given finished curves and its time is that "
            f"of building and solving its problem, with the start of the solver's process that it needs. {same}\n")
