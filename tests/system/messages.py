"""The IPC reference's regions and their FlatBuffers in Python, from schema/messages.fbs alone. conftest.py generates turbo.msg."""
import contextlib
import mmap
import os
import struct

import flatbuffers
import numpy
from turbo.msg import (CameraDataRequest, CameraDataResponse, Detection, ImageForm, ModelServerRequest,  # noqa: F401
                       ModelServerResponse, Status)

OK, NOT_YET, REFUSED, FAILED = Status.Status.Ok, Status.Status.NotYet, Status.Status.Refused, Status.Status.Failed
RAW, JPEG, PNG = ImageForm.ImageForm.RawBgr, ImageForm.ImageForm.Jpeg, ImageForm.ImageForm.Png


def _camel(name):
    return "".join(word.capitalize() for word in name.split("_"))


def encode(module, **fields):
    """A size-prefixed table. module: CameraDataRequest, say; fields by their names in the schema."""
    kind = module.__name__.rsplit(".", 1)[1]
    builder = flatbuffers.Builder(1024)
    detections = fields.get("detections")
    if detections is not None:
        module_start = getattr(module, f"{kind}StartDetectionsVector")
        module_start(builder, len(detections))
        for row in reversed(detections):
            Detection.CreateDetection(builder, *map(float, row[:5]), int(row[5]))
        fields["detections"] = builder.EndVector()
    fields = {name: builder.CreateString(value) if isinstance(value, str) else value for name, value in fields.items()}
    getattr(module, f"{kind}Start")(builder)
    for name, value in fields.items():
        getattr(module, f"{kind}Add{_camel(name)}")(builder, value)
    builder.FinishSizePrefixed(getattr(module, f"{kind}End")(builder))
    return bytes(builder.Output())


def decode(module, data):
    """The table at the head of data, which begins with its size prefix."""
    kind = module.__name__.rsplit(".", 1)[1]
    return getattr(module, kind).GetRootAs(bytearray(data), 4)


def rows_of(response):
    """Detections as lists x_min, y_min, x_max, y_max, score, label."""
    rows = [response.Detections(i) for i in range(response.DetectionsLength())]
    return [[d.XMin(), d.YMin(), d.XMax(), d.YMax(), d.Score(), d.Label()] for d in rows]


def camera_request(newer_than=0, wait_ms=0, reader_id=1, release_only=False, pid=None):
    return encode(CameraDataRequest, reader_pid=pid or os.getpid(), reader_id=reader_id, newer_than=newer_than,
                  wait_ms=wait_ms, release_only=release_only)


def server_request(context_id, service_id, image, frame_size, model_config="td2-imgcompNone-inpcomp95", form=JPEG,
                   payload=None, **changes):
    """[header, payload] for an image as numpy array."""
    import cv2
    if payload is None:
        payload = {RAW: lambda: image.tobytes(), JPEG: lambda: cv2.imencode(".jpg", image)[1].tobytes(),
                   PNG: lambda: cv2.imencode(".png", image)[1].tobytes()}[form]()
    fields = dict(context_id=context_id, service_id=service_id, model_config=model_config, form=form,
                  height=image.shape[0], width=image.shape[1], frame_height=frame_size[0], frame_width=frame_size[1],
                  payload_bytes=len(payload))
    return encode(ModelServerRequest, **(fields | changes)), payload


def server_response(context_id, service_id, detections=(), **changes):
    fields = dict(context_id=context_id, service_id=service_id, model_config="td2-imgcompNone-inpcomp75", status=OK,
                  detections=list(detections), inference_s=0.01, overall_s=0.02)
    return encode(ModelServerResponse, **(fields | changes))


def payload_offset(header_bytes):
    return (header_bytes + 63) // 64 * 64


class Region:
    """A POSIX shared-memory region, mapped. Attaches to path, or makes it when given a size."""

    def __init__(self, path, size_bytes=None):
        self.path, self.creator = path, size_bytes is not None
        flags = os.O_RDWR | (os.O_CREAT if self.creator else 0)
        fd = os.open(path, flags, 0o600)
        with contextlib.closing(os.fdopen(fd, "r+b")) as file:
            if self.creator:
                os.ftruncate(fd, size_bytes)
            self.memory = mmap.mmap(file.fileno(), 0)

    def write(self, header, payload=b""):
        """As the protocol of message_region.h wants it; returns the message's size."""
        offset = payload_offset(len(header)) if payload else len(header)
        self.memory[0:4] = bytes(4)
        self.memory[offset:offset + len(payload)] = payload
        self.memory[4:len(header)] = header[4:]
        self.memory[0:4] = header[0:4]
        return offset + len(payload)

    def read(self, size):
        """(header, payload)"""
        header_bytes = struct.unpack_from("<I", self.memory)[0] + 4
        assert 8 <= header_bytes <= size, f"header of {header_bytes} bytes in a message of {size}"
        return bytes(self.memory[:header_bytes]), bytes(self.memory[payload_offset(header_bytes):size])

    def image(self, offset, height, width):
        """Uncopied: what the writer does to it is seen."""
        return numpy.frombuffer(self.memory, numpy.uint8, height * width * 3, offset).reshape(height, width, 3)

    def close(self):
        with contextlib.suppress(BufferError):
            self.memory.close()
        if self.creator:
            with contextlib.suppress(OSError):
                os.unlink(self.path)
