"""turbo-camera-stream alone: clients and client_main are doubles."""
import json
import subprocess

import cv2
import numpy
import pytest

import messages as m
from doubles import Asker
from garbage import bombard, raw_bytes_into, shout
from processes import Setup
from sandbox import FRAME_SIZE, wait_for

pytestmark = pytest.mark.programs("camera-stream")


def video(sandbox):
    """Thirty frames, each of another colour."""
    path = sandbox.folder / "drive.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10, tuple(reversed(FRAME_SIZE)))
    assert writer.isOpened()
    for i in range(30):
        writer.write(numpy.full(FRAME_SIZE + [3], (8 * i, 255 - 8 * i, 60 + 100 * (i % 2)), numpy.uint8))
    writer.release()
    return str(path)


class Bench:
    def __init__(self, sandbox, *arguments, **entry):
        camera = {"camera_id": sandbox.service(), "frames_per_second": 20, "camera_np_size": FRAME_SIZE + [3],
                  "shmem_buf_size": 1_000_000} | entry
        self.sandbox, self.setup = sandbox, Setup(sandbox, client={"camera_stream_config_list": [camera]})
        self.process = self.setup.start("camera-stream", *arguments)
        self.asker = Asker(sandbox, sandbox.endpoint("service{N}-camera-socket"))
        self.region = m.Region(sandbox.region("service{N}-camera-shmem"))

    def ask(self, **request):
        return m.decode(m.CameraDataResponse, self.asker.one(m.camera_request(**request)))

    def frame(self, **request):
        """The answer with a frame; asks again until there is one."""
        request.setdefault("wait_ms", 1000)
        return wait_for(lambda: (answer := self.ask(**request)).Status() == m.OK and answer, "a frame",
                        watch=[self.process])

    def image(self, answer):
        assert answer.Channels() == 3 and answer.SizeBytes() == answer.Height() * answer.Width() * 3
        return self.region.image(answer.OffsetBytes(), answer.Height(), answer.Width())

    def stop(self):
        assert self.setup.stop("camera-stream", self.process) == 0
        assert self.sandbox.leftovers() == []


def test_a_still_image(sandbox):
    bench = Bench(sandbox, source="image", mock_camera_image_path=str(sandbox.picture((10, 200, 30))))
    newest = 0
    for _ in range(5):
        answer = bench.frame(newer_than=newest)
        assert answer.ContextId() > newest and answer.CameraId() == sandbox.service()
        assert [answer.Height(), answer.Width()] == FRAME_SIZE and answer.ImagePath().endswith(b"picture-10-200-30.png")
        assert (bench.image(answer) == (10, 200, 30)).all()
        assert answer.CaptureUnixS() > 1.6e9 and answer.CaptureMonotonicNs() > 0
        newest = answer.ContextId()
    first = newest
    bench.process.kill()
    bench.process = bench.setup.start("camera-stream")
    bench.asker = Asker(sandbox, sandbox.endpoint("service{N}-camera-socket"))
    assert bench.frame().ContextId() > first  # ids rise also over a restart
    bench.stop()


def test_no_frame_that_is_held_ever_changes(sandbox):
    """Readers hold frames while the camera goes on; each keeps its own until its next request."""
    bench = Bench(sandbox, source="video", video_path=video(sandbox))
    held = {}
    newest = 0
    other = subprocess.Popen(["cat"], stdin=subprocess.PIPE)  # one process gets two leases
    for reader in (1, 2, 3):
        answer = bench.frame(reader_id=reader, newer_than=newest, pid=other.pid if reader < 3 else None)
        newest = answer.ContextId()
        held[reader] = (bench.image(answer), bench.image(answer).copy(), answer.Slot())
    assert len({slot for _, _, slot in held.values()}) == 3
    colours = set()
    for _ in range(25):
        answer = bench.frame(reader_id=4, newer_than=newest)
        newest = answer.ContextId()
        colours.add(tuple(bench.image(answer)[0, 0]))
        for now, then, _ in held.values():
            assert (now == then).all()
    assert len(colours) > 5
    other.kill()
    other.wait()
    bench.stop()


