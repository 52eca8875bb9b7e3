"""turbo-quic-client and turbo-quic-server over real UDP; client, model server, allocator and plotter are doubles."""
import json
import socket
import subprocess
import time

import numpy
import pytest

import messages as m
from doubles import Asker, Collector, MessageReceiver, MessageSender, Replier
from garbage import bombard, raw_bytes_into
from processes import Setup
from sandbox import FRAME_SIZE, PROGRAMS, ROOT, wait_for

pytestmark = pytest.mark.programs("quic-client", "quic-server")


class Client:
    """The client's regions and sockets of one service."""

    def __init__(self, sandbox, k=1):
        self.id = sandbox.service(k)
        self.out = m.Region(sandbox.region("client-service{N}-incoming-shm", k), 5_000_000)
        self.back = m.Region(sandbox.region("client-service{N}-outgoing-shm", k), 5_000_000)
        sandbox.on_close.callback(self.out.close)
        sandbox.on_close.callback(self.back.close)
        self.requests = MessageSender(sandbox, sandbox.endpoint("car-server-outgoing-{N}", k), self.out.path)
        self.answers = MessageReceiver(sandbox, sandbox.endpoint("car-server-incoming-{N}", k), self.back.path)

    def send(self, context_id, size=5_000, **changes):
        image = numpy.zeros(FRAME_SIZE + [3], numpy.uint8)
        payload = numpy.random.default_rng(context_id).bytes(size)
        header, _ = m.server_request(context_id, changes.pop("service_id", self.id), image, FRAME_SIZE,
                                     payload=payload, **changes)
        return self.requests.send(context_id, header, payload)


class ModelServer:
    def __init__(self, sandbox, k=1):
        self.id = sandbox.service(k)
        self.incoming = m.Region(sandbox.region("server-service{N}-outgoing-shm", k), 5_000_000)
        self.outgoing = m.Region(sandbox.region("server-service{N}-incoming-shm", k), 5_000_000)
        sandbox.on_close.callback(self.incoming.close)
        sandbox.on_close.callback(self.outgoing.close)
        self.requests = MessageReceiver(sandbox, sandbox.endpoint("remote-server-outgoing-{N}", k), self.incoming.path)
        self.answers = MessageSender(sandbox, sandbox.endpoint("remote-server-incoming-{N}", k), self.outgoing.path)

    def answer(self, context_id, detections=((1, 2, 3, 4, 0.5, 1),)):
        header = m.server_response(context_id, self.id, detections)
        return self.answers.send(context_id, header)


class Road:
    """Both ends with their peers. start: the order in which the two come up."""

    def __init__(self, sandbox, services=1, start=("quic-server", "quic-client"), rate_mbps=100.0, **quic):
        self.sandbox = sandbox
        self.setup = Setup(sandbox, services, quic={"slo_timeout_ms": 20_000, "request_slo_ms": 60_000} | quic)
        self.clients = [Client(sandbox, k) for k in range(1, services + 1)]
        self.models = [ModelServer(sandbox, k) for k in range(1, services + 1)]
        self.choices = {}
        self.rates = {str(sandbox.service(k)): rate_mbps for k in range(1, services + 1)}
        self.allocator = Replier(sandbox, sandbox.endpoint("car-server-bw-service"), self.allocate)
        self.plotter = Collector(sandbox, sandbox.endpoint("car-client-diagnostics"))
        self.next_id = 1
        self.running = {}
        for name in start:
            self.start(name)

    def start(self, name):
        self.running[name] = self.setup.start(name)

    def allocate(self, parts):
        return [json.dumps({"allocation_map": self.rates, "expected_utility": 0.5,
                            "model_config_map": self.choices}).encode()]

    def connected(self):
        """As the QUIC client told the allocator last; None before it has."""
        return json.loads(self.allocator.requests[-1][0])["connected"] if self.allocator.requests else None

    def reports(self, k=1):
        """What the QUIC client said of a service, from the first time on."""
        service = str(self.sandbox.service(k))
        return [json.loads(parts[0])["services"][service] for parts in list(self.allocator.requests)]

    def allocate_rate(self, mbps, k=1):
        """Returns once the QUIC client has that rate."""
        self.rates[str(self.sandbox.service(k))] = mbps
        seen = len(self.allocator.requests)
        self.allocator.wait_for_requests(seen + 2, list(self.running.values()))

    def round_trip(self, k=1, size=5_000):
        """There and back again; a frame may be lost to a connection that is being made, so it is sent anew."""
        client, model = self.clients[k - 1], self.models[k - 1]
        sent = {}

        def arrived():
            if not sent or time.monotonic() - max(sent.values()) > 1:
                self.next_id += 1
                assert client.send(self.next_id, size) == b"ACK"
                sent[self.next_id] = time.monotonic()
            while not model.requests.messages.empty():
                context_id, header, payload = model.requests.messages.get()
                if context_id in sent:
                    return context_id, header, payload
        context_id, header, payload = wait_for(arrived, "a frame is there", watch=list(self.running.values()))
        request = m.decode(m.ModelServerRequest, header)
        assert (request.ContextId(), request.ServiceId()) == (context_id, client.id)
        assert payload == numpy.random.default_rng(context_id).bytes(size)  # every byte of it
        assert model.answer(context_id) == b"ACK"
        while (answer := client.answers.messages.get(timeout=30))[0] != context_id:
            pass
        response = m.decode(m.ModelServerResponse, answer[1])
        assert response.ContextId() == context_id and m.rows_of(response) == [[1, 2, 3, 4, 0.5, 1]]

    def stop(self):
        for name, process in self.running.items():
            assert process.stop() == 0, process.log()


