#!/usr/bin/python3
"""Trains one detector on frames of the synthetic drive and writes it as ONNX; see README.md."""

import argparse
import copy
import math
import pathlib
import time

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from average_precision import average_precision
from data import Frames, augmented, targets
from network import CLASSES, STRIDE, Detector, Exported

MODELS = {  # input, widths, (batch, crop height, crop width), learning rate
    "td1": dict(size=(256, 448), widths=(12, 24, 48, 80, 96), batch=(10, 256, 448), rate=3e-3),
    "td2": dict(size=(576, 1024), widths=(12, 24, 48, 80, 96), batch=(8, 256, 480), rate=3e-3),
}


def heat_loss(logits, heat):
    """CenterNet's focal loss (Zhou et al. 2019, eq. 1)."""
    p = torch.sigmoid(logits).clamp(1e-4, 1 - 1e-4)
    at = (heat >= 0.999).float()
    gain = at * torch.log(p) * (1 - p) ** 2 + (1 - at) * torch.log(1 - p) * p ** 2 * (1 - heat) ** 4
    return -gain.sum() / at.sum().clamp(min=1)


def sides_loss(raw, sides, weight):
    """Generalised IoU (Rezatofighi et al. 2019) of boxes that share a middle cell."""
    d = torch.exp(raw.clamp(max=6.0))
    both = (torch.minimum(d[:, 0], sides[:, 0]) + torch.minimum(d[:, 2], sides[:, 2])) * (
        torch.minimum(d[:, 1], sides[:, 1]) + torch.minimum(d[:, 3], sides[:, 3]))
    hull = (torch.maximum(d[:, 0], sides[:, 0]) + torch.maximum(d[:, 2], sides[:, 2])) * (
        torch.maximum(d[:, 1], sides[:, 1]) + torch.maximum(d[:, 3], sides[:, 3]))
    area = lambda s: (s[:, 0] + s[:, 2]) * (s[:, 1] + s[:, 3])
    union = area(d) + area(sides) - both
    giou = both / union - (hull - union) / hull
    return ((1 - giou) * weight).sum() / weight.sum().clamp(min=1)


def make_batch(frames, rng, count, height, width):
    images, heats, sides, weights = [], [], [], []
    for _ in range(count):
        image, boxes = augmented(frames, rng, height, width)
        heat, side, weight = targets(boxes, height, width, CLASSES, STRIDE)
        images.append(image)
        heats.append(heat)
        sides.append(side)
        weights.append(weight)
    image = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255
    return image, torch.from_numpy(np.stack(heats)), torch.from_numpy(np.stack(sides)), torch.from_numpy(np.stack(weights))


def evaluate(detector, frames, limit):
    exported = Exported(copy.deepcopy(detector).eval(), frames.height, frames.width).eval()
    detections, truths = [], []
    with torch.no_grad():
        for i in range(0, len(frames), max(1, len(frames) // limit)):
            image = torch.from_numpy(frames.image(i).copy()).permute(2, 0, 1)[None].float() / 255
            detections.append(exported(image)[0].numpy())
            truths.append(frames.boxes[i])
    return average_precision(detections, truths)


def export(detector, height, width, path):
    exported = Exported(copy.deepcopy(detector).eval(), height, width).eval()
    torch.onnx.export(exported, torch.zeros(1, 3, height, width), str(path), opset_version=13, input_names=["image"],
                      output_names=["detections"], do_constant_folding=True)
    print(f"wrote {path}, {path.stat().st_size / 1e6:.2f} MB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with train/ and val/ of turbo-scene-dump")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for MODEL.onnx and MODEL.pt")
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--start", type=pathlib.Path, help="weights to begin with")
    parser.add_argument("--rate", type=float, help="highest learning rate")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(args.seed)
    model = MODELS[args.model]
    height, width = model["size"]
    train, val = Frames(args.data / "train", height, width), Frames(args.data / "val", height, width)
    detector = Detector(model["widths"]).to(memory_format=torch.channels_last)
    if args.start:
        known = {k: v for k, v in torch.load(args.start).items() if detector.state_dict()[k].shape == v.shape}
        detector.load_state_dict(known, strict=False)
    average = copy.deepcopy(detector)
    rate = args.rate or model["rate"]
    optimizer = torch.optim.AdamW(detector.parameters(), lr=rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min(1, (s + 1) / 50) * 0.5 * (1 + math.cos(math.pi * min(1, s / args.steps))) + 1e-3)
    begin, recent = time.time(), []
    detector.train()
    for step in range(args.steps):
        whole = step % 5 == 4 and model["batch"][1:] != (height, width)  # large things are seen whole now and then
        count, ch, cw = (2, height, width) if whole else model["batch"]
        image, heat, sides, weight = make_batch(train, rng, count, ch, cw)
        logits, raw = detector(image.contiguous(memory_format=torch.channels_last))
        h, s = heat_loss(logits, heat), sides_loss(raw, sides, weight)
        loss = h + 5 * s
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(detector.parameters(), 10.0)
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            keep = min(0.995, (step + 1) / (step + 20))
            for a, b in zip(average.state_dict().values(), detector.state_dict().values()):
                a.copy_(a * keep + b * (1 - keep)) if a.dtype.is_floating_point else a.copy_(b)
        recent.append((float(h.detach()), float(s.detach())))
        if step % 50 == 49:
            mean = np.mean(recent, 0)
            recent = []
            print(f"{args.model} step {step + 1}: heat {mean[0]:.3f} sides {mean[1]:.3f} {time.time() - begin:.0f} s", flush=True)
        if step % 600 == 599 or step + 1 == args.steps:
            torch.save(average.state_dict(), args.out / f"{args.model}.pt")
            last = step + 1 == args.steps
            ap, per_class = evaluate(average, val, 200 if last else 50)
            print(f"{args.model} step {step + 1}: AP {ap:.4f} {({c: round(v, 3) for c, v in per_class.items()})}", flush=True)
            export(average, height, width, args.out / f"{args.model}.onnx")


if __name__ == "__main__":
    main()
