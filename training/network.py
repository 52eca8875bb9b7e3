"""The detector: a small feature pyramid with one output level of stride 4, boxes read off at the peaks of a heat map."""

import torch
from torch import nn
from torch.nn import functional as F

CLASSES = 4  # vehicle, pedestrian, cyclist, sign: "unknown" (4) is never predicted
STRIDE = 4
DETECTIONS = 100


def conv(c_in, c_out, size=3, stride=1):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, size, stride, size // 2, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(inplace=True))


class Residual(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.body = nn.Sequential(conv(c, c), nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c))

    def forward(self, x):
        return F.relu(x + self.body(x))


class Detector(nn.Module):
    """forward: image [N,3,H,W] (RGB, 0..1; H, W multiples of 32) -> heat logits [N,4,H/4,W/4], log distances of the
    box's sides from the cell's middle, in cells [N,4,H/4,W/4] (left, top, right, bottom)."""

    def __init__(self, widths=(12, 24, 48, 80, 96)):
        super().__init__()
        w2, w4, w8, w16, w32 = widths
        self.register_buffer("mean", torch.tensor([0.45, 0.45, 0.45]).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor([0.25, 0.25, 0.25]).view(1, 3, 1, 1))
        self.to4 = nn.Sequential(conv(3, w2, 3, 2), conv(w2, w4, 3, 2))
        self.to8 = nn.Sequential(conv(w4, w8, 3, 2), Residual(w8))
        self.to16 = nn.Sequential(conv(w8, w16, 3, 2), Residual(w16))
        self.to32 = nn.Sequential(conv(w16, w32, 3, 2), Residual(w32))
        self.side32 = conv(w32, w16, 1)
        self.side16 = conv(w16, w8, 1)
        self.mix8 = conv(w8, w8)
        self.side8 = conv(w8, w4, 1)
        self.head = conv(w4, w4 + 8)
        self.sides = nn.Conv2d(w4 + 8, 4, 1)
        self.heat_head = conv(w4, w4)
        self.heat = nn.Conv2d(w4, CLASSES, 1)
        nn.init.constant_(self.heat.bias, -4.0)
        nn.init.constant_(self.sides.bias, 1.0)

    def forward(self, image):
        x4 = self.to4((image - self.mean) / self.deviation)
        x8 = self.to8(x4)
        x16 = self.to16(x8)
        up = lambda x: F.interpolate(x, scale_factor=2.0, mode="nearest")
        y16 = x16 + up(self.side32(self.to32(x16)))
        y8 = self.mix8(x8 + up(self.side16(y16)))
        y4 = x4 + up(self.side8(y8))
        return self.heat(self.heat_head(y4)), self.sides(self.head(y4))


class Exported(nn.Module):
    """image -> detections [1,100,6]: x_min, y_min, x_max, y_max, score, label, in pixels of the image."""

    def __init__(self, detector, height, width):
        super().__init__()
        self.detector, self.height, self.width = detector, height, width
        ys, xs = torch.meshgrid(torch.arange(height // STRIDE), torch.arange(width // STRIDE), indexing="ij")
        self.register_buffer("middles", torch.stack([xs, ys], 0).view(1, 2, -1).float() * STRIDE + STRIDE / 2)

    def forward(self, image):
        heat, sides = self.detector(image)
        peaks = F.max_pool2d(heat, 3, 1, 1)
        best = torch.where(heat == peaks, heat, torch.full_like(heat, -20.0)).flatten(1)  # a logit no real peak has
        score, place = best.topk(DETECTIONS, dim=1)
        cells = (self.height // STRIDE) * (self.width // STRIDE)
        label = torch.div(place, cells, rounding_mode="floor")
        cell = (place - label * cells).unsqueeze(1)
        d = torch.exp(sides.flatten(2).gather(2, cell.expand(-1, 4, -1)).clamp(max=6.0)) * STRIDE
        m = self.middles.gather(2, cell.expand(-1, 2, -1))
        x0 = (m[:, 0] - d[:, 0]).clamp(0, self.width)
        y0 = (m[:, 1] - d[:, 1]).clamp(0, self.height)
        x1 = (m[:, 0] + d[:, 2]).clamp(0, self.width)
        y1 = (m[:, 1] + d[:, 3]).clamp(0, self.height)
        return torch.stack([x0, y0, x1, y1, torch.sigmoid(score), label.float()], 2)
