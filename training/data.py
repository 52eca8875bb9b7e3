"""Frames that turbo-scene-dump wrote, as crops to train on and whole frames to measure on."""

import json
import pathlib

import cv2
import numpy as np

FRAME = (1080, 1920)


class Frames:
    """All frames of one size under folder/<seed>/: image(i) is RGB [H,W,3] uint8, boxes[i] is [n,5] in its pixels."""

    def __init__(self, folder, height, width):
        self.height, self.width = height, width
        self.where, self.boxes = [], []
        scale = np.array([width / FRAME[1], height / FRAME[0]] * 2, np.float32)
        for seed in sorted(pathlib.Path(folder).iterdir()):
            raw = np.memmap(seed / f"{height}x{width}.rgb", np.uint8, "r").reshape(-1, height, width, 3)
            for line in (seed / "boxes.jsonl").read_text().splitlines():
                entry = json.loads(line)
                boxes = np.array(entry["boxes"], np.float32).reshape(-1, 5)
                boxes[:, :4] *= scale
                self.where.append((raw, entry["index"]))
                self.boxes.append(boxes)

    def __len__(self):
        return len(self.where)

    def image(self, i):
        raw, k = self.where[i]
        return raw[k]


def jpeg(image, quality):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1], cv2.IMREAD_COLOR)


def augmented(frames, rng, height, width):
    """A crop of a random frame: mirrored, its light and colours shifted, JPEG of quality 50 to 95 half the time."""
    i = rng.integers(len(frames))
    y = rng.integers(0, frames.height - height + 1)
    x = rng.integers(0, frames.width - width + 1)
    if rng.random() < 0.6 and len(frames.boxes[i]):  # around an object: the sky teaches little
        b = frames.boxes[i][rng.integers(len(frames.boxes[i]))]
        x = int(np.clip((b[0] + b[2]) / 2 - rng.uniform(0.2, 0.8) * width, 0, frames.width - width))
        y = int(np.clip((b[1] + b[3]) / 2 - rng.uniform(0.2, 0.8) * height, 0, frames.height - height))
    image = np.ascontiguousarray(frames.image(i)[y:y + height, x:x + width])
    boxes = frames.boxes[i].copy()
    whole = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    boxes[:, :4] = np.clip(boxes[:, :4] - [x, y, x, y], 0, [width, height, width, height])
    inside = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    boxes = boxes[inside > 0.3 * whole]
    if rng.random() < 0.5:
        image = image[:, ::-1]
        boxes[:, [0, 2]] = width - boxes[:, [2, 0]]
    table = np.clip(np.arange(256)[:, None] * rng.uniform(0.75, 1.25) * rng.uniform(0.93, 1.07, 3) + rng.uniform(-15, 15), 0, 255)
    image = cv2.LUT(np.ascontiguousarray(image), table.astype(np.uint8).reshape(256, 1, 3))
    if rng.random() < 0.5:
        image = jpeg(image, rng.integers(50, 96))
    return image, boxes


def targets(boxes, height, width, classes, stride):
    """Heat map [classes,h,w] with a bump of 1 at each box's middle; sides [4,h,w] in cells and their weight [h,w]."""
    h, w = height // stride, width // stride
    heat = np.zeros((classes, h, w), np.float32)
    sides = np.ones((4, h, w), np.float32)
    weight = np.zeros((h, w), np.float32)
    order = np.argsort(-(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))  # small ones last: they win a cell
    for x0, y0, x1, y1, label in boxes[order]:
        cx, cy = (x0 + x1) / 2 / stride, (y0 + y1) / 2 / stride
        ix, iy = min(int(cx), w - 1), min(int(cy), h - 1)
        sx, sy = max((x1 - x0) / stride * 0.09, 0.7), max((y1 - y0) / stride * 0.09, 0.7)
        rx, ry = int(3 * sx + 1), int(3 * sy + 1)
        left, top = max(ix - rx, 0), max(iy - ry, 0)
        right, bottom = min(ix + rx + 1, w), min(iy + ry + 1, h)
        gx = np.exp(-((np.arange(left, right) - ix) ** 2) / (2 * sx * sx))
        gy = np.exp(-((np.arange(top, bottom) - iy) ** 2) / (2 * sy * sy))
        bump = (gy[:, None] * gx[None, :]).astype(np.float32)
        patch = heat[int(label), top:bottom, left:right]
        np.maximum(patch, bump, out=patch)
        near = bump > 0.3
        ys, xs = np.nonzero(near)
        px, py = (xs + left + 0.5) * stride, (ys + top + 0.5) * stride
        inside = (px > x0) & (px < x1) & (py > y0) & (py < y1)
        if not inside.any():  # smaller than a cell: the middle's cell all the same
            ys, xs, px, py, inside = np.array([iy - top]), np.array([ix - left]), np.array([(ix + .5) * stride]), np.array([(iy + .5) * stride]), np.array([True])
        ys, xs, px, py = ys[inside], xs[inside], px[inside], py[inside]
        at = (ys + top, xs + left)
        for k, d in enumerate((px - x0, py - y0, x1 - px, y1 - py)):
            sides[k][at] = np.maximum(d, 0.05 * stride) / stride
        b = bump[ys, xs]
        weight[at] = b / b.sum()
    return heat, sides, weight