@pytest.mark.parametrize("start", [("quic-server", "quic-client"), ("quic-client", "quic-server")])
def test_there_and_back(sandbox, start):
    road = Road(sandbox, services=3, start=start)
    for k in (1, 2, 3):
        for size in (1, 1_000, 2_000_000):
            road.round_trip(k, size)
    row = road.plotter.wait_for(lambda row: row["snd_rate"] > 0, "diagnostics", 3)
    assert {"service_id", "timestamp", "max_limit", "snd_rate", "recv_rate"} <= set(row)
    assert row["max_limit"] in (pytest.approx(100), pytest.approx(8))  # Mbps; the second is init_allocation
    reports = [json.loads(parts[0]) for parts in list(road.allocator.requests)]
    assert all(report["bw"] >= 0 and report["rtt"] >= 0 for report in reports)
    wait_for(lambda: (report := json.loads(road.allocator.requests[-1][0]))["bw"] > 0 and 0 < report["rtt"] < 500,
             "the link's bandwidth and round trip in Mbps and ms")
    road.stop()
    assert not [name for name in sandbox.leftovers() if name.endswith(".lock")]


def test_only_the_newest_frame_waits(sandbox):
    road = Road(sandbox)
    road.round_trip()
    road.allocate_rate(0)
    for context_id in range(1000, 1005):
        assert road.clients[0].send(context_id) == b"ACK"
    road.allocate_rate(50)
    assert road.models[0].requests.messages.get(timeout=30)[0] == 1004
    road.round_trip()
    assert not any(context_id in range(1000, 1004) for context_id, _, _ in list(road.models[0].requests.messages.queue))


def test_a_frame_past_its_time_is_not_sent(sandbox):
    road = Road(sandbox, slo_timeout_ms=50)
    road.round_trip()
    road.allocate_rate(0)
    expired = road.plotter.json(3)[-1]["frames_expired"]
    assert road.clients[0].send(1000) == b"ACK"
    road.plotter.wait_for(lambda row: row["frames_expired"] == expired + 1, "the frame is dropped", 3)
    road.allocate_rate(50)
    road.round_trip()
    assert road.models[0].requests.messages.empty()


def test_the_allocated_rate_is_the_limit(sandbox):
    """Where what is left over is withheld, ten frames of 0.4 Mb at 2 Mbps take two seconds; how much longer is the
    machine's affair."""
    road = Road(sandbox, leftover="withhold")
    road.round_trip()
    road.allocate_rate(2.0)
    road.round_trip(size=50_000)
    begin = time.monotonic()
    for _ in range(10):
        road.round_trip(size=50_000)
    assert time.monotonic() - begin > 1.5


@pytest.mark.parametrize("name", ["quic-server", "quic-client"])
def test_a_restarted_end_is_found_again(sandbox, name):
    road = Road(sandbox)
    road.round_trip()
    road.running[name].kill()
    if name == "quic-server":  # nobody is there: the client stays up, takes frames, and says that nothing gets through
        wait_for(lambda: road.connected() is False, "the connection is seen to be lost")
        assert road.clients[0].send(5000) == b"ACK"
    road.start(name)
    road.round_trip()
    road.stop()


def test_a_server_that_is_not_ours(sandbox, tmp_path_factory):
    """Its certificate is from another authority, or made for another name: the client never trusts it with a frame."""
    other = tmp_path_factory.mktemp("other-certificates")
    subprocess.run([PROGRAMS / "turbo-certs", "local", "--folder", other], check=True, stdout=subprocess.DEVNULL)
    road = Road(sandbox, start=("quic-server",))
    for change in ({"ca_certificate_path": str(other / "ca.pem")}, {"server_name": "somebody-else"}):
        config = sandbox.write("wary.yaml", sandbox.quic_config(road.setup.port) | change)
        client = sandbox.start("quic-client", "--config", config)
        client.wait_for_log("no connection to the cloud")
        road.clients[0].send(7)
        assert not road.connected()
        assert client.stop() == 0
    assert road.models[0].requests.messages.empty()
    road.start("quic-client")
    road.round_trip()