def test_leases_end(sandbox):
    bench = Bench(sandbox, source="video", video_path=video(sandbox))
    readers = 0
    newest = 0
    while (answer := bench.ask(reader_id=readers + 1, newer_than=newest, wait_ms=1000)).Status() != m.REFUSED:
        if answer.Status() == m.OK:  # else there was no new frame in time
            newest = answer.ContextId()
            readers += 1
        assert readers < 100
    assert readers >= 1 and answer.Error()
    assert bench.ask(reader_id=1, release_only=True).Status() == m.NOT_YET
    assert bench.frame(reader_id=50).Status() == m.OK  # the slot that was given back

    for reader in (*range(1, readers + 1), 50):
        bench.ask(reader_id=reader, release_only=True)
    others = [subprocess.Popen(["cat"], stdin=subprocess.PIPE)]  # processes that read, and die
    while (answer := bench.ask(newer_than=newest, wait_ms=1000, pid=others[-1].pid)).Status() != m.REFUSED:
        if answer.Status() == m.OK:
            newest = answer.ContextId()
            others.append(subprocess.Popen(["cat"], stdin=subprocess.PIPE))
        assert len(others) < 40
    for other in others:
        other.kill()
        other.wait()
    bench.frame(reader_id=99)
    bench.stop()


def test_waiting_for_a_newer_frame(sandbox):
    bench = Bench(sandbox, source="image", mock_camera_image_path=str(sandbox.picture()))
    newest = bench.frame().ContextId()
    assert bench.ask(newer_than=2**63).Status() == m.NOT_YET
    assert bench.ask(newer_than=2**63, wait_ms=50).Status() == m.NOT_YET
    assert bench.frame(newer_than=newest).ContextId() > newest
    bench.stop()


def test_a_source_that_is_not_there_yet(sandbox):
    path = sandbox.folder / "later.png"
    bench = Bench(sandbox, source="image", mock_camera_image_path=str(path))
    answer = bench.ask(wait_ms=100)
    assert answer.Status() != m.OK and b"later.png" in answer.Error()
    path.write_bytes(b"no image either")
    assert bench.ask(wait_ms=100).Status() != m.OK
    path.write_bytes(sandbox.picture().read_bytes())
    bench.frame()
    bench.stop()


@pytest.mark.parametrize("entry", [{"source": "v4l2", "usb_id": 250}, {"source": "video", "video_path": "/nowhere.mp4"},
                                   {"source": "video", "video_path": "rtsp://127.0.0.1:1/none"}])
def test_a_device_that_is_absent(sandbox, entry):
    bench = Bench(sandbox, **entry)
    answer = wait_for(lambda: (answer := bench.ask(wait_ms=100)).Error() and answer, "the trouble is told")
    assert answer.Status() != m.OK
    bench.stop()


def test_mock_camera(sandbox):
    image = str(sandbox.picture((1, 2, 3)))
    bench = Bench(sandbox, "--mock-camera", source="v4l2", usb_id=250, mock_camera_image_path=image)
    assert (bench.image(bench.frame()) == (1, 2, 3)).all()
    bench.stop()


def test_the_scene(sandbox):
    """At its full size; what is in each frame is written down before it is shown."""
    bench = Bench(sandbox, source="scene", scene_seed=3, frames_per_second=4, camera_np_size=[1080, 1920, 3],
                  shmem_buf_size=50_000_000)
    images, newest = {}, 0
    for _ in range(3):
        answer = bench.frame(newer_than=newest)
        newest = answer.ContextId()
        image = bench.image(answer)
        assert image.shape == (1080, 1920, 3) and image.std() > 10
        images[newest] = image[::8, ::8].copy()
    rows = {row["context_id"]: row for row in map(json.loads, (bench.process.run_dir / "truth.jsonl").open())}
    assert set(images) <= set(rows)
    for row in rows.values():
        assert row["camera_id"] == sandbox.service()
        for x_min, y_min, x_max, y_max, label in row["boxes"]:
            assert 0 <= x_min < x_max <= 1920 and 0 <= y_min < y_max <= 1080 and label in range(5)
    first, *_, last = images.values()
    assert (first != last).any()
    bench.stop()


def test_garbage(sandbox):
    bench = Bench(sandbox, source="image", mock_camera_image_path=str(sandbox.picture()))
    bench.frame()
    endpoint = sandbox.endpoint("service{N}-camera-socket")
    bombard(sandbox, endpoint, m.camera_request(newer_than=5, wait_ms=1))
    for wrong in (dict(pid=-1), dict(wait_ms=1001), dict(wait_ms=2**32 - 1)):
        assert bench.asker.one(m.camera_request(**wrong)).startswith(b"ERROR: ")
    shout(sandbox, sandbox.endpoint("camera-kill-{N}-switch"), b"ABORT")
    raw_bytes_into(endpoint, seed=5)
    bench.asker = Asker(sandbox, endpoint)
    assert (bench.image(bench.frame()) == (255, 0, 0)).all()
    bench.stop()
