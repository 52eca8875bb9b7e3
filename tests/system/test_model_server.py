"""turbo-model-server alone: the QUIC server and server_main are doubles."""
import json

import numpy
import pytest

import messages as m
from doubles import Asker, MessageReceiver, MessageSender
from garbage import bombard, broken_copies, shout
from processes import Setup
from sandbox import FRAME_SIZE, MODEL, MODEL_SIZE

pytestmark = pytest.mark.programs("model-server")
BLUE = (255, 0, 0)


def picture(size, colour):
    return numpy.full(size + [3], colour, numpy.uint8)


class Bench:
    def __init__(self, sandbox, *arguments, **changes):
        self.setup = Setup(sandbox, server=changes)
        self.id, self.region_path = sandbox.service(), sandbox.region("server-service{N}-outgoing-shm")
        self.answers = MessageReceiver(sandbox, sandbox.endpoint("remote-server-incoming-{N}"),
                                       sandbox.region("server-service{N}-incoming-shm"))
        self.requests = MessageSender(sandbox, sandbox.endpoint("remote-server-outgoing-{N}"), self.region_path)
        self.process = self.setup.start("model-server", *arguments)

    def ask(self, context_id, image=None, **changes):
        image = picture(FRAME_SIZE, BLUE) if image is None else image
        header, payload = m.server_request(context_id, self.id, image, FRAME_SIZE, **changes)
        return self.requests.send(context_id, header, payload)

    def answer(self):
        context_id, header, payload = self.answers.messages.get(timeout=30)
        response = m.decode(m.ModelServerResponse, header)
        assert response.ContextId() == context_id and response.ServiceId() == self.id and payload == b""
        return response

    def works(self, context_id):
        assert self.ask(context_id) == b"ACK"
        while (message := self.answers.messages.get(timeout=30))[0] != context_id:
            pass
        response = m.decode(m.ModelServerResponse, message[1])
        assert response.Status() == m.OK and response.DetectionsLength() == 1

    def stop(self):
        assert self.setup.stop("model-server", self.process) == 0


@pytest.mark.parametrize("config, form, size", [
    ("td2-imgcompNone-inpcompNone", m.RAW, MODEL_SIZE), ("td2-imgcompNone-inpcompNone", m.RAW, FRAME_SIZE),
    ("td2-imgcomp50-inpcompNone", m.JPEG, FRAME_SIZE), ("td2-imgcompPNG-inpcompNone", m.PNG, FRAME_SIZE),
    ("td2-imgcompNone-inpcomp95", m.JPEG, MODEL_SIZE), ("td2-imgcompNone-inpcompPNG", m.PNG, MODEL_SIZE)])
def test_every_form_of_an_image(sandbox, config, form, size):
    bench = Bench(sandbox)
    for context_id, colour, label in ((2**63 + 5, (0, 0, 255), 0), (7, (0, 255, 0), 1), (9, BLUE, 2)):
        assert bench.ask(context_id, picture(size, colour), model_config=config, form=form) == b"ACK"
        response = bench.answer()
        assert (response.ContextId(), response.Status(), response.ModelConfig().decode()) == (context_id, m.OK, config)
        rows = m.rows_of(response)
        assert len(rows) == 1 and rows[0][5] == label and rows[0][4] > 0.95
        if label == 0:  # in pixels of the camera's frame
            assert numpy.allclose(rows[0][:4], [4 * 160 / 64, 6, 50, 30], atol=0.01)
        assert response.InferenceS() > 0 and response.PreprocessingS() > 0
        assert response.OverallS() >= response.InferenceS() + response.PreprocessingS()
    bench.stop()


def test_what_cannot_be_answered_says_why(sandbox):
    bench = Bench(sandbox)
    for context_id, changes in enumerate((
            {"model_config": "td9-imgcompNone-inpcomp95"}, {"model_config": "td2"},
            {"model_config": "td2-imgcomp95-inpcompNone-roi50x50+0+0"}, {"model_config": "../../passwd"},
            {"payload": b"no image"}, {"payload": b""}, {"height": 16384, "width": 16384},
            {"form": m.PNG, "payload": b"\x89PNG\r\n\x1a\n"}), 100):
        assert bench.ask(context_id, **changes) == b"ACK"
        response = bench.answer()
        assert response.Status() == m.FAILED and response.Error() and response.DetectionsLength() == 0
    bench.works(200)
    bench.stop()


