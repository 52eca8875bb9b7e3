"""Garbage of every kind, for any socket: bytes that are no ZeroMQ, wrong numbers of parts, huge and broken messages."""
import contextlib
import socket

import numpy
import zmq

from doubles import Asker
from sandbox import PATIENCE_S

HUGE = b"x" * 3_000_000  # over the limit of one message: the sender's connection is dropped


def raw_bytes_into(endpoint, seed=1, connections=4):
    """What is no ZeroMQ at all, on a socket's own file: random bytes, half a greeting, nothing."""
    random = numpy.random.default_rng(seed)
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL"
    held = []
    for i in range(connections):
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(endpoint.removeprefix("ipc://"))
        with contextlib.suppress(OSError):
            peer.sendall([random.bytes(10_000), greeting[:7], b"", greeting + random.bytes(5_000)][i % 4])
        held.append(peer)
    for peer in held:
        peer.close()


def garbage_messages(valid=b"", seed=1, count=20):
    """Multipart messages of every wrong kind; valid: a right part, to be broken."""
    random = numpy.random.default_rng(seed)
    out = [[b""], [b"", b""], [b"\x00"], [b"\xff" * 100], [b"7"], [b"1", b"2", b"3"], [b"-1", b"-1"], [b"1", b"0"],
           [b"1", b"18446744073709551615"], [b"1", b"99999999999999999999999"], [b"1", b"1e3"], [b"1 ", b" 100"],
           [b"1", b"2147483648"], [b"x"] * 8, [b"x"] * 9, [b"y"] * 300, [b"null"], [b"{"], [b"[" * 100_000],
           [b"{\"a\":" * 10_000], [b"z" * 1_000_000], [random.bytes(1_000), random.bytes(1_000)]]
    out += [[random.bytes(int(random.integers(1, 2_000)))] for _ in range(count)]
    return out + [[broken] for broken in broken_copies(valid, random, count)]


def broken_copies(valid, random, count):
    """Truncated, and with some bytes changed."""
    out = []
    for _ in range(count if valid else 0):
        data = bytearray(valid)
        for at in random.integers(0, len(data), int(random.integers(1, 6))):
            data[at] = int(random.integers(0, 256))
        out += [bytes(data), valid[:int(random.integers(0, len(valid)))]]
    return out


def bombard(sandbox, endpoint, valid=b""):
    """Every kind of garbage at a REP socket; each message that it can have taken must be answered."""
    raw_bytes_into(endpoint)
    asker = Asker(sandbox, endpoint)
    for parts in garbage_messages(valid):
        assert asker.ask(*parts) is not None, f"{endpoint} left {[part[:40] for part in parts[:4]]} without a reply"
    Asker(sandbox, endpoint).ask(HUGE, timeout_s=0.2)
    raw_bytes_into(endpoint, seed=2)
    return asker


def shout(sandbox, endpoint, valid=b""):
    """The same at a SUB socket, where nothing answers."""
    raw_bytes_into(endpoint)
    publisher = sandbox.context.socket(zmq.XPUB)  # which sees the subscription: before it all would be lost
    publisher.linger = publisher.sndhwm = 0
    publisher.connect(endpoint)
    assert publisher.poll(PATIENCE_S * 1000), f"nobody listens at {endpoint}"
    for parts in garbage_messages(valid) + [[HUGE]]:
        publisher.send_multipart(parts)
    raw_bytes_into(endpoint, seed=2)
