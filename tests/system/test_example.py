"""The programs of examples/, each in the place of the process that it stands in for, with the real ones around it."""
import json
import os
import subprocess

import cv2
import numpy
import pytest

from doubles import Camera, Collector, Publisher
from processes import PROCESSES, Setup
from sandbox import ROOT, wait_for

pytestmark = pytest.mark.programs("server-main", *PROCESSES)


def drawn_person(height, width):
    """A figure that OpenCV's people detector takes for a person."""
    image = numpy.full((height, width, 3), 180, numpy.uint8)
    x, top, unit = width // 2, (height - 250) // 2, 250 / 8
    cv2.circle(image, (x, int(top + unit * 0.6)), int(unit * 0.55), (100, 100, 100), -1)
    cv2.ellipse(image, (x, int(top + unit * 2.6)), (int(unit), int(unit * 1.6)), 0, 0, 360, (40, 40, 40), -1)
    for side in (-1, 1):
        arm = [(int(x + side * unit * 0.9), int(top + unit * 1.6)), (int(x + side * unit * 1.25), int(top + unit * 4))]
        leg = [(int(x + side * unit * 0.4), int(top + unit * 3.8)), (int(x + side * unit * 0.6), int(top + unit * 7.8))]
        cv2.line(image, *arm, (40, 40, 40), int(unit * 0.5))
        cv2.line(image, *leg, (20, 20, 20), int(unit * 0.7))
    return cv2.GaussianBlur(image, (5, 5), 0)


@pytest.mark.parametrize("compression", ["imgcomp90-inpcompNone", "imgcompNone-inpcompNone",
                                         "imgcomp90-inpcompNone-roi80x90+10+5"])
def test_its_answers_are_delivered(sandbox, compression):
    height, width = size = [384, 512]
    image = drawn_person(height, width)
    camera = Camera(sandbox, image=image)
    plotter = Collector(sandbox, sandbox.endpoint("car-client-diagnostics"))
    subprocess.run(["flatc", "--python", "-o", sandbox.folder, ROOT / "schema/messages.fbs"], check=True)
    setup = Setup(sandbox, client={"SLO_TIMEOUT": 10_000, "QUIC_SHM_SIZE": 5_000_000,
                                   "model_image_size_map": {"td1": [32, 64], "td2": size}},
                  quic={"slo_timeout_ms": 10_000, "request_slo_ms": 10_000, "init_allocation": 10_000_000})
    cloud = setup.start("server-main", "--external", f"model-server-{sandbox.service()}")
    example = sandbox.start_command("example", ["env", f"PYTHONPATH={sandbox.folder}", "/usr/bin/python3",
                                                ROOT / "examples/python_model_server.py", sandbox.zmq_dir,
                                                str(sandbox.service())])
    setup.start("quic-client")
    client = setup.start("client")
    choice = json.dumps({"allocation_map": {}, "model_config_map": {str(sandbox.service()): f"td2-{compression}"}})
    remote = lambda: [row for row in plotter.json(1) if row["remote_request_successful"] and row["detections"] >= 1]
    Publisher(sandbox, sandbox.endpoint("main-client-{N}-bw-subscriber")).tell(
        choice, remote, "an answer of the example is delivered", [cloud, example, client])
    assert setup.stop("client", client) == 0
    rows = [json.loads(line) for line in (client.run_dir / "deliveries.jsonl").read_text().splitlines()]
    row = next(row for row in rows if row["source"] == "remote" and row["detections"])
    x_min, y_min, x_max, y_max, score, label = row["detections"][0]
    assert label == 1 and score > 0.5
    assert x_min < width / 2 < x_max and y_min < height / 2 < y_max  # in pixels of the frame
    assert cloud.stop() == 0
    assert not os.path.exists(sandbox.endpoint("remote-server-incoming-{N}").removeprefix("ipc://"))
    camera.close()


def test_a_second_owner_is_refused(sandbox):
    """By the example's lock on its regions, as between any two of the processes."""
    subprocess.run(["flatc", "--python", "-o", sandbox.folder, ROOT / "schema/messages.fbs"], check=True)
    command = ["env", f"PYTHONPATH={sandbox.folder}", "/usr/bin/python3", ROOT / "examples/python_model_server.py",
               sandbox.zmq_dir, str(sandbox.service())]
    region = sandbox.region("server-service{N}-incoming-shm")
    dead = sandbox.start_command("example-dead", command)
    wait_for(lambda: os.path.exists(region) and os.stat(region).st_size > 0, "its last region", watch=[dead])
    dead.kill()
    with open(region, "rb") as left:
        example = sandbox.start_command("example", command)
        wait_for(lambda: os.path.exists(region) and os.stat(region).st_ino != os.fstat(left.fileno()).st_ino,
                 "a new object in place of the dead one's", watch=[example])
        assert os.fstat(left.fileno()).st_size > 0  # whoever reads that one keeps it
    wait_for(lambda: os.path.exists(sandbox.endpoint("remote-server-outgoing-{N}").removeprefix("ipc://")),
             "it is there", watch=[example])
    setup = Setup(sandbox)
    ours = setup.start("model-server", ready=False)
    assert ours.wait() == 1 and f"in use by process {example.pid}" in ours.log()
    example.kill()
    ours = setup.start("model-server")  # takes over what the example left
    assert setup.stop("model-server", ours) == 0 and sandbox.leftovers() == []


def test_the_camera(sandbox):
    subprocess.run(["flatc", "--python", "-o", sandbox.folder, ROOT / "schema/messages.fbs"], check=True)
    plotter = Collector(sandbox, sandbox.endpoint("car-client-diagnostics"))
    setup = Setup(sandbox, client={"SLO_TIMEOUT": 10_000})
    client = setup.start("client")  # before its camera
    command = ["env", f"PYTHONPATH={sandbox.folder}", "/usr/bin/python3", ROOT / "examples/python_camera.py",
               sandbox.zmq_dir, str(sandbox.service()), str(sandbox.picture((255, 0, 0)))]
    newest = 0
    for end in ("kill", "stop"):
        camera = sandbox.start_command(f"camera-{end}", command)
        rows = lambda: [row for row in plotter.json(1) if row["detections"] == 1 and row["context_id"] > newest]
        wait_for(lambda: len(rows()) >= 3, "frames of the example are looked at", watch=[client, camera])
        ours = setup.start("camera-stream", ready=False)
        assert ours.wait() == 1 and f"in use by process {camera.pid}" in ours.log()
        newest = max(row["context_id"] for row in plotter.json(1))
        if end == "kill":
            camera.kill()  # the next one takes over what it left
        else:
            assert camera.stop() == 0
    assert not os.path.exists(sandbox.region("service{N}-camera-shmem"))
    assert setup.stop("client", client) == 0
    rows = [json.loads(line) for line in (client.run_dir / "deliveries.jsonl").read_text().splitlines()]
    assert any(row["detections"] and row["detections"][0][5] == 2 for row in rows)  # a blue picture
