#!/usr/bin/python3
"""A camera of one's own in place of turbo-camera-stream: a picture, a video, an address or a webcam. See README.md.

Usage: python_camera.py ZMQ_DIR CAMERA_ID SOURCE    (SOURCE: a file, rtsp://..., or N of /dev/videoN)
"""
import contextlib
import fcntl
import mmap
import os
import signal
import sys
import time

import cv2
import flatbuffers
import numpy
import zmq
from turbo.msg import CameraDataRequest as Request, CameraDataResponse as Response, Status

zmq_dir, camera_id, source = sys.argv[1], int(sys.argv[2]), sys.argv[3]
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
picture = cv2.imread(source)
video = None if picture is not None else cv2.VideoCapture(int(source) if source.isdigit() else source)


def next_image():
    """Blue, green, red; rows without gaps. None at the end of a file, or when the camera is gone."""
    if video is None:
        time.sleep(0.2)  # five frames a second
        return picture
    return numpy.ascontiguousarray(image) if (image := video.read()[1]) is not None else None


def make_region(size):
    with contextlib.suppress(FileNotFoundError):
        fcntl.flock(os.open(path, os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails when its owner lives
        os.unlink(path)  # a dead owner's: a new object, so that whoever reads the old one keeps what it sees
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held while we live: a second owner is refused
    os.ftruncate(fd, size)
    return mmap.mmap(fd, size)


SLOTS, path = 3, f"/dev/shm/service{camera_id}-camera-shmem"
if (image := next_image()) is None:
    sys.exit(f"{source} gives no frame")
region = make_region(SLOTS * image.nbytes)
os.makedirs(zmq_dir, exist_ok=True)
socket = zmq.Context.instance().socket(zmq.REP)
socket.linger = 0
socket.bind(f"ipc://{zmq_dir}/service{camera_id}-camera-socket")
slot = context_id = 0

try:
    while True:
        request = Request.CameraDataRequest.GetRootAs(socket.recv(), 4)  # after its size prefix
        # With one reader, who holds one frame until it asks again, the slots may be filled in turn.
        image = None if request.ReleaseOnly() else next_image()
        builder = flatbuffers.Builder()
        why = builder.CreateString("" if image is not None else f"{source} gives no frame")
        Response.Start(builder)
        Response.AddCameraId(builder, camera_id)
        if image is None:
            Response.AddStatus(builder, Status.Status.NotYet)
            Response.AddError(builder, why)
        else:
            slot, now_ns = (slot + 1) % SLOTS, time.monotonic_ns()
            context_id = max(context_id + 1, now_ns // 1000)  # rises also over a restart
            region[slot * image.nbytes:(slot + 1) * image.nbytes] = image.tobytes()
            Response.AddContextId(builder, context_id)
            Response.AddSlot(builder, slot)
            Response.AddOffsetBytes(builder, slot * image.nbytes)
            Response.AddSizeBytes(builder, image.nbytes)
            Response.AddHeight(builder, image.shape[0])
            Response.AddWidth(builder, image.shape[1])
            Response.AddChannels(builder, 3)
            Response.AddCaptureMonotonicNs(builder, now_ns)
            Response.AddCaptureUnixS(builder, time.time())
        builder.FinishSizePrefixed(Response.End(builder))
        socket.send(bytes(builder.Output()))
finally:
    os.unlink(path)