def test_requests_that_are_refused(sandbox):
    bench = Bench(sandbox)
    header, payload = m.server_request(5, bench.id, picture(FRAME_SIZE, BLUE), FRAME_SIZE)
    assert bench.requests.send(6, header, payload).startswith(b"ERROR: ")  # another context id
    for changes in ({"payload_bytes": 1}, {"payload_bytes": 2**63}, {"height": 0}, {"width": 2**32 - 1},
                    {"form": 9, "payload": b"x"}, {"frame_height": 0}, {"form": m.RAW, "payload": b"x" * 99},
                    {"model_config": "x" * 5000}):
        assert bench.ask(5, **changes).startswith(b"ERROR: "), changes
    asker = Asker(sandbox, sandbox.endpoint("remote-server-outgoing-{N}"))
    for size in (0, 3, 4, 8, 10**6, 10**6 + 1, 2**31, 2**63, 2**64 - 1):
        assert asker.one("5", str(size)).startswith(b"ERROR: "), size
    random = numpy.random.default_rng(1)
    region = m.Region(bench.region_path)
    for broken in broken_copies(header, random, 60):  # none of these may kill it; some are still right
        region.memory[:4] = bytes(4)
        region.memory[4:len(broken)] = broken[4:]
        region.memory[:4] = broken[:4].ljust(4, b"\0")
        assert asker.one("5", str(m.payload_offset(len(header)) + len(payload)))
    for _ in range(5):
        region.memory[:] = random.bytes(len(region.memory))
        assert asker.one("5", "500000").startswith(b"ERROR: ")
    bench.works(200)
    bench.stop()


def test_garbage_on_every_socket(sandbox):
    bench = Bench(sandbox)
    bombard(sandbox, sandbox.endpoint("remote-server-outgoing-{N}"))
    shout(sandbox, sandbox.endpoint("remote-server-kill-switch-{N}"))
    for answer in (b"", b"\xff" * 100_000, b"ERROR: no"):  # to its answers
        bench.answers.answer = answer
        assert bench.ask(300) == b"ACK"
        bench.answer()
    bench.answers.answer = b"ACK"
    bench.works(301)
    bench.stop()


def test_a_quic_server_that_stays_silent_and_one_that_comes_back(sandbox):
    bench = Bench(sandbox)
    bench.answers.answer = None
    assert bench.ask(1) == b"ACK"
    bench.process.wait_for_log("has not acknowledged")
    bench.answers.close()
    assert bench.ask(2) == b"ACK"
    bench.answers = MessageReceiver(sandbox, sandbox.endpoint("remote-server-incoming-{N}"),
                                    sandbox.region("server-service{N}-incoming-shm"))
    bench.works(3)
    bench.stop()


def test_the_freshest_request_is_answered(sandbox):
    """A model that takes half a second (recorded, so that nothing computes) sees the newest of those that came."""
    answers = sandbox.write("answers.jsonl", "\n".join(json.dumps(
        {"context_id": n, "detections": [[n, 1, n + 5, 9, 0.5, 3]]}) for n in range(1, 30)) + "\n")
    latency = sandbox.write("latency.csv", "Model,Runtime [ms]\ntd2-imgcompNone-inpcomp95,500\n")
    entry = {"service_id": sandbox.service(), "mock_inference_output_path": answers,
             "mock_model_latency_csv_path": latency}
    bench = Bench(sandbox, "--mock-inference", server_config_list=[entry])
    for context_id in range(1, 21):
        assert bench.ask(context_id) == b"ACK"
    seen = [bench.answer()]
    while seen[-1].ContextId() != 20:
        seen.append(bench.answer())
    assert len(seen) < 20
    assert m.rows_of(seen[-1]) == [[20, 1, 25, 9, 0.5, 3]]
    bench.stop()


@pytest.mark.parametrize("change, says", [
    ({"device": "cuda:7"}, "cuda"), ({"checkpoint_path": "nowhere.onnx"}, "nowhere.onnx"),
    ({"checkpoint_path": __file__}, "test_model_server"), ({"image_size": [64, 64]}, "64 x 64")])
def test_does_not_start_without_its_model_or_its_device(sandbox, change, says):
    model = {"base_model": "td2", "checkpoint_path": str(MODEL), "image_size": MODEL_SIZE} | change
    device = model.pop("device", "cpu")
    setup = Setup(sandbox, server={"server_model_list": [model], "server_config_list": [
        {"service_id": sandbox.service(), "device": device}]})
    process = setup.start("model-server", ready=False)
    assert process.wait() == 1
    lines = [line for line in process.log().splitlines() if "turbo-model-server" in line]
    assert len(lines) == 1 and says in lines[0], process.log()
    assert sandbox.leftovers() == []
