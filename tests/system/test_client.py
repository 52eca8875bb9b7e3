"""turbo-client alone: camera stream, QUIC client, bandwidth allocator, plotter and client_main are doubles."""
import json
import os
import signal
import time

import cv2
import numpy
import pytest

import messages as m
from doubles import Asker, Camera, Collector, MessageReceiver, MessageSender, Publisher, Replier, abort
from garbage import bombard, garbage_messages, shout
from sandbox import FRAME_SIZE, MODEL_SIZE

pytestmark = pytest.mark.programs("client")
RED_BOX = [4 * 160 / 64, 2 * 96 / 32, 20 * 160 / 64, 10 * 96 / 32]  # the test model's first row in pixels of the frame


def own(sandbox):
    """What a client makes: three sockets with their locks, two regions."""
    makes = ("car-server-incoming", "main-client", "client-kill", "client-service")
    return [name for name in sandbox.leftovers() if any(part in name for part in makes)]


class Bench:
    """A client and all its peers."""

    def __init__(self, sandbox, camera=True, **changes):
        self.sandbox = sandbox
        self.id = sandbox.service()
        config = sandbox.client_config(**changes)
        config["bandwidth_allocator_config"]["t_SLO"] = min(900, config["SLO_TIMEOUT"])
        self.config = sandbox.write("client.yaml", config)
        self.camera = Camera(sandbox) if camera else None
        self.plotter = Collector(sandbox, sandbox.endpoint("car-client-diagnostics"))
        self.quic = MessageReceiver(sandbox, sandbox.endpoint("car-server-outgoing-{N}"),
                                    sandbox.region("client-service{N}-incoming-shm"))
        self.answers = MessageSender(sandbox, sandbox.endpoint("car-server-incoming-{N}"),
                                     sandbox.region("client-service{N}-outgoing-shm"))
        self.allocator = Publisher(sandbox, sandbox.endpoint("main-client-{N}-bw-subscriber"))
        self.process = self.start()

    def start(self):
        return self.sandbox.start("client", "--config", self.config, "--service-id", self.id)

    def delivery(self, what, condition=lambda row: True, after=None):
        """The first of the deliveries from now on (after: from that one on) for which the condition holds."""
        after = len(self.plotter.json(1)) if after is None else after
        return self.plotter.wait_for(condition, what, 1, [self.process], after)

    def choose(self, model_config):
        """The allocator's choice, until the client works by it."""
        text = json.dumps({"allocation_map": {str(self.id): 5.0}, "expected_utility": 0.5,
                           "model_config_map": {str(self.id): model_config, "99999": "td1-imgcompNone-inpcompNone"}})
        self.allocator.tell(text, lambda: any(row["model_config"] == model_config for row in self.plotter.json(1)[-3:]),
                            f"the client takes {model_config}", [self.process])

    def answer_next(self, detections=(), **changes):
        """Answers the next image; gives its context id and the client's acknowledgement."""
        context_id, _, _ = self.quic.next()
        header = m.server_response(context_id, self.id, detections, **changes)
        return context_id, self.answers.send(context_id, header)


def test_the_vehicle_answers_every_frame(sandbox):
    bench = Bench(sandbox)
    for _ in range(3):
        row = bench.delivery("a delivery")
        assert row["service_id"] == bench.id and row["source"] == "vehicle" and row["detections"] == 1
        assert row["remote_request_made"] is False and row["remote_request_successful"] is False
        assert row["timestamp"] > 1.6e9 and row["latency_ms"] >= 0
    assert bench.quic.messages.empty()
    request = bench.camera.requests[-1]
    assert request.ReaderPid() == bench.process.pid and request.WaitMs() <= 1000
    seen = [request.NewerThan() for request in bench.camera.requests]
    assert seen[0] == 0 and seen == sorted(seen) and seen[-1] > 1000

    assert abort(sandbox, "client-kill-{N}-switch", bench.process) == 0
    rows = [json.loads(line) for line in (bench.process.run_dir / "deliveries.jsonl").read_text().splitlines()]
    assert len({row["context_id"] for row in rows}) == len(rows) >= 3
    for row in rows[:3]:
        assert row["source"] == "vehicle" and row["in_time"]
        assert numpy.allclose(row["detections"][0], RED_BOX + [1.0, 0], atol=0.1)


@pytest.mark.parametrize("config, form, size", [
    ("td2-imgcompNone-inpcompNone", m.RAW, MODEL_SIZE), ("td2-imgcomp50-inpcompNone", m.JPEG, FRAME_SIZE),
    ("td2-imgcompPNG-inpcompNone", m.PNG, FRAME_SIZE), ("td2-imgcompNone-inpcomp95", m.JPEG, MODEL_SIZE),
    ("td2-imgcompNone-inpcompPNG", m.PNG, MODEL_SIZE)])
