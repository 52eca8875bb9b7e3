#!/usr/bin/python3
"""Draws docs/demo.jpg from a demo's run folder: one frame, as the vehicle's model and as the cloud's saw it.

    docs/demo_picture.py runs/demo_DATE_TIME

The frame is rendered anew: a scene's context id is the microsecond of the drive at which the frame was taken.
"""
import glob
import json
import pathlib
import subprocess
import sys
import tempfile

import cv2
import numpy as np

COLOURS = {0: (80, 220, 80), 1: (70, 70, 250), 2: (230, 90, 230), 3: (40, 220, 240)}
MIN_SCORE = 0.3
DRIVE_S = 3600


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])
    return width * height / (area(a) + area(b) - width * height)


def found(detections, truth):
    return sum(any(d[4] >= MIN_SCORE and d[5] == t[4] and overlap(d, t) > 0.5 for d in detections) for t in truth)


def most_telling_frame(run):
    """The front camera's delivered frame in which the cloud found most more than the vehicle."""
    truth = {}
    for path in glob.glob(f"{run}/**/camera-stream-1/truth.jsonl", recursive=True):
        truth.update((row["context_id"], row["boxes"]) for row in map(json.loads, open(path)))
    best = None
    for path in glob.glob(f"{run}/**/client-1/deliveries.jsonl", recursive=True):
        for row in map(json.loads, open(path)):
            if row["source"] != "remote" or row["context_id"] not in truth or not row["vehicle_detections"]:
                continue
            boxes = truth[row["context_id"]]
            gain = found(row["detections"], boxes) - found(row["vehicle_detections"], boxes)
            if best is None or gain > best[0]:
                best = (gain, row)
    return best[1]


def drawn(frame, detections, title):
    picture = frame.copy()
    for x0, y0, x1, y1, score, label in detections:
        if score >= MIN_SCORE:
            cv2.rectangle(picture, (int(x0), int(y0)), (int(x1), int(y1)), COLOURS.get(label, (255, 255, 255)), 3)
    picture = picture[240:920, 330:1590]
    cv2.rectangle(picture, (0, 0), (picture.shape[1], 62), (30, 30, 30), -1)
    cv2.putText(picture, title, (20, 44), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (255, 255, 255), 2, cv2.LINE_AA)
    return picture


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    row = most_telling_frame(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        second = row["context_id"] / 1e6 % DRIVE_S
        subprocess.run([root / "build/release/bin/turbo-scene-dump", "--seed", "1", "--frames", "1", "--cameras", "1", "--begin",
                        f"{second:.6f}", "--size", "1080x1920", "--out", folder], check=True, stdout=subprocess.DEVNULL)
        frame = cv2.imread(glob.glob(f"{folder}/**/*.png", recursive=True)[0])
    sides = (drawn(frame, row["vehicle_detections"], "on the vehicle, at once"),
             drawn(frame, row["detections"], f"from the cloud, after {row['latency_ms']:.0f} ms"))
    picture = np.hstack([sides[0], np.full((sides[0].shape[0], 12, 3), 255, np.uint8), sides[1]])
    picture = cv2.resize(picture, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(root / "docs/demo.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 82])


if __name__ == "__main__":
    main()
