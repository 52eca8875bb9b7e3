"""turbo-score on what a real run recorded: why frames of it were late."""
import json
import os
import signal
import subprocess

import pytest

from processes import MAINS, PROCESSES
from sandbox import PROGRAMS, wait_for
from test_system import System

pytestmark = pytest.mark.programs("score", *PROCESSES, *MAINS)


def score(*arguments):
    return subprocess.run([PROGRAMS / "turbo-score", *map(str, arguments)], capture_output=True, text=True, timeout=60)


def test_a_model_server_that_stands_still_is_found(sandbox):
    """Frames of that time have no answer, or a late one, and the time is seen where it passed."""
    system = System(sandbox)
    system.start_main("server-main")
    system.start_main("client-main")
    system.flows("at first")
    wait_for(lambda: any('"plot_id":2' in path.read_text() and '"connected":true' in path.read_text()
                         for path in sandbox.folder.glob("run-client*/plotter/diagnostics.jsonl")), "a report is recorded")
    model_server = system.mains["server-main"].child(f"model-server-{sandbox.service(1)}")
    os.kill(model_server, signal.SIGSTOP)
    wait_for(lambda: sum(row["offloaded"] and row["source"] == "vehicle" for row in system.deliveries()) > 2,
             "the vehicle answers instead")
    os.kill(model_server, signal.SIGCONT)
    system.flows("again")
    system.stop()

    folders = sorted(sandbox.folder.glob("run-*"))
    told = json.loads(score(*folders, "--late", "--json", "--count", 1000).stdout)
    assert told["not_recorded"] == "" and told["frames"] > told["late"] == len(told["late_frames"]) > 2
    assert abs(sum(cause["share"] for cause in told["causes"]) - 1) < 0.01
    in_cloud = {"waiting in the QUIC server", "model server's queue", "decoding and resizing", "inference",
                "the cloud's hand-overs", "model server"}
    stalled = [frame for frame in told["late_frames"] if frame["cause"] in in_cloud]
    assert len(stalled) > 1, told["causes"]
    table = score(*folders, "--late", "-n", 1)
    assert table.returncode == 0 and f"and {told['late'] - 1} more" in table.stdout, table.stderr

    name = f"{stalled[0]['service_id']}:{stalled[0]['context_id']}"
    timeline = score(*folders, "--frame", name).stdout
    for words in (f"frame {name}, captured ", "compression", "waiting to be sent", "network, there",
                  "waiting in the QUIC server", "Mbps estimated", "chosen ", "; needs ", "; next best "):
        assert words in timeline, timeline
    one = json.loads(score(*folders, "--frame", name, "--json").stdout)
    assert one["cause"] == stalled[0]["cause"] and one["link"]["connected"] and one["decision"]["model_config"]
    assert one["chosen"]["model_config"] == one["decision"]["model_config"]
    assert one["chosen"]["unix_s"] <= one["decision"]["unix_s"] <= one["capture_unix_s"]

    # One that was in time: its stages are its whole way.
    row = next(row for row in system.remote(1) if row["in_time"])
    one = json.loads(score(*folders, "--frame", f"{row['service_id']}:{row['context_id']}", "--json").stdout)
    assert one["end"] == "in_time" and one["stages"][-1]["stage"] == "back to the client"
    assert abs(sum(stage["took_ms"] for stage in one["stages"]) - row["remote_latency_ms"]) < 1

    # Of the vehicle's folder alone the cloud's part is not known, which it says.
    vehicle = next(folder for folder in folders if folder.name.startswith("run-client"))
    assert "requests.jsonl" in score(vehicle, "--late").stdout


def test_what_it_refuses(sandbox):
    (sandbox.folder / "deliveries.jsonl").write_text("")
    for arguments, status, words in ((["--frame", "x5"], 2, "SERVICE:CONTEXT_ID"), (["--frame", "5"], 1, "no frame 5"), (["--frame", "1:2:3"], 2, "SERVICE:CONTEXT_ID"),
                                     (["--frame", "1:5"], 1, "no frame 1:5"), (["--late", "--frame", "1:5"], 2, "--late"),
                                     (["--count", "5"], 2, "--late"), (["--late", "--count", "-1"], 2, "--count")):
        result = score(sandbox.folder, *arguments)
        assert result.returncode == status and result.stderr.count("\n") == 1 and words in result.stderr, result.stderr
    assert score(sandbox.folder, "--late").stdout.startswith("0 of 0 frames were late")


def test_a_context_id_alone_names_a_frame_where_only_one_service_has_it(sandbox):
    row = {"capture_unix_s": 9.5, "source": "vehicle", "offloaded": False, "in_time": True, "latency_ms": 90,
           "received_ms": 1, "deadline_ms": 200, "not_offloaded": "turn"}
    (sandbox.folder / "deliveries.jsonl").write_text("".join(
        json.dumps(row | {"service_id": service, "context_id": context}) + "\n" for service, context in ((1, 5), (1, 6), (2, 6))))
    assert "frame 1:5, captured " in score(sandbox.folder, "--frame", "5").stdout
    twice = score(sandbox.folder, "--frame", "6")
    assert twice.returncode == 2 and "name 1:6, 2:6" in twice.stderr, twice.stderr
    assert "frame 2:6, captured " in score(sandbox.folder, "--frame", "2:6").stdout
