"""Test doubles of the processes: sockets of the IPC reference's table, played from Python.

A double that answers (Replier) or collects (Collector) has a thread of its own for its socket; what it saw is in its
lists. One that asks (Asker) or publishes is used from the test's thread.
"""
import contextlib
import json
import queue
import threading
import time

import numpy
import zmq

from messages import (CameraDataRequest, CameraDataResponse, OK, Region, decode, encode)
from sandbox import FRAME_SIZE, PATIENCE_S, wait_for


class _Threaded:
    def __init__(self, sandbox, kind, endpoint):
        self.socket = sandbox.context.socket(kind)
        self.socket.linger = 0
        if kind == zmq.SUB:
            self.socket.subscribe(b"")
        self.socket.bind(endpoint)
        self._errors = sandbox.errors
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        sandbox.on_close.callback(self.close)

    def _run(self):
        while not self._stop.is_set():
            if self.socket.poll(20):
                try:
                    self._take(self.socket.recv_multipart())
                except Exception as error:  # the test fails by it, in the end
                    self._errors.append(error)
        self.socket.close()

    def close(self):
        """Also frees the endpoint, for the next one."""
        self._stop.set()
        self._thread.join()


class Replier(_Threaded):
    """REP, binds. answer(parts) gives the answer's parts; None: the request is never answered, and the next one is."""

    def __init__(self, sandbox, endpoint, answer):
        super().__init__(sandbox, zmq.ROUTER, endpoint)  # a REP could not leave a request unanswered
        self.answer, self.requests = answer, []
        self._thread.start()

    def _take(self, parts):
        at = parts.index(b"") + 1
        request = parts[at:]
        answer = self.answer(request)
        self.requests.append(request)
        if answer is not None:
            self.socket.send_multipart(parts[:at] + list(answer))

    def wait_for_requests(self, count, watch=()):
        wait_for(lambda: len(self.requests) >= count, f"{count} requests to {self.socket.last_endpoint}", watch=watch)


class Collector(_Threaded):
    """SUB, binds, takes everything."""

    def __init__(self, sandbox, endpoint):
        super().__init__(sandbox, zmq.SUB, endpoint)
        self.messages = []
        self._thread.start()

    def _take(self, parts):
        self.messages.append(parts[0])

    def json(self, plot_id=None):
        rows = [json.loads(message) for message in list(self.messages)]
        return [row for row in rows if plot_id in (None, row.get("plot_id"))]

    def wait_for(self, condition, what, plot_id=None, watch=(), after=0):
        """The first JSON message, of those after the first `after`, for which the condition holds."""
        return wait_for(lambda: next((row for row in self.json(plot_id)[after:] if condition(row)), None), what,
                        watch=watch)


class Asker:
    """REQ, connects; opened anew when an answer does not come."""

    def __init__(self, sandbox, endpoint):
        self.sandbox, self.endpoint, self.socket = sandbox, endpoint, None
        self._open()

    def _open(self):
        if self.socket:
            self.socket.close()
        self.socket = self.sandbox.context.socket(zmq.REQ)
        self.socket.linger = 0
        self.socket.connect(self.endpoint)

    def ask(self, *parts, timeout_s=PATIENCE_S):
        """The answer's parts; None when there was none in time."""
        self.socket.send_multipart([part.encode() if isinstance(part, str) else part for part in parts])
        if self.socket.poll(timeout_s * 1000):
            return self.socket.recv_multipart()
        self._open()
        return None

    def one(self, *parts):
        """The answer's only part."""
        answer = self.ask(*parts)
        assert answer is not None, f"{self.endpoint} left a request without its reply"
        assert len(answer) == 1, answer
        return answer[0]