def test_model_server_and_client_that_come_and_go(sandbox):
    road = Road(sandbox)
    road.round_trip()
    road.models[0].requests.answer = None
    assert road.clients[0].send(1000) == b"ACK"
    road.running["quic-server"].wait_for_log("does not take requests")
    road.models[0].requests.answer = b"ACK"
    road.round_trip()
    for end in (road.models[0].incoming, road.models[0].outgoing):
        end.close()
    road.models[0].requests.close()
    assert road.clients[0].send(2000) == b"ACK"
    road.models[0] = ModelServer(sandbox)  # another, with new regions
    road.round_trip()
    road.clients[0].answers.answer = b"ERROR: not now"
    road.round_trip()
    road.clients[0].answers.answer = b"ACK"
    road.round_trip()
    road.stop()


def test_garbage_on_every_socket_and_in_the_regions(sandbox):
    road = Road(sandbox)
    road.round_trip()
    client, model = road.clients[0], road.models[0]
    for endpoint, region in ((client.requests.asker.endpoint, client.out),
                             (model.answers.asker.endpoint, model.outgoing)):
        bombard(sandbox, endpoint)
        asker = Asker(sandbox, endpoint)
        random = numpy.random.default_rng(7)
        for _ in range(5):
            region.memory[:] = random.bytes(len(region.memory))
            assert asker.one("5", "400000").startswith(b"ERROR: ")
        for size in ("0", "5000001", str(2**31), str(2**64 - 1)):
            assert asker.one("5", size).startswith(b"ERROR: ")
    assert client.send(1, service_id=client.id + 1).startswith(b"ERROR: ")
    assert client.send(1, payload_bytes=4).startswith(b"ERROR: ")
    assert model.answers.send(9, m.server_response(9, model.id + 1)).startswith(b"ERROR: ")
    assert model.answers.send(9, m.server_response(10, model.id)).startswith(b"ERROR: ")
    assert model.answer(123456) == b"ACK"  # nobody asked: taken, and dropped
    road.allocator.answer = lambda parts: [b"\xff\xfe{"]
    seen = len(road.allocator.requests)
    road.allocator.wait_for_requests(seen + 2)
    road.allocator.answer = lambda parts: [b"{}", b"two parts"]
    road.allocator.wait_for_requests(seen + 4)
    road.allocator.answer = lambda parts: None
    road.allocator.wait_for_requests(seen + 6)
    road.allocator.answer = road.allocate
    road.round_trip()
    raw_bytes_into(client.requests.asker.endpoint, seed=9)
    road.round_trip()
    road.stop()


def test_each_choices_own_frames_are_reported(sandbox):
    road = Road(sandbox)
    road.choices = {str(sandbox.service()): "td2-imgcompNone-inpcomp95-fps2"}
    wait_for(lambda: road.reports() and road.reports()[-1]["config"] == road.choices[str(sandbox.service())],
             "the choice in the report", watch=list(road.running.values()))
    road.round_trip()
    report = wait_for(lambda: next((row for row in road.reports() if row["in_time"] == 1), None), "a frame in time")
    assert report["finished"] >= 1 and report["config"].endswith("-fps2")
    assert 5_000 < report["frame_bytes"]["p50"] < 6_000 and report["frame_bytes"]["p50"] <= report["frame_bytes"]["p95"]
    assert report["server_ms"]["p50"] == pytest.approx(20) and report["cloud_ms"]["p50"] >= 0
    road.choices = {str(sandbox.service()): "td1-imgcompNone-inpcompNone"}
    report = wait_for(lambda: next((row for row in road.reports() if (row["config"] or "").startswith("td1")), None),
                      "the next choice")
    assert report["frame_bytes"] is report["server_ms"] is report["cloud_ms"] is None and report["finished"] == 0


def test_ends_with_different_services_share_what_both_have(sandbox):
    road = Road(sandbox, services=2, start=())
    fewer = sandbox.write("fewer.yaml", sandbox.quic_config(road.setup.port, services=1))
    road.running["quic-server"] = sandbox.start("quic-server", "--config", fewer)
    road.start("quic-client")
    road.round_trip(1)
    assert road.clients[1].send(5000) == b"ACK"
    road.round_trip(1, 200_000)
    road.stop()
    refusals = [line for line in road.running["quic-client"].log().splitlines() if "does not serve" in line]
    assert len(refusals) == 1 and f"service {sandbox.service(2)}" in refusals[0]


def test_garbage_from_the_network(sandbox):
    road = Road(sandbox)
    road.round_trip()
    random = numpy.random.default_rng(11)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for i in range(2000):
            datagram = bytearray(random.bytes(int(random.integers(0, 1500))))
            if datagram and i % 3 == 0:  # a long header of version 1, an Initial
                datagram[:5] = b"\xc3\0\0\0\x01"
            stranger.sendto(datagram, ("127.0.0.1", road.setup.port))
    road.round_trip()
    assert "connection 2" not in road.running["quic-server"].log()
    road.stop()
