"""turbo-quic-client and turbo-quic-server over a link, between clients, model servers and an allocator that are doubles
(turbo-bench-frames). The real processes, their own sockets and regions.
"""
import subprocess
import sys
import tempfile
import time

from harness import PROGRAMS, ROOT
from harness.stage import CLOUD_ADDRESS, Trouble, read_json_lines, wait_until

sys.path.append(str(ROOT / "tests/system"))
from sandbox import Sandbox  # noqa: E402  (own socket folder and service ids, as every system test has them)

PORT, SERVICES = 4433, 3


class Road:
    """begin(); then finish() gives the frames, reports and diagnostics. Ends with its stage."""

    def __init__(self, context, stage, link, quic=(), frame_bytes=40_000, interval_ms=(100,), server_ms=25, slo_ms=150,
                 seconds=3600, rates_mbps=()):
        self.stage, self.seconds = stage, seconds
        self.folder = tempfile.mkdtemp(prefix="road-", dir=stage.folder)
        self.sandbox = Sandbox(self.folder, context.certificates)
        stage.on_close.callback(self.sandbox.close)
        self.ids = [self.sandbox.service(k) for k in range(1, SERVICES + 1)]
        self.config = self.sandbox.write("quic.yaml", context.quic_config(self.sandbox, SERVICES, f"{CLOUD_ADDRESS}:{PORT}") | {
            "bw_update_interval_ms": 100, "logging_interval_ms": 100, "request_slo_ms": slo_ms, "slo_timeout_ms": slo_ms,
        } | dict(quic))
        self.link = stage.link(**link)
        self.server = self._start("quic-server", self.link.cloud)
        self.client = self._start("quic-client", self.link.vehicle)
        self.output = f"{self.folder}/frames.jsonl"
        self.doubles_command = [
            PROGRAMS / "turbo-bench-frames", "--zmq-dir", self.sandbox.zmq_dir, "--services",
            ",".join(map(str, self.ids)), "--frame-bytes", frame_bytes, "--interval-ms", ",".join(map(str, interval_ms)),
            "--server-ms", server_ms, "--slo-ms", slo_ms, "--seconds", seconds, "--output", self.output]
        if rates_mbps:
            self.doubles_command += ["--rates-mbps", ",".join(map(str, rates_mbps))]

    def _start(self, name, node):
        return self.stage.start(name, [PROGRAMS / f"turbo-{name}", "--config", self.config, "--run-dir",
                                       f"{self.folder}/{name}"], node)

    def accepts_configuration(self):
        """Whether this build knows every key."""
        return subprocess.run([PROGRAMS / "turbo-quic-client", "--config", self.config, "--check"],
                              capture_output=True).returncode == 0

    def begin(self, connected_by=None):
        """Once the two ends have found each other, or at a moment of the monotonic clock, whatever is first."""
        if connected_by is None:
            self.client.wait_for("connected to the cloud")
        else:
            while "connected to the cloud" not in self.client.log() and time.monotonic() < connected_by:
                time.sleep(0.005)
        self.doubles = self.stage.start("frames", self.doubles_command).wait_for("ready")
        self.began_ns = time.monotonic_ns()

    def finish(self):
        """frames: with times in ns of the monotonic clock, 0: never; reports and diagnostics: (t_ns, object)."""
        self.doubles.wait(self.seconds + 30)
        for program in (self.client, self.server):
            if program.popen.poll() is not None:
                raise Trouble(f"{program.name} ended with {program.popen.returncode}")
        rows = read_json_lines(self.output)
        return {"frames": [row["frame"] for row in rows if "frame" in row],
                "reports": [(row["t_ns"], row["report"]) for row in rows if "report" in row],
                "diagnostics": [(row["t_ns"], row["diagnostic"]) for row in rows if "diagnostic" in row],
                "link": self.link.status(), "began_ns": self.began_ns,
                "unix_offset_s": time.time() - time.monotonic()}


class Fleet:
    """Vehicles with a service each and one server, on the loopback device; the doubles of all are one process."""

    IDS_OF_SANDBOX = 9

    def __init__(self, context, stage, certificates, count):
        self.stage, self.context, self.node = stage, context, stage.node()
        self.folder, self.certificates = tempfile.mkdtemp(prefix="fleet-", dir=stage.folder), certificates
        sandboxes = [Sandbox(self.folder, certificates) for _ in range(0, count, self.IDS_OF_SANDBOX)]
        for sandbox in sandboxes:
            stage.on_close.callback(sandbox.close)
        self.sandbox = sandboxes[0]
        self.ids = [sandbox.service(k) for sandbox in sandboxes for k in range(1, self.IDS_OF_SANDBOX + 1)][:count]
        self.server = self._start("quic-server", "server", self.ids, {})
        wait_until(lambda: "listening" in self.server.log(), "turbo-quic-server listens")

    def _start(self, program, name, ids, more):
        config = self.context.quic_config(self.sandbox, 1, f"127.0.0.1:{PORT}") | {"services": ids} | more
        path = self.sandbox.write(f"{name}.yaml", config)
        return self.stage.start(program, [PROGRAMS / f"turbo-{program}", "--config", path, "--run-dir",
                                          f"{self.folder}/{name}"], self.node)

    def connect(self):
        clients = [self._start("quic-client", f"vehicle-{number}", [service], {
            "vehicle_certificate_path": f"{self.certificates}/vehicle-{number}.pem",
            "vehicle_private_key_path": f"{self.certificates}/vehicle-{number}.key"})
            for number, service in enumerate(self.ids, 1)]
        for client in clients:
            client.wait_for("connected to the cloud")

    def begin(self, frame_bytes, interval_ms):
        self.output = f"{self.folder}/frames.jsonl"
        self.doubles = self.stage.start("frames", [
            PROGRAMS / "turbo-bench-frames", "--zmq-dir", self.sandbox.zmq_dir, "--services",
            ",".join(map(str, self.ids)), "--frame-bytes", frame_bytes, "--interval-ms", interval_ms, "--seconds", 3600,
            "--output", self.output]).wait_for("ready")

    def answered(self):
        """Ends the frames; the share that was answered of those that had a second for it."""
        last_ns = time.monotonic_ns() - 1_000_000_000
        self.doubles.stop()
        frames = [row["frame"] for row in read_json_lines(self.output) if "frame" in row]
        frames = [frame for frame in frames if frame["handed_ns"] < last_ns]
        return sum(frame["answered_ns"] > 0 for frame in frames) / max(1, len(frames))
