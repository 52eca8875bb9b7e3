"""One test's own corner of the machine: socket folder, service ids (and so region names), port, configuration files,
and the processes it started. Two runs beside each other, and a demo beside them, do not meet.
"""
import contextlib
import fcntl
import glob
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import yaml
import zmq

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("TURBO_PROGRAMS", ROOT / "build/release/bin"))
# Of 32 x 64; a red, green or blue picture gives one detection, of label 0, 1 or 2.
MODEL = ROOT / "src/inference/testdata/good.onnx"
MODEL_SIZE = [32, 64]
FRAME_SIZE = [96, 160]
PATIENCE_S = 30  # of every wait; what is waited for takes far less


def wait_for(condition, what, timeout_s=PATIENCE_S, watch=()):
    """Returns the condition's first true value. Fails at once when a process in `watch` has ended."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        for process in watch:
            assert process.alive(), (f"{process.name} ended with {process.popen.returncode} before {what}:\n"
                                     f"{process.log()}")
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}" + "".join(
            f"\n-- {process.name}:\n{process.log()}" for process in watch)
        time.sleep(0.01)


def alive(pid):
    """Whether the process runs; a zombie does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


class Running:
    """A started process; its stdout and stderr lie in a file."""

    def __init__(self, name, command, log_path, run_dir=None):
        self.name, self.log_path, self.run_dir = name, log_path, run_dir
        with open(log_path, "ab") as log:
            self.popen = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
                                          start_new_session=True)
        self.pid = self.popen.pid

    def log(self):
        return self.log_path.read_text(errors="replace")

    def alive(self):
        return self.popen.poll() is None

    def signal(self, number):
        self.popen.send_signal(number)

    def wait(self, timeout_s=PATIENCE_S):
        """The exit status."""
        try:
            return self.popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end in {timeout_s} s:\n{self.log()}") from None

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self.popen.kill()
        self.popen.wait()

    def wait_for_log(self, text, count=1):
        wait_for(lambda: self.log().count(text) >= count, f"{self.name} says {text!r}", watch=[self])

    def events(self, event=None, process=None):
        """Of a main: the lines of its supervision.jsonl."""
        path = pathlib.Path(self.run_dir) / "supervision.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        rows = [json.loads(line) for line in lines if line.endswith("}")]
        return [row for row in rows if event in (None, row["event"]) and process in (None, row["process"])]

    def child(self, name):
        """Of a main: the pid of the child that was started last under this name."""
        return wait_for(lambda: self.events("started", name), f"{self.name} starts {name}", watch=[self])[-1]["pid"]


