"""turbo-demo with two still pictures for cameras: what it counts."""
import json
import socket
import subprocess

import pytest

from processes import MAINS, PROCESSES
from sandbox import PROGRAMS

pytestmark = pytest.mark.programs("demo", "link", *PROCESSES, *MAINS)
SECONDS = 3


def test_its_time_is_that_of_all_cameras_and_frames_beyond_it_count_nowhere(sandbox):
    client = sandbox.client_config(2)
    client["main_plotter_config"] = {"port": sandbox.free_port(socket.SOCK_STREAM)}
    quic = sandbox.quic_config(sandbox.free_port(), 2)
    cloud = quic | {"server_address": quic["server_address"].replace("127.0.0.1", "0.0.0.0")}
    folder = sandbox.folder / "demo"
    demo = subprocess.run(
        [PROGRAMS / "turbo-demo", "--duration", str(SECONDS), "--run-dir", folder,
         "--client-config", sandbox.write("client.yaml", client), "--quic-client-config", sandbox.write("quic.yaml", quic),
         "--server-config", sandbox.write("server.yaml", sandbox.server_config(2)),
         "--quic-server-config", sandbox.write("cloud.yaml", cloud)], capture_output=True, text=True, timeout=120)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "Waiting for the cameras" in demo.stdout
    summary = json.loads(demo.stdout.splitlines()[-1])
    begin, end = summary["measured_from_unix_s"], summary["measured_until_unix_s"]
    assert end - begin >= SECONDS - 0.01

    rows = [json.loads(line) for path in folder.glob("vehicle/client-*/deliveries.jsonl")
            for line in path.read_text().splitlines()]
    # The summary's times are rounded, so a frame at one of them may be counted or not.
    counted = [row for row in rows if begin <= row["capture_unix_s"] and
               row["capture_unix_s"] + row["deadline_ms"] / 1e3 <= end]
    assert abs(len(counted) - summary["frames"]) <= 2 and summary["frames"] + summary["left_out"] == len(rows)
    assert summary["left_out"] > 0 and 0 < summary["with_result"] <= summary["frames"]
    for camera in client["main_client_config_list"]:
        first = min(row["capture_unix_s"] for row in rows if row["service_id"] == camera["service_id"])
        assert first < begin, "the time began when every camera had sent a frame"
    again = subprocess.run([PROGRAMS / "turbo-score", folder, "--json"], capture_output=True, text=True, timeout=60)
    assert abs(json.loads(again.stdout)["frames"] - summary["frames"]) <= 2
