#!/usr/bin/env python3
"""Writes the little ONNX files that detector_test.cc reads. Needs nothing but Python: `./make_models.py` here.

good.onnx: image [1,3,32,64] -> the mean of each plane -> detections [1,8,6] = means * weights + rows. The first three
rows score what red, green and blue are on average; the others are fixed, most of them no detection at all. The other
files each break the contract, or the format, in one way.
"""
import math
import pathlib
import struct

FLOAT, INT64, DOUBLE = 1, 7, 11
NAN = math.nan
# x_min, y_min, x_max, y_max, score, label
ROWS = [
    [4, 2, 20, 10, 0, 0],
    [8, 4, 24, 12, 0, 1],
    [-5, -5, 200, 100, 0, 2],  # to be clamped to the picture
    [4, 2, 20, 10, 1.5, 0],  # score
    [4, 2, 20, 10, 0.9, 5],  # label
    [4, 2, 20, 10, 0.9, NAN],
    [20, 2, 4, 10, 0.9, 0],  # turned round
    [70, 2, 90, 10, 0.9, 0],  # outside
]


def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while True:
        byte = value & 0x7F
        value >>= 7
        if not value:
            return out + bytes([byte])
        out += bytes([byte | 0x80])


def number(field, value):
    return varint(field << 3) + varint(value)


def block(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def tensor(name, shape, values, kind=FLOAT):
    raw = struct.pack(f"<{len(values)}{'f' if kind == FLOAT else 'q'}", *values)
    return b"".join(number(1, side) for side in shape) + number(2, kind) + block(8, name) + block(9, raw)


def value(name, shape, kind=FLOAT):
    sides = b"".join(block(1, block(2, side) if isinstance(side, str) else number(1, side)) for side in shape)
    return block(1, name) + block(2, block(1, number(1, kind) + block(2, sides)))


def node(kind, inputs, outputs, attributes=b""):
    return (b"".join(block(1, name) for name in inputs) + b"".join(block(2, name) for name in outputs)
            + block(4, kind) + attributes)


def ints(name, values):
    return block(5, block(1, name) + b"".join(number(8, v) for v in values) + number(20, 7))


def integer(name, v):
    return block(5, block(1, name) + number(3, v) + number(20, 2))


def model(in_name="image", in_shape=(1, 3, 32, 64), kind=FLOAT, out_name="detections", out_shape=(1, 8, 6), extra=False):
    planes = in_shape[1]
    weights = [[0.0] * 48 for _ in range(planes)]
    for plane in range(planes):
        weights[plane][plane * 6 + 4] = 1.0
    nodes = []
    source = in_name
    if kind != FLOAT:
        nodes.append(node("Cast", [in_name], ["floats"], integer("to", FLOAT)))
        source = "floats"
    nodes += [
        node("ReduceMean", [source], ["means"], ints("axes", list(range(2, len(in_shape)))) + integer("keepdims", 0)),
        node("Gemm", ["means", "weights", "rows"], ["flat"]),
        node("Reshape", ["flat", "shape"], [out_name]),
    ]
    initializers = [
        tensor("weights", [planes, 48], [w for row in weights for w in row]),
        tensor("rows", [48], [v for row in ROWS for v in row]),
        tensor("shape", [len(out_shape)], [8 if isinstance(s, str) else s for s in out_shape], INT64),
    ]
    outputs = [value(out_name, out_shape)] + ([value("means", (1, planes))] if extra else [])
    graph = (b"".join(block(1, n) for n in nodes) + block(2, "test") + b"".join(block(5, t) for t in initializers)
             + block(11, value(in_name, in_shape, kind)) + b"".join(block(12, o) for o in outputs))
    return number(1, 7) + block(2, "turbo") + block(7, graph) + block(8, number(2, 13))


MODELS = {
    "good": model(),
    "input_name": model(in_name="picture"),
    "input_type": model(kind=DOUBLE),
    "input_free_size": model(in_shape=(1, 3, "height", "width")),
    "input_channels": model(in_shape=(1, 4, 32, 64)),
    "input_batch": model(in_shape=("batch", 3, 32, 64)),
    "input_rank": model(in_shape=(1, 3, 32, 64, 1)),
    "output_name": model(out_name="boxes"),
    "output_rank": model(out_shape=(8, 6)),
    "output_columns": model(out_shape=(1, 6, 8)),
    "two_outputs": model(extra=True),
    "truncated": model()[:400],
    "garbage": bytes(range(256)) * 4,
    "empty": b"",
}

if __name__ == "__main__":
    for name, data in MODELS.items():
        (pathlib.Path(__file__).parent / f"{name}.onnx").write_bytes(data)
