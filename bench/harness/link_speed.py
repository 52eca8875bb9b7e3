"""How many packets a second turbo-link carries."""
from harness import report
from harness.spread import spread, text
from harness.udp_meter import send

NAME, TITLE = "speed", "Packets a second"
SIZES = (1500, 100)
OFFERED = (20, 40, 60, 80, 100, 120, 150, 200, 250)  # thousands of packets a second
LOST = 0.001


def carried(size, thousands, seconds):
    """Thousands of packets a second that came through, the share that did not, turbo-link's CPU time for one in us."""
    result = send(["--delay-ms", 5], "--packet-bytes", size, "--mbps", thousands * size * 8 / 1000, "--seconds", seconds)
    came = result["received"]["packets"]
    return (result["received"]["mbps"] * 1000 / size / 8, 1 - came / result["sent"], result["link_cpu_s"] / came * 1e6)


def measure(context):
    runs = {}
    seconds = 0.5 if context.quick else 2
    for repeat in range(context.repeats):
        for size in SIZES:
            context.say(f"repeat {repeat + 1} of {context.repeats}: packets of {size} bytes")
            without_loss = 0
            for thousands in OFFERED:
                rate, lost, _ = carried(size, thousands, seconds)
                if lost > LOST or rate < 0.97 * thousands:
                    break
                without_loss = rate
            most, _, cpu_us = carried(size, 0, seconds)
            runs.setdefault(size, []).append({"without_loss": without_loss, "most": most, "cpu_us": cpu_us})
    return {"rows": [{"packet_bytes": size, **{key: spread([value[key] for value in values]) for key in values[0]}}
                     for size, values in runs.items()]}


def table(data):
    rows = [[row["packet_bytes"], text(row["without_loss"], 0), text(row["without_loss"], 2, row["packet_bytes"] * 8e-6),
             text(row["most"], 0), text(row["most"], 2, row["packet_bytes"] * 8e-6), text(row["cpu_us"], 2)] for row in data["rows"]]
    return (f"Through a link without a limit: the highest offered rate of which under {LOST:.1%} was lost (steps of 20 to 50 "
            "thousand packets a second), and what comes out when as much as possible goes in. Sender and receiver are on "
            "the same machine and take their share of it; the last column is turbo-link's own processor time, most of it "
            "the kernel's.\n\n" +
            report.table(["packets, bytes", "thousand/s without loss", "Gbit/s", "thousand/s at most", "Gbit/s", "CPU us each"], rows))
