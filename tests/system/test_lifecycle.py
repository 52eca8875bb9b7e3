"""What holds for every process alone: it starts without any of its peers, owns its sockets and regions, refuses to be
there twice, takes over what a killed one left, and ends clean.
"""
import os
import signal

import pytest

from processes import PROCESSES, Setup
from sandbox import PROGRAMS, wait_for

pytestmark = pytest.mark.programs(*PROCESSES)


@pytest.mark.parametrize("name", PROCESSES)
def test_one_owner_stale_leftovers_and_a_clean_end(sandbox, name):
    setup = Setup(sandbox)
    first = setup.start(name)
    second = setup.start(name, ready=False)
    assert second.wait() == 1
    lines = [line for line in second.log().splitlines() if line.startswith("turbo-")]
    assert len(lines) == 1 and f"in use by process {first.pid}" in lines[0], second.log()
    assert first.alive() and setup.owns(name, first.pid)

    first.kill()
    assert len(sandbox.leftovers()) == sum(2 if path.endswith(".lock") else 1 for path in setup.paths(name))
    third = setup.start(name)
    assert setup.stop(name, third) == 0
    assert sandbox.leftovers() == []


@pytest.mark.parametrize("name", PROCESSES)
def test_signals(sandbox, name):
    """SIGTERM and, started by hand, SIGINT end it; below a main, which ignores it for its children, SIGINT does not."""
    setup = Setup(sandbox)
    for number in (signal.SIGTERM, signal.SIGINT):
        process = setup.start(name)
        process.signal(number)
        assert process.wait() == 0, process.log()
        assert sandbox.leftovers() == []
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited
    try:
        process = setup.start(name)
    finally:
        signal.signal(signal.SIGINT, before)
    process.signal(signal.SIGINT)
    status = dict(line.split(":", 1) for line in open(f"/proc/{process.pid}/status"))
    assert int(status["SigIgn"], 16) >> (signal.SIGINT - 1) & 1
    assert process.alive() and setup.stop(name, process) == 0
    assert sandbox.leftovers() == []


@pytest.mark.parametrize("name", ["client", "model-server"])
def test_nothing_is_told_to_the_maker_of_the_inference_library(sandbox, name):
    """ONNX Runtime has telemetry: a database in the user's home, which it sends."""
    home = sandbox.folder / "home"
    home.mkdir()
    setup = Setup(sandbox)
    run = sandbox.folder / "run"
    process = sandbox.start_command(name, ["env", "-u", "XDG_CACHE_HOME", f"HOME={home}", PROGRAMS / f"turbo-{name}",
                                           *setup.arguments(name), "--run-dir", run])
    wait_for(lambda: setup.owns(name, process.pid), f"{name} has its sockets", watch=[process])
    assert setup.stop(name, process) == 0
    assert os.listdir(home) == [] and not os.path.exists(f"/tmp/mat-debug-{process.pid}.log")