class Sandbox:
    def __init__(self, folder, certificates):
        self.folder, self.certificates = pathlib.Path(folder), certificates
        self.zmq_dir = tempfile.mkdtemp(prefix="turbo-t", dir="/tmp")
        self.ids_lock, self.first_id = self._own_ids()
        self.context = zmq.Context()
        self.processes, self.errors = [], []  # errors: of the doubles' threads
        self.on_close = contextlib.ExitStack()

    @staticmethod
    def _own_ids():
        """Ten service ids of nobody else: the regions of the machine are told apart by them."""
        for first in range(100, 990, 10):
            try:
                lock = open(f"/tmp/turbo-test-ids-{first}", "w")
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(lock.fileno()).st_ino != os.stat(lock.name).st_ino:
                    continue  # its owner has just removed it
            except OSError:
                continue
            for leftover in Sandbox._regions_of(first):
                with contextlib.suppress(OSError):
                    os.unlink(leftover)
            return lock, first
        raise RuntimeError("no free service ids: too many test runs on this machine")

    @staticmethod
    def _regions_of(first_id):
        return [path for n in range(first_id, first_id + 10) for path in glob.glob(f"/dev/shm/*service{n}-*")]

    def close(self):
        for process in self.processes:
            if process.alive():
                if process.run_dir and (pathlib.Path(process.run_dir) / "supervision.jsonl").exists():
                    process.signal(signal.SIGTERM)  # a main takes its children with it
                    with contextlib.suppress(AssertionError):
                        process.wait(10)
                process.kill()
        self.on_close.close()
        self.context.destroy(linger=0)
        shutil.rmtree(self.zmq_dir, ignore_errors=True)
        for path in self._regions_of(self.first_id):
            with contextlib.suppress(OSError):
                os.unlink(path)
        os.unlink(self.ids_lock.name)
        self.ids_lock.close()

    # ---- names

    def service(self, k=1):
        """The k-th service's id, k from 1."""
        return self.first_id + k

    def endpoint(self, pattern, k=1):
        return f"ipc://{self.zmq_dir}/" + pattern.replace("{N}", str(self.service(k)))

    def region(self, pattern, k=1):
        return "/dev/shm/" + pattern.replace("{N}", str(self.service(k)))

    def leftovers(self):
        """Sockets, locks and regions that lie about."""
        return sorted(os.listdir(self.zmq_dir)) + self._regions_of(self.first_id)

    @staticmethod
    def free_port(kind=socket.SOCK_DGRAM, host="127.0.0.1"):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
            probe.bind((host, 0))
            return probe.getsockname()[1]

    # ---- configuration: each gives a dict; write() makes the file

    def write(self, name, content):
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
        return str(path)

    def client_config(self, services=1, **changes):
        ids = [self.service(k) for k in range(1, services + 1)]
        table = self.write("model_info.csv", "Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]\n"
                           "td1-imgcompNone-inpcompNone,0,20,0.2\ntd2-imgcompNone-inpcomp75,0.05,20,0.6\n")
        config = {
            "zmq_dir": self.zmq_dir, "experiment_output_dir": str(self.folder / "runs"), "DST_IP": "127.0.0.1",
            "SLO_TIMEOUT": 1000, "QUIC_SHM_SIZE": 1_000_000, "MAX_LOG_ENTRIES": 1,
            "model_image_size_map": {"td1": MODEL_SIZE, "td2": MODEL_SIZE},
            "onvehicle_model_path": str(MODEL), "onvehicle_model_name": "td1",
            "main_client_config_list": [{"service_id": n} for n in ids],
            "camera_stream_config_list": [
                {"camera_id": n, "source": "image", "mock_camera_image_path": str(self.picture()),
                 "frames_per_second": 10, "camera_np_size": FRAME_SIZE + [3], "shmem_buf_size": 1_000_000}
                for n in ids],
            "bandwidth_allocator_config": {"service_id_list": ids, "t_SLO": min(900, changes.get("SLO_TIMEOUT", 1000)),
                                           "model_info_csv_path": table},
            "ping_handler_config": {}, "main_plotter_config": {"port": 0},
        }
        return config | changes

    def server_config(self, services=1, **changes):
        config = {
            "zmq_dir": self.zmq_dir, "experiment_output_dir": str(self.folder / "runs"), "SHM_FILESIZE": 1_000_000,
            "server_model_list": [{"base_model": "td2", "checkpoint_path": str(MODEL), "image_size": MODEL_SIZE}],
            "server_config_list": [{"service_id": self.service(k)} for k in range(1, services + 1)],
        }
        return config | changes

    def quic_config(self, port, services=1, **changes):
        """Of both ends."""
        config = {
            "zmq_dir": self.zmq_dir, "experiment_output_dir": str(self.folder / "runs"),
            "services": [self.service(k) for k in range(1, services + 1)], "server_address": f"127.0.0.1:{port}",
            "server_name": "turbo-server", "ca_certificate_path": str(self.certificates / "ca.pem"),
            "vehicle_certificate_path": str(self.certificates / "vehicle-1.pem"),
            "vehicle_private_key_path": str(self.certificates / "vehicle-1.key"),
            "certificate_path": str(self.certificates / "turbo-server.pem"),
            "private_key_path": str(self.certificates / "turbo-server.key"),
            "fleet_ca_certificate_path": str(self.certificates / "ca.pem"),
            "revoked_certificates_path": str(self.certificates / "revoked.pem"),
            "slo_timeout_ms": 1000, "request_slo_ms": 1000, "init_allocation": 1_000_000,
        }
        return config | changes

    def picture(self, colour=(255, 0, 0)):
        """A picture of one colour (blue, green, red) as a file."""
        import cv2
        import numpy
        path = self.folder / ("picture-%d-%d-%d.png" % colour)
        if not path.exists():
            cv2.imwrite(str(path), numpy.full(FRAME_SIZE + [3], colour, numpy.uint8))
        return path

    # ---- processes

    def start(self, program, *arguments, name=None, run_dir=None):
        """Starts build/.../turbo-PROGRAM with a run folder of its own."""
        name = f"{name or program}-{len(self.processes)}"
        run_dir = run_dir or self.folder / f"run-{name}"
        command = [PROGRAMS / f"turbo-{program}", *map(str, arguments), "--run-dir", str(run_dir)]
        return self.start_command(name, command, run_dir)

    def start_command(self, name, command, run_dir=None):
        process = Running(name, command, self.folder / f"{name}.log", run_dir)
        self.processes.append(process)
        return process
