"""What a measurement is given: how often, how long, where, and with which certificates and configuration."""
import itertools
import pathlib
import sys
import time

from harness import ROOT
from harness.stage import Stage


class Context:
    def __init__(self, item, folder, args, shared):
        self.item, self.repeats, self.quick, self.wanted = item, args.repeats, args.quick, args.only
        self.certificates = ROOT / ".cache/authority"
        self._folder, self._numbers, self._begin = pathlib.Path(folder) / item, itertools.count(1), time.monotonic()
        self.shared = shared  # between the items of one run

    def say(self, text):
        print(f"[{self.item} {time.monotonic() - self._begin:5.0f} s] {text}", file=sys.stderr, flush=True)

    def stage(self):
        return Stage(self._folder / f"{next(self._numbers):04d}")

    def folder(self, name):
        path = self._folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def bulk_options(self):
        return ["--certificates", self.certificates]

    def quic_config(self, sandbox, services, address):
        return sandbox.quic_config(4433, services) | {"server_address": address}
