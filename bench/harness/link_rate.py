"""How near a link's rate is to the wanted one."""
import subprocess

from harness import PROGRAMS, report
from harness.spread import spread, text
from harness.udp_meter import send

NAME, TITLE = "rate", "Rate"
CASES = [(1, 1500), (10, 1500), (10, 100), (100, 1500), (500, 1500), (1000, 1500)]  # Mbit/s, bytes
OFFERED = 1.1
TRACE_S, TRACE_ROUNDS = 4, 2


def measure(context):
    cases = [(f"{rate}", rate, size, ["--rate-mbps", rate]) for rate, size in CASES]
    trace = context.folder("trace") / "mobile.trace"
    made = subprocess.run([PROGRAMS / "turbo-trace", "make", "--duration", str(TRACE_S), "-o", trace],
                          capture_output=True, text=True, check=True)
    mean = float(made.stdout.split("mean ")[1].split(" ")[0])
    # Whole rounds of a trace carry its mean, whenever they begin: no queue of note goes on after them.
    cases.append((f"trace, mean {mean:.2f}", mean, 1500, ["--trace", trace, "--queue-ms", 20]))
    rates = {}
    for repeat in range(context.repeats):
        for name, wanted, size, options in cases:
            context.say(f"repeat {repeat + 1} of {context.repeats}: {name} Mbit/s, packets of {size} bytes")
            traced = options[0] == "--trace"
            seconds = TRACE_S * TRACE_ROUNDS if traced else (1 if context.quick else 2)
            result = send(options + ["--delay-ms", 5], "--mbps", wanted * (3 if traced else OFFERED), "--seconds", seconds,
                          "--packet-bytes", size)["received"]
            rates.setdefault((name, wanted, size), []).append(result["mbps"])
    return {"rows": [{"name": name, "wanted_mbps": wanted, "packet_bytes": size, "mbps": spread(values),
                      "error": spread([abs(value / wanted - 1) for value in values])}
                     for (name, wanted, size), values in rates.items()]}


def table(data):
    rows = [[row["name"], row["packet_bytes"], text(row["mbps"], 3), text(row["error"], 2, 100)] for row in data["rows"]]
    return ("A sender offers more than the link carries; the rate is that of the IP packets between the first arrival and "
            "the last, by the kernel's time stamps. Aim: within 1 %.\n\n" +
            report.table(["wanted, Mbit/s", "packets, bytes", "measured, Mbit/s", "error, %"], rows))