def test_an_image_goes_out_as_the_allocator_chose(sandbox, config, form, size):
    bench = Bench(sandbox)
    bench.choose(config)
    context_id, header, payload = bench.quic.next()
    request = m.decode(m.ModelServerRequest, header)
    assert (request.ContextId(), request.ServiceId(), request.ModelConfig().decode()) == (context_id, bench.id, config)
    assert (request.Form(), request.PayloadBytes()) == (form, len(payload))
    assert [request.Height(), request.Width()] == size
    assert [request.FrameHeight(), request.FrameWidth()] == FRAME_SIZE
    data = numpy.frombuffer(payload, numpy.uint8)
    image = data.reshape(size + [3]) if form == m.RAW else cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert list(image.shape) == size + [3]
    assert abs(image.reshape(-1, 3).mean(0) - bench.camera.colour).max() < 4


def test_with_a_frame_rate_only_frames_whose_turn_it_is_are_sent(sandbox):
    bench = Bench(sandbox)
    chosen = "td2-imgcompNone-inpcomp75-fps4"
    bench.choose(chosen)  # of 20 a second
    for _ in range(3):
        context_id, header, _ = bench.quic.next()
        name = m.decode(m.ModelServerRequest, header).ModelConfig().decode()
        assert name == "td2-imgcompNone-inpcomp75"  # the rate is no matter of the cloud's
        bench.answers.send(context_id, m.server_response(context_id, bench.id))
    bench.delivery("one between", lambda row: row["source"] == "vehicle" and row["latency_ms"] < 900)  # at once
    assert abort(sandbox, "client-kill-{N}-switch", bench.process) == 0
    rows = [json.loads(line) for line in (bench.process.run_dir / "deliveries.jsonl").read_text().splitlines()]
    assert {row["not_offloaded"] for row in rows if row["model_config"] != chosen} == {"vehicle chosen"}
    rows = [row for row in rows if row["model_config"] == chosen]
    sent = [row["capture_unix_s"] for row in rows if row["offloaded"]]
    assert len(sent) >= 3 and len(sent) <= 2 + 4 * (max(sent) - min(sent))
    assert "turn" in {row["not_offloaded"] for row in rows} <= {"turn", "busy", None}


