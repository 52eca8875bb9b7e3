"""turbo-link as people use it: commands at its two ends, with packets that really pass."""
import json
import subprocess

import pytest

from sandbox import PROGRAMS

METER = PROGRAMS / "turbo-bench-udp"
pytestmark = pytest.mark.programs("link", "trace", "bench-udp")


def link(*arguments):
    return subprocess.run([str(word) for word in (PROGRAMS / "turbo-link", *arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60)


@pytest.fixture(autouse=True)
def namespaces():
    if link("--", "true").returncode != 0:
        pytest.skip("needs network namespaces and /dev/net/tun, which this machine refuses")


def measured(options, *traffic):
    """What turbo-bench-udp saw from the vehicle's end to the cloud's."""
    result = link(*options, "--cloud-command", f"exec {METER} receive >/dev/null",
                  "--", METER, "send", "--address", "10.77.0.2", *traffic)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_a_commands_status_is_the_links():
    assert link("--", "sh", "-c", "exit 3").returncode == 3
    assert link("--", "sh", "-c", "kill -TERM $$").returncode == 128 + 15
    missing = link("--", "no-such-program")
    assert missing.returncode == 127 and "no-such-program" in missing.stderr


def test_packets_are_delayed_and_paced_and_keep_their_order():
    result = measured(["--rate-mbps", 20, "--delay-ms", 15, "--jitter-ms", 10], "--mbps", 22, "--seconds", 1)
    received = result["received"]
    assert received["packets"] == result["sent"] and received["reordered"] == 0
    assert received["delay_ms"]["min"] >= 15.6  # with the packet's own 0.6 ms
    assert received["mbps"] < 20.4


def test_directions_are_apart():
    """What is asked of one way does not hold for the other: the meter's answers come back."""
    result = measured(["--up-loss", 0.5, "--down-rate-mbps", 1], "--mbps", 5, "--seconds", 1)
    assert 0.3 < result["received"]["packets"] / result["sent"] < 0.7


def test_an_outage_that_drops_and_one_that_holds():
    traffic = ("--mbps", 2, "--packet-bytes", 200, "--seconds", 3)
    options = ["--rate-mbps", 50, "--queue-ms", 2000, "--outage", "1:2"]
    dropped = measured([*options, "--up-outage-kind", "drop"], *traffic)
    assert 0.5 < dropped["received"]["packets"] / dropped["sent"] < 0.8
    held = measured(options, *traffic)
    assert held["received"]["packets"] == held["sent"] and held["received"]["delay_ms"]["max"] > 900


def test_the_log_tells_queues_by_the_fields_of_the_help(tmp_path):
    trace, log = tmp_path / "lte.trace", tmp_path / "status.jsonl"
    subprocess.run([PROGRAMS / "turbo-trace", "make", "lte", "--duration", "5", "-o", trace], check=True,
                   stdout=subprocess.DEVNULL)
    measured(["--up-trace", trace, "--queue", "codel", "--queue-ms", 500, "--status", log, "--status-interval-ms", 50],
             "--mbps", 80, "--seconds", 1)
    first, *rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert first["interval_ms"] == 50 and "codel" in first["command"]
    words = link("--help").stdout
    for field in rows[0]["up"]:
        assert field in words
    assert max(row["up"]["queue_packets"] for row in rows) > 10
    assert max(row["up"]["sojourn_max_ms"] for row in rows) > 5
    assert sum(row["up"]["dropped_at_head"] for row in rows) > 0
    assert all(row["down"]["dropped"] == 0 for row in rows)


@pytest.mark.parametrize("arguments, why", [
    (["--up-loss", "2"], "--loss (up): expected a probability, 0 to 1, found 2"),
    (["--down-loss", "x"], "--down-loss"),
    (["--outage", "9:3"], "--outage '9:3': expected FROM:TO"),
    (["--rate-mbps", "5", "--trace", "f"], "--rate-mbps excludes --trace"),
    (["--up-trace", "/no/such"], "/no/such: cannot be opened"),
    (["--queue", "red"], "red not in"),
    (["--cloud-command", "true"], "expected a COMMAND"),
])
def test_what_is_wrong_is_one_line(arguments, why):
    result = link(*arguments)
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("turbo-link: ") and why in result.stderr
