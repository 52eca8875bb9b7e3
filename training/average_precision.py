"""COCO average precision, 0.5:0.95, 101 points; the same measure as src/core/detection/average_precision.cc."""

import numpy as np

THRESHOLDS = np.arange(0.5, 0.96, 0.05)


def overlaps(a, b):
    x0, y0 = np.maximum(a[:, None, 0], b[None, :, 0]), np.maximum(a[:, None, 1], b[None, :, 1])
    x1, y1 = np.minimum(a[:, None, 2], b[None, :, 2]), np.minimum(a[:, None, 3], b[None, :, 3])
    both = np.clip(x1 - x0, 0, None) * np.clip(y1 - y0, 0, None)
    area = lambda r: (r[:, 2] - r[:, 0]) * (r[:, 3] - r[:, 1])
    return both / np.maximum(area(a)[:, None] + area(b)[None, :] - both, 1e-9)


def average_precision(detections, truths, classes=5):
    """detections: an image [n,6]; truths: an image [m,5]. -> mean, {class: AP} over the classes in the truth."""
    per_class = {}
    for c in range(classes):
        count = sum(int((t[:, 4] == c).sum()) for t in truths)
        if count == 0:
            continue
        scores, hits = [], []
        for d, t in zip(detections, truths):
            d = d[np.argsort(-d[:, 4], kind="stable")][:100]
            d, t = d[d[:, 5] == c], t[t[:, 4] == c]
            iou = overlaps(d[:, :4], t[:, :4])
            hit = np.zeros((len(THRESHOLDS), len(d)), bool)
            for k, threshold in enumerate(THRESHOLDS):
                free = np.ones(len(t), bool)
                for i in range(len(d)):
                    match = np.where(free, iou[i], -1)
                    if len(t) and match.max() >= threshold - 1e-9:
                        free[match.argmax()] = False
                        hit[k, i] = True
            scores.append(d[:, 4])
            hits.append(hit)
        order = np.argsort(-np.concatenate(scores), kind="stable")
        hits = np.concatenate(hits, 1)[:, order]
        aps = []
        for row in hits:
            tp = np.cumsum(row)
            precision = np.maximum.accumulate((tp / np.arange(1, len(row) + 1))[::-1])[::-1]
            at = np.searchsorted(tp / count, np.linspace(0, 1, 101) - 1e-12)
            aps.append(np.mean([precision[i] if i < len(precision) else 0.0 for i in at]))
        per_class[c] = float(np.mean(aps))
    return float(np.mean(list(per_class.values()))), per_class
