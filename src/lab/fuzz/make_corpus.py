#!/usr/bin/env python3
"""Makes src/lab/fuzz/corpus/, what the fuzzers start from: inputs that are right, and some of each with a mistake.

The same seed gives the same files. Needs flatc and python3-flatbuffers, as the system tests do.
"""
import json
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
CORPUS = ROOT / "src/lab/fuzz/corpus"
HELLO, REQUEST, RESPONSE, JUNK, REFUSAL, DROPPED = range(1, 7)
JUNK_SERVICE, NO_BUDGET = 0xFFFF, 0xFFFFFFFF


def frame(kind, service, context, payload=b"", budget=NO_BUDGET, length=None):
    header = b"TRB\x02" + struct.pack("<BBHQII", kind, 0, service, context, budget,
                                      len(payload) if length is None else length)
    return header + payload


def damaged(dice, data):
    """With a few bytes changed, or cut short."""
    data = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data[:dice.randrange(1, len(data) + 1)] if dice.random() < 0.3 else data)


def frame_parser(dice):
    """The first byte chooses how it is cut and which kind of stream it is."""
    wires = {
        "hello": frame(HELLO, 1, 0),
        "request": frame(REQUEST, 1, 7, dice.randbytes(300), 100_000),
        "junk": frame(JUNK, JUNK_SERVICE, 0, bytes(500)),
        "answers": frame(RESPONSE, 1, 7, dice.randbytes(40)) + frame(DROPPED, 1, 8) + frame(RESPONSE, 1, 9, b"x"),
        "refusal": frame(REFUSAL, 1, 0),
        "too_long": frame(REQUEST, 1, 7, length=2**32 - 1),
        "cut_short": frame(REQUEST, 1, 7, b"abc", length=10),
    }
    for name, wire in wires.items():
        for choice in range(3):
            yield f"{name}_{choice}", bytes([choice + 3 * dice.randrange(80)]) + wire


def vehicle_streams(dice):
    """A script: opcode (0x80: the stream ends), stream, and what the opcode needs; see vehicle_streams_fuzz.cc."""
    data, header, reset, wait = range(4)

    def give(stream, payload, end=False):
        return bytes([data | 0x80 * end, stream, len(payload)]) + payload

    def head(stream, kind, service, sixteens, context, end=False):
        return bytes([header | 0x80 * end, stream, kind, service, sixteens, context])

    greet = head(0, HELLO, 1, 0, 0) + head(1, HELLO, 2, 0, 0)
    yield "hello_twice", head(0, HELLO, 1, 0, 0) + head(1, HELLO, 1, 0, 0)
    yield "one_request", greet + head(2, REQUEST, 1, 4, 7) + give(2, dice.randbytes(64), True)
    yield "interleaved", greet + b"".join(head(s, REQUEST, 1 + s % 2, 8, s) for s in (2, 3, 4, 5)) + b"".join(
        give(s, dice.randbytes(32), part == 3) for part in range(4) for s in (2, 3, 4, 5))
    yield "no_room", greet + b"".join(head(s, REQUEST, 1, 120, s) + give(s, bytes(255)) * 3 for s in (2, 3, 4, 5))
    yield "given_up", greet + (head(2, REQUEST, 1, 100, 1) + give(2, bytes(200)) + bytes([reset, 2])) * 5
    yield "junk", greet + (head(3, JUNK, 3, 10, 0) + give(3, bytes(160), True) + bytes([wait, 0, 40])) * 6
    yield "end_at_once", greet + give(2, b"", True)
    yield "service_ends", greet + give(0, b"", True)
    yield "raw", give(2, frame(REQUEST, 1, 5, b"abcd")[:20]) + give(2, frame(REQUEST, 1, 5, b"abcd")[20:], True)
    yield "streams_without_end", greet + (head(4, REQUEST, 1, 0, 1, True)) * 60
    for k in range(12):
        yield f"any_{k}", dice.randbytes(dice.randint(20, 200))


def cloud_streams(dice):
    """A script: opcode (0x80: the stream ends; 7: a new connection), stream plus one, and what the opcode needs."""
    def head(stream, kind, service, sixteens, context, end=False):
        return bytes([1 | 0x80 * end, stream + 1, kind, service, sixteens, context])

    def give(stream, payload, end=False):
        return bytes([0x80 * end, stream + 1, len(payload)]) + payload

    yield "answers", b"".join(head(4 * k, RESPONSE, k, 4, 7) + give(4 * k, dice.randbytes(64)) for k in (0, 1, 2))
    yield "interleaved", b"".join(head(4 * k, RESPONSE, k, 8, k) for k in (0, 1, 2)) + b"".join(
        give(4 * k, dice.randbytes(32)) for _ in range(4) for k in (2, 0, 1))
    yield "dropped_and_refused", head(0, DROPPED, 0, 0, 5) + head(4, REFUSAL, 1, 0, 0) + head(0, DROPPED, 0, 0, 6)
    yield "another_services", head(4, RESPONSE, 0, 1, 5)
    yield "of_no_service", head(12, RESPONSE, 3, 1, 5)
    yield "one_way", head(2, RESPONSE, 0, 1, 5)
    yield "too_long", head(0, RESPONSE, 0, 255, 5)
    yield "ends", head(0, RESPONSE, 0, 4, 5) + give(0, bytes(64), True)
    yield "new_connection", head(0, RESPONSE, 0, 4, 5) + give(0, bytes(10)) + bytes([7, 0]) + head(0, DROPPED, 0, 0, 6)
    yield "raw", give(0, frame(RESPONSE, 0, 5, b"abcd")[:20]) + give(0, frame(RESPONSE, 0, 5, b"abcd")[20:])
    for k in range(8):
        yield f"any_{k}", dice.randbytes(dice.randint(20, 200))