class Publisher:
    """PUB, connects. What is said before the subscriber is there is lost: see tell()."""

    def __init__(self, sandbox, endpoint):
        self.socket = sandbox.context.socket(zmq.PUB)
        self.socket.linger = 0
        self.socket.connect(endpoint)

    def send(self, *parts):
        self.socket.send_multipart([part.encode() if isinstance(part, str) else part for part in parts])

    def tell(self, message, heard, what, watch=()):
        """Says it again and again until heard() is true."""
        last = [0.0]

        def said_and_heard():
            if time.monotonic() - last[0] > 0.1:
                last[0] = time.monotonic()
                self.send(message)
            return heard()
        return wait_for(said_and_heard, what, watch=watch)


def abort(sandbox, pattern, process, k=1):
    """The main's kill switch; returns the exit status."""
    switch = Publisher(sandbox, sandbox.endpoint(pattern, k))
    switch.tell("ABORT", lambda: not process.alive(), f"{process.name} ends on ABORT")
    return process.wait()


class Camera:
    """A camera stream's socket and region; 20 frames a second of one colour, or of one image."""

    def __init__(self, sandbox, k=1, colour=(0, 0, 255), image=None):
        self.image = numpy.full(FRAME_SIZE + [3], colour, numpy.uint8) if image is None else image
        self.id, self.colour, (self.height, self.width, _) = sandbox.service(k), colour, self.image.shape
        self.slot_bytes = (self.image.nbytes + 4095) // 4096 * 4096
        self.region = Region(sandbox.region("service{N}-camera-shmem", k), 3 * self.slot_bytes)
        self.context_id, self.requests, self.next_at = 1000, [], 0.0
        self.change = {}  # of the answer's fields
        sandbox.on_close.callback(self.region.close)
        self.replier = Replier(sandbox, sandbox.endpoint("service{N}-camera-socket", k), self.answer)

    def answer(self, parts):
        request = decode(CameraDataRequest, parts[0])
        self.requests.append(request)
        time.sleep(max(0.0, self.next_at - time.monotonic()))
        self.next_at = time.monotonic() + 0.05
        self.context_id += 1
        slot = self.context_id % 3
        offset = slot * self.slot_bytes
        self.region.image(offset, self.height, self.width)[:] = self.image
        fields = dict(status=OK, context_id=self.context_id, camera_id=self.id, slot=slot, offset_bytes=offset,
                      size_bytes=self.height * self.width * 3, height=self.height, width=self.width, channels=3,
                      capture_monotonic_ns=time.monotonic_ns(), capture_unix_s=time.time(), image_path="double")
        return [encode(CameraDataResponse, **(fields | self.change))]

    def close(self):
        self.replier.close()


class MessageReceiver:
    """The taking end of a region with its REP socket: copies each message out, then says ACK."""

    def __init__(self, sandbox, endpoint, region_path):
        self.region_path, self.region, self.answer = region_path, None, b"ACK"
        self.messages = queue.Queue()  # (context id, header, payload)
        self.replier = Replier(sandbox, endpoint, self._take)

    def _take(self, parts):
        assert len(parts) == 2 and all(part.isdigit() for part in parts), parts
        header, payload = Region(self.region_path).read(int(parts[1]))
        self.messages.put((int(parts[0]), header, payload))
        return [self.answer] if self.answer is not None else None

    def next(self):
        """The newest one that is there, else the next."""
        while self.messages.qsize() > 1:
            self.messages.get()
        return self.messages.get(timeout=PATIENCE_S)

    def forget(self):
        while not self.messages.empty():
            self.messages.get()

    def close(self):
        self.replier.close()


class MessageSender:
    """The giving end: writes into a region that the peer made, sends [context id, size], takes the answer."""

    def __init__(self, sandbox, endpoint, region_path):
        self.asker, self.region_path = Asker(sandbox, endpoint), region_path

    def send(self, context_id, header, payload=b""):
        region = wait_for(self._attach, f"the region {self.region_path}")
        size = region.write(header, payload)
        region.close()
        return self.asker.one(str(context_id), str(size))

    def _attach(self):
        with contextlib.suppress(OSError, ValueError):
            return Region(self.region_path)
