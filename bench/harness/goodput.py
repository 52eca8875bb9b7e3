"""Bulk data over turbo-link: ours beside the kernel's TCP, through links of the same kind at the same time."""
import itertools
import sys
import time

from harness import PROGRAMS, machine, report
from harness.spread import spread, text
from harness.stage import CLOUD_ADDRESS, Stage, Trouble, read_json_lines

NAME, TITLE = "goodput", "Goodput over an emulated link"
PROTOCOLS = {"turbo": "ours", "bbr": "TCP, BBR", "cubic": "TCP, CUBIC"}
RATES_MBPS, RTTS_MS, LOSSES = (5, 25, 100), (20, 50, 100), (0, 0.01)
WARM_UP_S, MEASURED_S, PORT = 2.5, 5.0, 4433
MAX_MBPS_AT_ONCE = 300  # of all links together, so that the emulation itself has the processor that it needs


def cells(quick):
    return [(rate, rtt, loss) for rate, rtt, loss in itertools.product(RATES_MBPS, RTTS_MS, LOSSES)
            if not quick or rtt == 50]


def batches(wanted):
    """Cells that are measured at the same time."""
    batch, total = [], 0
    for cell in wanted:
        load = cell[0] * len(PROTOCOLS)
        if batch and total + load > MAX_MBPS_AT_ONCE:
            yield batch
            batch, total = [], 0
        batch.append(cell)
        total += load
    yield batch


class Transfer:
    def __init__(self, context, stage, cell, protocol, seed):
        self.cell, self.protocol, self.context = cell, protocol, context
        rate, rtt, loss = cell
        self.link = stage.link(rate_mbps=rate, rtt_ms=rtt, loss=loss, seed=seed)
        self.seconds, self.stage = WARM_UP_S + MEASURED_S + 0.3, stage
        if protocol == "turbo":
            self.server = stage.start("serve", [PROGRAMS / "turbo-bench-bulk", "serve", *context.bulk_options(),
                                                "--address", CLOUD_ADDRESS, "--port", PORT], self.link.cloud)
            self.server.wait_for("clients")
        else:
            self.server = stage.start("tcp-serve", [*self._tcp("serve")], self.link.cloud).wait_for("listening")

    @staticmethod
    def _tcp(word):
        return [sys.executable, PROGRAMS.parents[2] / "bench/harness/tcp_bulk.py", word, CLOUD_ADDRESS, PORT]

    def begin(self):
        if self.protocol == "turbo":
            command = [PROGRAMS / "turbo-bench-bulk", "send", *self.context.bulk_options(), "--address", CLOUD_ADDRESS,
                       "--port", PORT, "--seconds", self.seconds]
        else:
            command = [*self._tcp("send"), self.protocol, self.seconds]
        self.client = self.stage.start(f"{self.protocol}-send", command, self.link.vehicle)

    def result(self):
        """Payload and whole packets that came through in the measured time, as shares of the link's capacity."""
        self.client.wait()
        capacity_bps = self.cell[0] * 1e6
        connected = read_json_lines(self.client.log_path)[0]["connected_ns"]
        begin, end = (connected + int(after * 1e9) for after in (WARM_UP_S, WARM_UP_S + MEASURED_S))
        rows = [row for row in read_json_lines(self.server.log_path) if begin <= row["t_ns"] <= end]
        if len(rows) < 2:
            raise Trouble(f"{self.protocol} received nothing")
        elapsed_s = (rows[-1]["t_ns"] - rows[0]["t_ns"]) / 1e9
        payload = (rows[-1]["received"] - rows[0]["received"]) * 8 / elapsed_s / capacity_bps
        offset_s = time.time() - time.monotonic()
        filled = [row["up"]["delivered_mbps"] for row in self.link.status()
                  if begin / 1e9 + offset_s < row["unix_s"] <= end / 1e9 + offset_s]
        return {"payload": payload, "packets": sum(filled) / len(filled) * 1e6 / capacity_bps}


def measure(context):
    shares, busiest = {}, 0.0
    wanted = list(batches(cells(context.quick)))
    for repeat, (number, batch) in itertools.product(range(context.repeats), enumerate(wanted, 1)):
        context.say(f"repeat {repeat + 1} of {context.repeats}, batch {number} of {len(wanted)}: " +
                    ", ".join(f"{rate} Mbit/s {rtt} ms {loss:.0%}" for rate, rtt, loss in batch))
        with context.stage() as stage:
            transfers = [Transfer(context, stage, cell, protocol, seed=repeat + 1)
                         for cell in batch for protocol in PROTOCOLS]
            load = machine.Load()
            for transfer in transfers:
                transfer.begin()
            time.sleep(WARM_UP_S + MEASURED_S)
            busiest = max(busiest, load.share())
            for transfer in transfers:
                key = (*transfer.cell, transfer.protocol)
                try:
                    shares.setdefault(key, []).append(transfer.result())
                except Trouble as trouble:
                    context.say(f"{key}: {trouble}")
                    shares.setdefault(key, []).append({"payload": None, "packets": None})
    rows = [{"rate_mbps": rate, "rtt_ms": rtt, "loss": loss,
             **{protocol: {kind: spread([share[kind] for share in shares[rate, rtt, loss, protocol]])
                           for kind in ("payload", "packets")} for protocol in PROTOCOLS}}
            for rate, rtt, loss in cells(context.quick)]
    return {"rows": rows, "busiest": busiest, "warm_up_s": WARM_UP_S, "measured_s": MEASURED_S}


def table(data):
    rows = [[row["rate_mbps"], row["rtt_ms"], f"{row['loss']:.0%}",
             *(text(row[protocol]["payload"], 3) if row[protocol]["payload"] else "–" for protocol in PROTOCOLS),
             text(row["turbo"]["packets"], 3)] for row in data["rows"]]
    head = ["Mbit/s", "RTT ms", "loss", *PROTOCOLS.values(), "ours, whole packets"]
    return (
        f"Share of the link's capacity that arrives as payload, in {data['measured_s']} s after {data['warm_up_s']} s of "
        "start-up; median of the repeats (least to most). The link counts whole IP packets, so that headers are what "
        "nobody can fill: a QUIC packet of ours carries at most 0.952 of payload (1428 of 1500 bytes), a TCP segment 0.965. The last "
        "column is the capacity that our packets fill, headers and what is sent again included. Each row's three "
        "transfers run at the same time, over a link each (drop-tail queue of 200 ms, loss by seed, in both directions). "
        "Under random loss ours is held back, as far as its congestion window shows, by ngtcp2's BBR: what may be in flight shrinks with "
        "every round trip that has a loss, until the next probe two to three seconds later; the kernel's BBR is the "
        f"first version, which does not heed loss. The processors were busy for at most {data['busiest']:.0%} of a batch.\n\n" + report.table(head, rows))


def draw(data, axes):
    names = [f"{row['rate_mbps']} Mbit/s\n{row['rtt_ms']} ms {row['loss']:.0%}" for row in data["rows"]]
    for index, (protocol, label) in enumerate(PROTOCOLS.items()):
        values = [row[protocol]["payload"] or {"median": 0, "min": 0, "max": 0} for row in data["rows"]]
        medians = [value["median"] for value in values]
        errors = [[value["median"] - value["min"] for value in values], [value["max"] - value["median"] for value in values]]
        axes.bar([at + 0.27 * (index - 1) for at in range(len(names))], medians, 0.25, yerr=errors, label=label,
                 error_kw={"linewidth": 0.8})
    axes.set_xticks(range(len(names)), names, fontsize=6)
    axes.set_ylabel("payload / capacity")
    axes.set_ylim(0, 1)