def test_of_a_region_the_cloud_answers_and_the_vehicle_for_the_rest(sandbox):
    bench = Bench(sandbox)
    chosen = "td2-imgcomp90-inpcompNone-roi100x50+0+25"
    bench.choose(chosen)
    height, width = FRAME_SIZE
    _, header, payload = bench.quic.next()
    request = m.decode(m.ModelServerRequest, header)
    assert request.ModelConfig().decode() == chosen
    assert [request.Height(), request.Width()] == [height // 2, width]
    assert [request.FrameHeight(), request.FrameWidth()] == FRAME_SIZE
    assert cv2.imdecode(numpy.frombuffer(payload, numpy.uint8), cv2.IMREAD_COLOR).shape == (height // 2, width, 3)
    inside = [10, height * 0.4, 30, height * 0.6, 0.9, 1]
    outside = [10, height * 0.8, 30, height * 0.9, 0.9, 1]
    context_id, _ = bench.answer_next([inside, outside])  # the vehicle's own box lies above the region
    row = bench.delivery("the merged answer", lambda row: row["context_id"] == context_id, 0)
    assert row["source"] == "remote" and row["detections"] == 2
    assert abort(sandbox, "client-kill-{N}-switch", bench.process) == 0
    rows = [json.loads(line) for line in (bench.process.run_dir / "deliveries.jsonl").read_text().splitlines()]
    delivered = next(row["detections"] for row in rows if row["context_id"] == context_id)
    assert numpy.allclose(delivered, [inside, RED_BOX + [1.0, 0]], atol=0.1)


def test_the_clouds_answer_is_delivered(sandbox):
    bench = Bench(sandbox)
    bench.choose("td2-imgcompNone-inpcomp75")
    context_id, ack = bench.answer_next([[1, 2, 30, 40, 0.9, 1]] * 7)
    assert ack == b"ACK"
    row = bench.delivery("the cloud's answer", lambda row: row["context_id"] == context_id, 0)
    assert row["source"] == "remote" and row["remote_request_made"] and row["remote_request_successful"]
    assert row["detections"] == 7 and row["model_config"] == "td2-imgcompNone-inpcomp75" and not row["late"]

    bench.choose("td1-imgcompNone-inpcompNone")  # back on the vehicle: nothing goes out any more
    bench.quic.forget()
    bench.delivery("a frame of its own", lambda row: not row["remote_request_made"])
    assert bench.quic.messages.empty()


def test_a_late_answer_is_drained_and_the_vehicles_is_delivered(sandbox):
    bench = Bench(sandbox)
    bench.choose("td2-imgcompNone-inpcomp75")
    context_id, _, _ = bench.quic.next()
    row = bench.delivery("the vehicle's answer", lambda row: row["context_id"] == context_id, 0)
    assert row["source"] == "vehicle" and row["remote_request_made"] and not row["remote_request_successful"]
    assert bench.answers.send(context_id, m.server_response(context_id, bench.id, [[1, 2, 3, 4, 0.5, 1]])) == b"ACK"
    bench.delivery("deliveries go on")
    assert len([row for row in bench.plotter.json(1) if row["context_id"] == context_id]) == 1


def test_while_the_cloud_is_out_of_reach_the_vehicle_answers_at_once(sandbox):
    bench = Bench(sandbox)
    bench.choose("td2-imgcompNone-inpcomp75")
    context_id, _ = bench.answer_next()
    assert bench.delivery("the cloud's answer", lambda row: row["context_id"] == context_id, 0)["cloud_out"] is False
    # No answer comes any more; so the vehicle answers at once, not at the deadline of 1000 ms.
    row = bench.delivery("an answer at once", lambda row: row["cloud_out"] and row["latency_ms"] < 900)
    assert row["source"] == "vehicle"
    assert bench.process.log().count("out of reach") == 1
    bench.quic.forget()
    context_id, _ = bench.answer_next()  # frames are still offered, and the first answer ends it
    bench.process.wait_for_log("the cloud answers again")
    context_id, _ = bench.answer_next()
    row = bench.delivery("the cloud's answer", lambda row: row["context_id"] == context_id, 0)
    assert row["source"] == "remote" and row["cloud_out"] is False
    assert bench.process.log().count("out of reach") == 1


def test_out_of_reach_images_that_take_longer_than_the_vehicles_answer_are_offered_too(sandbox):
    """Else a cloud that is asked for such images would never be found again."""
    bench = Bench(sandbox, camera=False)
    bench.camera = Camera(sandbox, image=numpy.random.default_rng(1).integers(0, 256, (540, 540, 3), numpy.uint8))
    bench.choose("td2-imgcompPNG-inpcompNone")
    bench.delivery("an answer at once", lambda row: row["cloud_out"] and row["latency_ms"] < 900)
    bench.quic.forget()
    bench.answer_next()
    bench.process.wait_for_log("the cloud answers again")
    assert "was not sent" not in bench.process.log()


def test_an_images_deadline_travels_with_it(sandbox):
    bench = Bench(sandbox)
    bench.choose("td2-imgcompNone-inpcomp75")
    _, header, _ = bench.quic.next()
    deadline = m.decode(m.ModelServerRequest, header).DeadlineMonotonicNs()
    assert deadline - time.monotonic_ns() < 990e6  # 1000 ms after its capture, and 10 ms for the delivery
    assert time.monotonic_ns() - deadline < 30e9


def test_answers_that_are_none(sandbox):
    bench = Bench(sandbox)
    bench.choose("td2-imgcompNone-inpcomp75")
    n, send = bench.id, bench.answers.send
    assert send(5, m.server_response(6, n)).startswith(b"ERROR: ")  # another context id than in the region
    assert send(5, m.server_response(5, n + 1)).startswith(b"ERROR: ")  # another service's
    assert send(5, m.server_response(5, n, [[9, 0, 1, 1, 0.5, 0]])).startswith(b"ERROR: ")  # a box turned round
    assert send(5, m.server_response(5, n, [[0, 0, 1, 1, float("nan"), 0]])).startswith(b"ERROR: ")
    assert send(5, m.server_response(5, n, [[0, 0, 1, 1, 0.5, 0]] * 2000)).startswith(b"ERROR: ")
    assert send(5, m.server_response(5, n)) == b"ACK"  # well-formed, of no frame that is under way
    context_id, ack = bench.answer_next(status=m.FAILED, error="the model is ill")
    assert ack == b"ACK"
    bench.process.wait_for_log("the model is ill")
    row = bench.delivery("the vehicle steps in", lambda row: row["context_id"] == context_id, 0)
    assert row["source"] == "vehicle" and row["latency_ms"] < 900  # at once, not at the deadline of 1000 ms
    context_id, _ = bench.answer_next()
    assert bench.delivery("the cloud again", lambda row: row["context_id"] == context_id, 0)["source"] == "remote"
    bench.process.wait_for_log("the model server works again")


def test_the_vehicle_steps_in_at_once_when_the_quic_client_refuses(sandbox):
    bench = Bench(sandbox)
    bench.choose("td2-imgcompNone-inpcomp75")
    bench.quic.answer = b"ERROR: no connection"
    bench.process.wait_for_log("refused a frame: ERROR: no connection")
    bench.quic.forget()
    for _ in range(5):
        context_id, _, _ = bench.quic.next()
        row = bench.delivery("the vehicle steps in", lambda row: row["context_id"] == context_id, 0)
        assert row["source"] == "vehicle" and row["remote_request_made"] and row["latency_ms"] < 900
    assert bench.process.log().count("refused a frame") == 1  # not for each of them
    bench.quic.answer = b"ACK"
    bench.process.wait_for_log("the QUIC client takes frames again")


def test_a_compression_beyond_the_deadline_holds_nothing_up_and_is_not_sent(sandbox):
    """A PNG of this noise takes several deadlines."""
    bench = Bench(sandbox, camera=False, SLO_TIMEOUT=30, QUIC_SHM_SIZE=20_000_000)
    noise = numpy.random.default_rng(1).integers(0, 256, (1440, 2560, 3), numpy.uint8)
    bench.camera = Camera(sandbox, image=noise)
    bench.choose("td2-imgcompPNG-inpcompNone")
    bench.process.wait_for_log("was not sent: compressing it took too long")
    for _ in range(3):
        row = bench.delivery("the vehicle's answer", lambda row: row["source"] == "vehicle")
        assert not row["remote_request_made"]
    assert bench.quic.messages.empty()
    assert bench.process.log().count("was not sent") == 1


def test_frames_under_way_are_finished_at_the_end(sandbox):
    bench = Bench(sandbox)
    bench.choose("td2-imgcompNone-inpcomp75")
    context_id, _, _ = bench.quic.next()  # and the cloud never answers
    bench.process.signal(signal.SIGTERM)
    assert bench.process.wait() == 0
    rows = [json.loads(line) for line in (bench.process.run_dir / "deliveries.jsonl").read_text().splitlines()]
    row = next(row for row in rows if row["context_id"] == context_id)
    assert row["source"] == "vehicle" and row["offloaded"] and len(row["detections"]) == 1


def test_peers_that_come_go_and_stay_silent(sandbox):
    bench = Bench(sandbox, camera=False)  # it starts before its camera
    bench.process.wait_for_log("the camera did not answer")
    camera = Camera(sandbox)
    bench.delivery("a frame from the camera")
    camera.close()
    bench.process.wait_for_log("the camera did not answer", 2)
    bench.camera = Camera(sandbox, colour=(0, 255, 0))  # a new one, with a new region; its ids begin anew
    bench.delivery("a frame from the new camera")

    bench.choose("td2-imgcompNone-inpcomp75")
    bench.quic.answer = None  # takes the notice and never answers
    bench.process.wait_for_log("the QUIC client did not answer")
    bench.quic.close()
    row = bench.delivery("the vehicle goes on alone")
    assert row["source"] == "vehicle"
    bench.quic = MessageReceiver(sandbox, sandbox.endpoint("car-server-outgoing-{N}"),
                                 sandbox.region("client-service{N}-incoming-shm"))
    bench.answer_next()  # the cloud was out of reach: the vehicle has answered this one
    context_id, _ = bench.answer_next()
    assert bench.delivery("the cloud again", lambda row: row["context_id"] == context_id, 0)["source"] == "remote"


def test_a_camera_that_lies(sandbox):
    bench = Bench(sandbox)
    for change in ({"offset_bytes": 2**63}, {"offset_bytes": 3 * 49152 - 1000}, {"size_bytes": 5}, {"channels": 4},
                   {"height": 0, "size_bytes": 0}, {"height": 2**32 - 1}, {"status": 77}, {"status": m.FAILED},
                   {"capture_monotonic_ns": -1}, {"capture_monotonic_ns": 2**62}, {"capture_unix_s": float("nan")}):
        bench.camera.change = change
        asked = len(bench.camera.requests)
        bench.camera.replier.wait_for_requests(asked + 2, [bench.process])
    bench.camera.change = {}
    bench.delivery("a frame after all that")
    bench.camera.close()
    valid = m.encode(m.CameraDataResponse, status=m.OK, context_id=10**6, size_bytes=3, height=1, width=1, channels=3)
    garbage = iter(garbage_messages(valid))
    liar = Replier(sandbox, sandbox.endpoint("service{N}-camera-socket"), lambda _: next(garbage, [valid]))
    liar.wait_for_requests(len(garbage_messages(valid)) + 1, [bench.process])
    liar.close()
    bench.camera = Camera(sandbox)
    bench.camera.context_id = 2**62
    bench.delivery("a frame of an honest camera", lambda row: row["context_id"] > 2**62)


def test_garbage_on_every_socket(sandbox):
    bench = Bench(sandbox)
    bench.choose("td2-imgcompNone-inpcomp75")
    bombard(sandbox, sandbox.endpoint("car-server-incoming-{N}"))
    n = str(bench.id)
    for wrong in ([], {}, {"model_config_map": 1}, {"model_config_map": {n: 1}}, {"model_config_map": {n: "td2"}},
                  {"model_config_map": {n: "unknown-imgcompNone-inpcomp75"}}, {"model_config_map": {n: "x" * 9999}}):
        bench.allocator.send(json.dumps(wrong))
    shout(sandbox, sandbox.endpoint("main-client-{N}-bw-subscriber"))
    shout(sandbox, sandbox.endpoint("client-kill-{N}-switch"))
    bench.quic.answer = b"\xff" * 1000
    bench.delivery("deliveries go on")
    bench.quic.answer = b"ACK"
    random = numpy.random.default_rng(3)
    region = m.Region(sandbox.region("client-service{N}-outgoing-shm"))
    asker = Asker(sandbox, sandbox.endpoint("car-server-incoming-{N}"))
    for size in (4, 8, 100, 64 * 1024, len(region.memory)):  # garbage in the region, of every size
        region.memory[:] = random.bytes(len(region.memory))
        assert asker.one("1", str(size)).startswith(b"ERROR: ")
    bench.choose("td2-imgcompNone-inpcomp75")
    bench.quic.forget()
    context_id, ack = bench.answer_next()
    assert ack == b"ACK"
    assert bench.delivery("the cloud again", lambda row: row["context_id"] == context_id, 0)["source"] == "remote"
    assert abort(sandbox, "client-kill-{N}-switch", bench.process) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_clean_on_a_signal(sandbox, number):
    bench = Bench(sandbox)
    bench.delivery("a delivery")
    mine = own(sandbox)
    assert len([name for name in mine if name.endswith(".lock")]) == 3 and len(mine) == 8, mine
    bench.process.signal(number)
    assert bench.process.wait() == 0
    assert not own(sandbox)


def test_one_owner_and_stale_leftovers(sandbox):
    bench = Bench(sandbox)
    bench.delivery("a delivery")
    second = bench.start()
    assert second.wait() == 1
    assert f"is in use by process {bench.process.pid}" in second.log() and second.log().count("\n") == 1
    bench.delivery("the first goes on")
    bench.process.kill()
    assert len(own(sandbox)) == 8
    bench.process = bench.start()
    bench.delivery("the second takes over")
    assert bench.process.stop() == 0
    assert not own(sandbox)


def test_the_frame_under_its_eyes_may_go(sandbox):
    """The camera's region is removed, and shrunk to nothing by whoever between two frames: the client lives."""
    bench = Bench(sandbox)
    bench.delivery("a delivery")
    bench.camera.close()
    bench.camera.region.close()
    bench.camera = Camera(sandbox)
    bench.camera.context_id = 10_000
    bench.delivery("a frame from the new region", lambda row: row["context_id"] > 10_000)

    camera, replier = bench.camera, bench.camera.replier
    replier.answer = lambda _: [m.encode(m.CameraDataResponse, status=m.NOT_YET)]
    replier.wait_for_requests(len(replier.requests) + 2, [bench.process])
    last = camera.context_id
    row = bench.delivery("the last frame", lambda row: row["context_id"] == last, 0)
    assert row["source"] == "vehicle"  # nobody looks at the region now
    os.truncate(camera.region.path, 0)
    replier.answer = lambda _: [m.encode(
        m.CameraDataResponse, status=m.OK, context_id=last + 1, camera_id=camera.id, size_bytes=camera.image.nbytes,
        height=camera.height, width=camera.width, channels=3)]
    bench.process.wait_for_log("gave a frame that does not lie in region")
    camera.close()
    camera.region.close()
    bench.camera = Camera(sandbox)
    bench.camera.context_id = 20_000
    bench.delivery("a frame from the third region", lambda row: row["context_id"] > 20_000)
