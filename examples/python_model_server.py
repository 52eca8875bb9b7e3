#!/usr/bin/python3
"""A model server of one's own: OpenCV's people detector in place of turbo-model-server. See README.md.

Usage: python_model_server.py ZMQ_DIR SERVICE_ID
"""
import fcntl
import mmap
import os
import re
import sys

import cv2
import flatbuffers
import numpy
import zmq
from turbo.msg import Detection, ImageForm, ModelServerRequest as Request, ModelServerResponse as Response

zmq_dir, service_id = sys.argv[1], int(sys.argv[2])


def make_region(name, size=50_000_000):
    path = f"/dev/shm/{name}"
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held while we live: a second owner is refused
    found = os.fstat(fd)
    if found.st_nlink == 0 or found.st_size > 0:  # a dead owner's: whoever reads it keeps it, we make another
        if found.st_nlink > 0:
            os.unlink(path)
        os.close(fd)
        return make_region(name, size)
    os.ftruncate(fd, size)
    return mmap.mmap(fd, size)


requests = make_region(f"server-service{service_id}-outgoing-shm")
answers = make_region(f"server-service{service_id}-incoming-shm")
incoming, outgoing = zmq.Context.instance().socket(zmq.REP), zmq.Context.instance().socket(zmq.REQ)
incoming.bind(f"ipc://{zmq_dir}/remote-server-outgoing-{service_id}")
for option, value in ((zmq.REQ_RELAXED, 1), (zmq.REQ_CORRELATE, 1), (zmq.RCVTIMEO, 1000)):
    outgoing.setsockopt(option, value)  # an acknowledgement that does not come in its time is given up
outgoing.connect(f"ipc://{zmq_dir}/remote-server-incoming-{service_id}")
people = cv2.HOGDescriptor()
people.setSVMDetector(cv2.HOGDescriptor_getDefaultPeopleDetector())

while True:
    context_id, size = map(int, incoming.recv_multipart())
    message = requests[:size]  # a copy: after ACK the region is the QUIC server's again
    incoming.send(b"ACK")
    request = Request.ModelServerRequest.GetRootAs(message, 4)  # after its size prefix
    image = numpy.frombuffer(message, numpy.uint8)[-request.PayloadBytes():]
    if request.Form() == ImageForm.ImageForm.RawBgr:
        image = image.reshape(request.Height(), request.Width(), 3)
    else:
        image = cv2.imdecode(image, cv2.IMREAD_COLOR)
    boxes, scores = people.detectMultiScale(image, winStride=(8, 8))
    region = re.search(rb"-roi(\d+)x(\d+)\+(\d+)\+(\d+)$", request.ModelConfig())  # a part of the frame, in per cent
    part_width, part_height, left, top = [int(n) / 100 for n in region.groups()] if region else (1, 1, 0, 0)
    x_scale, y_scale = (request.FrameWidth() * part_width / image.shape[1],
                        request.FrameHeight() * part_height / image.shape[0])
    x_begin, y_begin = request.FrameWidth() * left, request.FrameHeight() * top

    builder = flatbuffers.Builder()
    config = builder.CreateString(request.ModelConfig())
    Response.StartDetectionsVector(builder, len(boxes))
    for (x, y, width, height), score in zip(boxes, numpy.ravel(scores)):
        Detection.CreateDetection(builder, x_begin + x * x_scale, y_begin + y * y_scale, x_begin + (x + width) * x_scale,
                                  y_begin + (y + height) * y_scale, min(1.0, float(score)), 1)  # 1: pedestrian
    detections = builder.EndVector()
    Response.Start(builder)
    Response.AddContextId(builder, context_id)
    Response.AddServiceId(builder, service_id)
    Response.AddModelConfig(builder, config)
    Response.AddDetections(builder, detections)
    builder.FinishSizePrefixed(Response.End(builder))
    answer = bytes(builder.Output())
    answers[0:4] = bytes(4)  # no message, until its size prefix is there: that comes last
    answers[4:len(answer)] = answer[4:]
    answers[0:4] = answer[:4]
    outgoing.send_multipart([b"%d" % context_id, b"%d" % len(answer)])
    try:
        outgoing.recv()
    except zmq.Again:
        pass
