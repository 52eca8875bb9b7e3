"""turbo-plotter alone: the processes that report, and the browser, are doubles."""
import json
import socket
import time
import urllib.error
import urllib.request

import numpy
import pytest

from doubles import Publisher
from garbage import shout
from processes import Setup
from sandbox import wait_for

pytestmark = pytest.mark.programs("plotter")


def rows(now):
    return [{"plot_id": 1, "service_id": 3, "timestamp": now, "remote_request_made": True,
             "remote_request_successful": False, "latency_ms": 12.5, "source": "vehicle"},
            {"plot_id": 2, "timestamp": now, "local_utility": 0.2, "expected_utility": 0.4, "available_bw": 9.5,
             "rtt": 41.0, "allocation_map": {"3": 1.5}, "model_config_map": {"3": "td2-imgcompNone-inpcomp75"}},
            {"plot_id": 3, "service_id": 3, "timestamp": now, "max_limit": 4.0, "snd_rate": 1.0, "recv_rate": 0.1}]


class Bench:
    def __init__(self, sandbox):
        self.port = sandbox.free_port(socket.SOCK_STREAM)
        self.setup = Setup(sandbox, client={"main_plotter_config": {"host": "127.0.0.1", "port": self.port}})
        self.process = self.setup.start("plotter")
        self.reporter = Publisher(sandbox, sandbox.endpoint("car-client-diagnostics"))
        wait_for(self.answers, "the page is there", watch=[self.process])

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return answer.read().decode(), answer.headers["Content-Type"]

    def answers(self):
        try:
            return self.get("/")
        except OSError:
            return None

    def history(self, since=0):
        return json.loads(self.get(f"/api/history?since={since}")[0])

    def report(self, row, key):
        """Until it is in the history."""
        before = len(self.history()[key])
        self.reporter.tell(json.dumps(row), lambda: len(self.history()[key]) > before, f"{row} is kept", [self.process])


def test_collects_and_shows(sandbox):
    bench = Bench(sandbox)
    page, kind = bench.get("/")
    assert "html" in kind and "<html" in page.lower()
    assert "://" not in page.replace("http://www.w3.org", "")  # it takes nothing from elsewhere
    now = time.time()
    for row, key in zip(rows(now), ("requests", "allocations", "traffic")):
        bench.report(row, key)
        kept = bench.history()[key][-1]
        for name, value in row.items():
            if name not in ("plot_id", "timestamp"):
                assert kept[name] == value
        assert kept["t"] == pytest.approx(now)
    history = bench.history()
    assert bench.history(history["next"])["requests"] == []
    bench.report(rows(now)[0], "requests")
    assert bench.history(history["next"])["requests"]
    assert bench.process.stop() == 0 and sandbox.leftovers() == []


def test_garbage_from_those_who_report(sandbox):
    bench = Bench(sandbox)
    for row in rows(time.time()):
        for name in row:
            for wrong in (None, "x", 1e300, [], {"x": {"y": 1}}, -1, {str(n): 1 for n in range(1000)}):
                bench.reporter.send(json.dumps(row | {name: wrong}))
    shout(sandbox, sandbox.endpoint("car-client-diagnostics"), json.dumps(rows(1.0)[1]).encode())
    bench.report(rows(time.time())[2], "traffic")
    json.loads(bench.get("/api/history")[0])
    assert bench.process.stop() == 0


def test_garbage_from_browsers(sandbox):
    bench = Bench(sandbox)
    random = numpy.random.default_rng(1)
    requests = [b"", b"\r\n\r\n", b"GET", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01" * 50,
                b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000,
                b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
                b"GET /../../../etc/passwd HTTP/1.1\r\n\r\n", *(random.bytes(500) for _ in range(10))]
    held = []
    for request in requests:
        peer = socket.create_connection(("127.0.0.1", bench.port))
        try:
            peer.sendall(request)
        except OSError:
            pass
        held.append(peer)
    held += [socket.create_connection(("127.0.0.1", bench.port)) for _ in range(40)]  # that say nothing
    for peer in held:
        peer.close()
    wait_for(bench.answers, "the page again", watch=[bench.process])
    for path in ("/nowhere", "/api/history/..", "/%00"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            bench.get(path)
        assert refused.value.code == 404
    for since in ("-1", "x", "99999999999999999999999"):
        bench.history(since)
    assert bench.process.stop() == 0


def test_a_port_that_somebody_has(sandbox):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        setup = Setup(sandbox, client={"main_plotter_config": {"host": "127.0.0.1", "port": port}})
        process = setup.start("plotter")
        process.wait_for_log(str(port))  # says so, and goes on collecting
    bench = Bench.__new__(Bench)
    bench.port, bench.process = port, process
    wait_for(bench.answers, "it has the port at last", watch=[process])
    assert process.stop() == 0
