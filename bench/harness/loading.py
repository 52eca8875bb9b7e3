"""How fast evaluation data are loaded, and in how much memory."""
import json
import subprocess
import time

from harness import PROGRAMS, report
from harness.spread import ratio, spread, text
from harness.stage import Trouble

NAME, TITLE = "loading", "Loading evaluation data"
SCENARIOS = {True: [2, 22], False: [22, 215]}  # quick or not; a scenario is 46,848 rows: about a million, and ten
WAYS = {"load": ["time"], "load, a tenth of the memory": ["time", "--memory-mib", 102], "check": ["check"],
        "scan": ["time", "--scan"]}


def run(*arguments):
    """The program's last line, with the time and the memory of its whole life where it says none itself."""
    command = ["/usr/bin/python3", "-c", MEASURED, PROGRAMS / "turbo-evaluation", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Trouble(f"turbo-evaluation {arguments[0]}: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout)


# A process of its own between us and the program, so that the children's greatest memory is that of this program.
MEASURED = """
import json, resource, subprocess, sys, time
begin = time.monotonic()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True)
seconds = time.monotonic() - begin
if done.returncode != 0: sys.exit(done.returncode)
rows = json.loads(done.stdout.splitlines()[-1])["rows"]
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"rows": rows, "seconds": seconds, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024}))
"""


def read_seconds(folder):
    """All bytes of the files, one after the other, from the page cache: what no reader of them can do without."""
    buffer, begin = bytearray(1 << 20), time.monotonic()
    for path in sorted(folder.rglob("*.parquet")):
        with open(path, "rb", buffering=0) as file:
            while file.readinto(buffer):
                pass
    return time.monotonic() - begin


def measure(context):
    rows = []
    for scenarios in SCENARIOS[context.quick]:
        folder = context.folder(f"evaluation-{scenarios}")
        context.say(f"making {scenarios} scenarios")
        made = subprocess.run([PROGRAMS / "turbo-evaluation", "make", folder, "--scenarios", str(scenarios)],
                              capture_output=True, text=True)
        if made.returncode != 0:
            raise Trouble(f"turbo-evaluation make: {made.stderr.strip()}")
        size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
        runs, reads = {way: [] for way in WAYS}, []
        for repeat in range(context.repeats):
            context.say(f"repeat {repeat + 1} of {context.repeats}: {scenarios} scenarios")
            reads.append(read_seconds(folder))
            for way, (command, *options) in WAYS.items():
                cameras = ["--cameras", "1,2,3,4,5"] if command == "time" and "--scan" not in options else []
                runs[way].append(run(command, folder, *cameras, *options, "--json"))
        scans = [one["seconds"] for one in runs["scan"]]
        for way, values in runs.items():
            rows.append({"scenarios": scenarios, "files_mb": size / 1e6, "way": way, "rows": values[0]["rows"],
                         **{key: spread([value[key] for value in values]) for key in ("seconds", "cpu_s", "peak_mib")},
                         "rows_per_s": spread([value["rows"] / value["seconds"] for value in values]),
                         "of_scan": ratio([value["seconds"] for value in values], scans)})
        rows.append({"scenarios": scenarios, "files_mb": size / 1e6, "way": "read the bytes", "rows": rows[-1]["rows"],
                     "seconds": spread(reads), "cpu_s": None, "peak_mib": None,
                     "rows_per_s": spread([rows[-1]["rows"] / seconds for seconds in reads]), "of_scan": ratio(reads, scans)})
    return {"rows": rows}


def table(data):
    rows = [[f"{row['rows'] / 1e6:.2f}", f"{row['files_mb']:.0f}", row["way"], text(row["seconds"]), text(row["rows_per_s"], 2, 1e-6),
             text(row["cpu_s"]), text(row["peak_mib"], 0), text(row["of_scan"])] for row in data["rows"]]
    return ("Synthetic evaluation data in the published layout (222 files: 37 configurations, six window sizes; five cameras), "
            "from the page cache. **load**: as the simulator does it, the utilities over everything, of every scenario and of every window, "
            "each row verified, joined with the model table; the same with a tenth of the memory; **check**: `turbo-evaluation check`, "
            "which compares the windows of all files, too. The peer, in the same run: **scan**, DuckDB's own sum over every column, the "
            "least that a reader on top of DuckDB can take; and the mere reading of the bytes. Times and memory are those of the whole "
            "process, from its start to its end.\n\n" +
            report.table(["million rows", "MB", "what", "s", "million rows/s", "CPU s", "peak MiB", "time / scan's"], rows))
