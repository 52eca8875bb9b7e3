"""Network namespaces with turbo-link between them, and the processes in them. Needs no root: run_as_root_of_namespace
starts the benchmark anew in a user namespace of its own, as turbo-demo does.
"""
import contextlib
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from harness import PROGRAMS, ROOT

VEHICLE_ADDRESS, OTHER_VEHICLE_ADDRESS, CLOUD_ADDRESS = "10.77.0.1", "10.77.0.3", "10.77.0.2"
PATIENCE_S = 20
_INSIDE = "TURBO_BENCH_INSIDE"


def run_as_root_of_namespace():
    """Returns in a network namespace of our own, in which we are root."""
    if _INSIDE in os.environ:
        return
    os.environ[_INSIDE] = "1"
    mapped = ["--user", "--map-root-user"]
    if subprocess.run(["unshare", *mapped, "--net", "true"], capture_output=True).returncode != 0:
        if os.geteuid() != 0:
            sys.exit("bench: user namespaces are not allowed here: run as root, or allow them "
                     "(sysctl kernel.unprivileged_userns_clone=1)")
        mapped = []
    os.execvp("unshare", ["unshare", *mapped, "--net", sys.executable, *sys.argv])


def _end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Trouble(Exception):
    """A measurement that could not be made; the others go on."""


class Program:
    """A process with its output in a file; ends with its stage."""

    def __init__(self, stage, name, command, node=None):
        self.name, self.log_path = name, stage.folder / f"{stage.next_number():03d}-{name}.log"
        command = [str(word) for word in command]
        with open(self.log_path, "wb") as log:
            self.popen = subprocess.Popen((node.prefix if node else []) + command, cwd=ROOT, stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                                          preexec_fn=_end_with_parent)
        self.pid = self.popen.pid  # nsenter replaces itself by the command
        stage.on_close.callback(self.stop)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_for(self, word):
        wait_until(lambda: word in self.log() or self.popen.poll() is not None, f"{self.name} says {word!r}")
        if word not in self.log():
            raise Trouble(f"{self.name} ended with {self.popen.returncode}: {last_line(self.log())}")
        return self

    def wait(self, timeout_s=60):
        """The resources that it used."""
        deadline = time.monotonic() + timeout_s
        while True:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.popen.returncode = os.waitstatus_to_exitcode(status)
                if self.popen.returncode != 0:
                    raise Trouble(f"{self.name} ended with {self.popen.returncode}: {last_line(self.log())}")
                return usage
            if time.monotonic() > deadline:
                self.stop()
                raise Trouble(f"{self.name} did not end within {timeout_s} s")
            time.sleep(0.001)

    def stop(self):
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(5)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()


class Node:
    """A network namespace, kept by a process that ends with us."""

    def __init__(self, stage):
        self.keeper = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec cat"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        stage.on_close.callback(self.close)
        if self.keeper.stdout.readline() != b"up\n":
            raise Trouble("a network namespace could not be made")
        self.pid = self.keeper.pid
        self.prefix = ["nsenter", f"--net=/proc/{self.pid}/ns/net", "--"]

    def run(self, *command):
        subprocess.run(self.prefix + list(command), check=True)

    def close(self):
        self.keeper.kill()
        self.keeper.wait()
        self.keeper.stdin.close()
        self.keeper.stdout.close()


class Stage:
    """Everything that one measurement starts; a folder for its files."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.on_close, self._number = contextlib.ExitStack(), 0

    def next_number(self):
        self._number += 1
        return self._number

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.on_close.close()

    def node(self):
        return Node(self)

    def start(self, name, command, node=None):
        return Program(self, name, command, node)

    def link(self, **request):
        return Link(self, **request)


class Link:
    """turbo-link between two nodes of its own. What it carried: status(). Rates in Mbit/s; trace: of the uplink."""

    def __init__(self, stage, rate_mbps=None, trace=None, down_rate_mbps=None, rtt_ms=0.0, loss=0.0, seed=1, more=()):
        self.vehicle, self.cloud = stage.node(), stage.node()
        self.status_path = stage.folder / f"{stage.next_number():03d}-link.jsonl"
        self.request = [*(["--up-trace", trace] if trace else ["--up-rate-mbps", rate_mbps]),
                        "--down-rate-mbps", down_rate_mbps or rate_mbps, "--delay-ms", rtt_ms / 2, "--loss", loss,
                        "--seed", seed, *more]
        self.program = stage.start("link", [
            PROGRAMS / "turbo-link", "--cloud-netns-pid", self.cloud.pid, *self.request, "--status", self.status_path,
            "--vehicle-address", f"{VEHICLE_ADDRESS}/24", "--cloud-address", f"{CLOUD_ADDRESS}/24"], self.vehicle)
        self.program.wait_for("up:")

    def status(self):
        """Rows of 100 ms, each with its end on the machine's clock (unix_s)."""
        return read_json_lines(self.status_path)[1:]


def read_json_lines(path):
    lines = pathlib.Path(path).read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


def last_line(text):
    return (text.strip().splitlines() or ["(it said nothing)"])[-1]


def wait_until(condition, what, timeout_s=PATIENCE_S):
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise Trouble(f"not within {timeout_s} s: {what}")
        time.sleep(0.005)
