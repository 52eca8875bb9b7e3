"""A large file over the loopback device: ours beside the ngtcp2 package's own server and client."""
import itertools
import shutil
import time

from harness import PROGRAMS, machine, report
from harness.spread import ratio, spread, text
from harness.stage import Trouble, wait_until

NAME, TITLE = "loopback", "Loopback throughput"
BYTES, QUICK_BYTES, PORT = 3_000_000_000, 500_000_000, 4433
CIPHERS = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM"


def ours(context, count):
    options = [*context.bulk_options(), "--address", "127.0.0.1", "--port", PORT]
    return ([PROGRAMS / "turbo-bench-bulk", "serve", *options],
            [PROGRAMS / "turbo-bench-bulk", "fetch", *options, "--bytes", count])


def theirs(context, count, *options):
    server = shutil.which("gtlsserver", path="/usr/sbin:/usr/bin")
    client = shutil.which("gtlsclient")
    if not server or not client:
        raise Trouble("gtlsserver and gtlsclient are missing: ./dev setup installs ngtcp2-server and ngtcp2-client")
    certificates = context.certificates
    return ([server, "-q", "--cc=bbr", f"--ciphers={CIPHERS}", *options, f"--max-dyn-length={count}", f"--htdocs={certificates}",
             "127.0.0.1", PORT, certificates / "turbo-server.key", certificates / "turbo-server.pem"],
            [client, "-q", "--cc=bbr", f"--ciphers={CIPHERS}", *options, "--exit-on-all-streams-close", "127.0.0.1", PORT,
             f"https://turbo-server/{count}"])


def theirs_with_our_packets(context, count):
    return theirs(context, count, "--pmtud-probes=1472,8972")


SIDES = {"ours": ours, "ngtcp2": theirs, "ngtcp2_probing": theirs_with_our_packets}
LABELS = {"ours": "ours", "ngtcp2": "gtlsserver, gtlsclient", "ngtcp2_probing": "the same, told to try 9000 bytes too"}
QUANTITIES = {"gbit_s": "Gbit/s", "server_cpu_s_per_gb": "server, CPU s/GB", "client_cpu_s_per_gb": "client, CPU s/GB"}


def transfer(context, commands, count):
    """Both processes start with it and end with it; the time is that of the client's whole life."""
    with context.stage() as stage:
        node = stage.node()
        server = stage.start("server", commands[0], node)
        wait_until(lambda: f":{PORT:04X} " in open(f"/proc/{node.pid}/net/udp").read(), "the server listens")
        begin = time.monotonic()
        client = stage.start("client", commands[1], node)
        usage = client.wait(120)
        elapsed_s = time.monotonic() - begin
        gigabytes = count / 1e9
        return {"gbit_s": count * 8e-9 / elapsed_s,
                "server_cpu_s_per_gb": machine.cpu_seconds(server.pid) / gigabytes,
                "client_cpu_s_per_gb": (usage.ru_utime + usage.ru_stime) / gigabytes}


def measure(context):
    count = QUICK_BYTES if context.quick else BYTES
    runs = {side: [] for side in SIDES}
    for repeat, (side, commands) in itertools.product(range(context.repeats), SIDES.items()):
        context.say(f"repeat {repeat + 1} of {context.repeats}: {side}")
        runs[side].append(transfer(context, commands(context, count), count))
    values = lambda side, quantity: [run[quantity] for run in runs[side]]  # noqa: E731
    return {"bytes": count,
            "sides": {side: {quantity: spread(values(side, quantity)) for quantity in QUANTITIES} for side in SIDES},
            "ratio": {side: {quantity: ratio(values("ours", quantity), values(side, quantity)) for quantity in QUANTITIES}
                      for side in SIDES if side != "ours"}}


def table(data):
    rows = [[LABELS[side], *(text(values[quantity], 2) for quantity in QUANTITIES)] for side, values in data["sides"].items()]
    rows += [[f"ours / {LABELS[side]}", *(text(values[quantity], 2) for quantity in QUANTITIES)]
             for side, values in data["ratio"].items()]
    return (f"{data['bytes'] / 1e9:.1f} GB from server to client on 127.0.0.1, TLS_AES_128_GCM_SHA256 (GnuTLS) and BBR on "
            "both sides, taken in turns. Theirs is the example server and client of the package that our transport is "
            "built on (HTTP/3, 1.11, Debian's build). Ours tries packets of up to 8972 bytes, which the loopback device "
            "takes; theirs stays with Ethernet's size unless it is told. A ratio is that of runs one after the other.\n\n" +
            report.table(["", *QUANTITIES.values()], rows))
