"""How near a link's delay is to the wanted one."""
from harness import report
from harness.spread import spread, text
from harness.udp_meter import send

NAME, TITLE = "delay", "Delay"
DELAYS_MS, RATES_MBPS = (0, 5, 20, 50, 100, 300), (10, 100)
PACKET_BYTES, OFFERED_MBPS = 200, 1


def measure(context):
    errors = {}
    for repeat in range(context.repeats):
        for rate in RATES_MBPS:
            for delay in DELAYS_MS:
                context.say(f"repeat {repeat + 1} of {context.repeats}: {delay} ms at {rate} Mbit/s")
                result = send(["--rate-mbps", rate, "--delay-ms", delay], "--mbps", OFFERED_MBPS, "--packet-bytes",
                              PACKET_BYTES, "--seconds", 1 if context.quick else 2)["received"]["delay_ms"]
                wanted = delay + PACKET_BYTES * 8 / rate / 1000
                errors.setdefault((rate, delay), []).append({key: result[key] - wanted for key in result})
    return {"rows": [{"rate_mbps": rate, "delay_ms": delay, "wanted_ms": delay + PACKET_BYTES * 8 / rate / 1000,
                      "late_ms": {key: spread([value[key] for value in values]) for key in values[0]}}
                     for (rate, delay), values in errors.items()]}


def table(data):
    rows = [[row["rate_mbps"], row["delay_ms"], f"{row['wanted_ms']:.3f}",
             *(text(row["late_ms"][key], 3) for key in ("min", "p50", "p99"))] for row in data["rows"]]
    return (f"{OFFERED_MBPS} Mbit/s of packets of {PACKET_BYTES} bytes, evenly spaced. Wanted is the delay and the packet's "
            "own time on the link; the rest is how much later packets arrive, from the call that sends one to the time "
            "stamp of the kernel that has it. Aim: the median within 1 ms.\n\n" +
            report.table(["Mbit/s", "delay, ms", "wanted, ms", "late at least, ms", "late p50, ms", "late p99, ms"], rows))