def messages(dice, flatbuffers_of):
    for k, data in enumerate(flatbuffers_of):
        yield f"right_{k}", bytes([k]) + data
        for i in range(4):
            yield f"damaged_{k}_{i}", bytes([k]) + damaged(dice, data)


def message_region(dice, flatbuffers_of):
    for k, data in enumerate(flatbuffers_of):
        whole = data + bytes(-len(data) % 64) + dice.randbytes(100)
        yield f"message_{k}", struct.pack("<Q", len(whole) & ~1) + whole
        yield f"damaged_{k}", struct.pack("<Q", len(whole) | 1) + damaged(dice, whole)
    yield "huge", struct.pack("<Q", 2**62) + bytes(64)


def allocation_reply(dice):
    right = json.dumps({"allocation_map": {"1": 5.0, "2": 0.25}, "expected_utility": 0.5,
                        "model_config_map": {"1": "td2-imgcompNone-inpcomp50"}})
    yield "right", right.encode()
    for name, text in {"empty": "{}", "list": "[1]", "no_number": '{"allocation_map": {"1": "x"}}', "nested": "[" * 200,
                       "negative": '{"allocation_map": {"1": -1, "2": 1e999, "99999999999999999999": 1}}'}.items():
        yield name, text.encode()
    for i in range(4):
        yield f"damaged_{i}", damaged(dice, right.encode())


def report_parser(dice):
    quantiles = {"p50": 20.5, "p95": 30}
    right = json.dumps({"bw": 12.5, "rtt": 40, "bw_low": 11, "bw_high": 14, "min_rtt": 38, "app_limited": True,
                        "connected": True, "services": {"1": {
                            "config": "td2-imgcompNone-inpcomp50", "finished": 5, "in_time": 4, "frame_bytes": quantiles,
                            "server_ms": quantiles, "cloud_ms": quantiles}, "2": {"config": None}}})
    yield "right", right.encode()
    for name, text in {"least": '{"bw": 1, "rtt": 0}', "twice": '{"bw": 1, "bw": 1, "rtt": 0}', "list": "[1]",
                       "infinite": '{"bw": 1e999, "rtt": 1e308}', "nested": '{"bw": 1, "rtt": 1, "x": ' + "[" * 200,
                       "ids": '{"bw": 1, "rtt": 1, "services": {"01": {}, "1": {}, "99999999999": {}}}'}.items():
        yield name, text.encode()
    for i in range(4):
        yield f"damaged_{i}", damaged(dice, right.encode())


def right_messages():
    """One of each kind, in the order of messages_fuzz.cc."""
    with tempfile.TemporaryDirectory() as generated:
        subprocess.run(["flatc", "--python", "-o", generated, ROOT / "schema/messages.fbs"], check=True)
        sys.dont_write_bytecode = True
        sys.path[:0] = [generated, str(ROOT / "tests/system")]
        import messages as m
        return [m.camera_request(newer_than=5, wait_ms=100, pid=4321),
                m.encode(m.CameraDataResponse, status=m.OK, context_id=9, camera_id=1, slot=2, offset_bytes=4096,
                         size_bytes=12, height=2, width=2, channels=3, capture_unix_s=1.5, image_path="scene"),
                m.encode(m.ModelServerRequest, context_id=7, service_id=1, model_config="td2-imgcompNone-inpcomp75",
                         form=m.JPEG, height=32, width=64, frame_height=96, frame_width=160, payload_bytes=100,
                         deadline_monotonic_ns=10**12),
                m.server_response(7, 1, [[1, 2, 3, 4, 0.5, 1], [0, 0, 9, 9, 1.0, 4]])]


def main():
    shutil.rmtree(CORPUS, ignore_errors=True)
    flatbuffers_of = right_messages()
    for name, inputs in {"frame_parser": frame_parser, "vehicle_streams": vehicle_streams,
                         "cloud_streams": cloud_streams,
                         "messages": lambda dice: messages(dice, flatbuffers_of),
                         "message_region": lambda dice: message_region(dice, flatbuffers_of),
                         "allocation_reply": allocation_reply, "report_parser": report_parser}.items():
        folder = CORPUS / name
        folder.mkdir(parents=True)
        for file, data in inputs(random.Random(f"turbo {name}")):
            (folder / file).write_bytes(data)


if __name__ == "__main__":
    main()
