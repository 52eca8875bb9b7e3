"""turbo-client-main and turbo-server-main alone: their children are doubles, fake_child.py under their names."""
import json
import os
import re
import shutil
import signal
import stat
import sys

import pytest

from processes import PROCESSES, Setup
from sandbox import PROGRAMS, alive, wait_for

pytestmark = pytest.mark.programs("client-main", "server-main")
HERE = os.path.dirname(os.path.abspath(__file__))
CLOUD = ("model-server", "quic-server")


def kind_of(name):
    """client-101 is a client."""
    return name.rstrip("0123456789").rstrip("-")


class Bench:
    """A copy of the main beside doubles of all its children."""

    def __init__(self, sandbox, main, *arguments, services=2, without=(), **behaviour):
        self.sandbox, self.setup, self.main = sandbox, Setup(sandbox, services), main
        self.programs = sandbox.folder / "programs"
        self.programs.mkdir()
        shutil.copy(PROGRAMS / f"turbo-{main}", self.programs)
        for name in PROCESSES:
            if name in without:
                continue
            path = self.programs / f"turbo-{name}"
            path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE}/fake_child.py" "{sandbox.folder}" '
                            f'turbo-{name} "$@"\n')
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        self.behave(**behaviour)
        self.run_dir = sandbox.folder / "run"
        self.process = sandbox.start_command(main, [
            self.programs / f"turbo-{main}", *self.setup.arguments(main), "--run-dir", str(self.run_dir), *arguments],
            self.run_dir)

    def behave(self, **behaviour):
        """By the child's name with _ for -; camera_stream_1 is that of the first service."""
        names = {name.replace("_", "-"): how for name, how in behaviour.items()}
        for k in (1, 2):
            names |= {name.removesuffix(f"-{k}") + f"-{self.sandbox.service(k)}": how for name, how in names.items()
                      if name.endswith(f"-{k}")}
        self.sandbox.write("behaviour.json", json.dumps(names))

    def children(self):
        """By name, as they said it themselves; the newest of each."""
        out = {}
        for path in sorted(self.sandbox.folder.glob("*.*.json"), key=os.path.getmtime):
            record = json.loads(path.read_text())
            out[record["name"]] = record
        return out

    def expected(self):
        ids = [self.sandbox.service(k) for k in range(1, self.setup.services + 1)]
        names = [name for name in PROCESSES if (name in CLOUD) == (self.main == "server-main")]
        return {f"{name}-{n}" for name in names for n in ids if PROCESSES[name].per_service} | {
            name for name in names if not PROCESSES[name].per_service}

    def all_there(self):
        return wait_for(lambda: (there := self.children()).keys() == self.expected() and there, "all children run",
                        watch=[self.process])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("main", ["client-main", "server-main"])
def test_starts_all_and_stops_all(sandbox, main, number):
    flag = {"client-main": "--mock-camera", "server-main": "--mock-inference"}[main]
    bench = Bench(sandbox, main, "--server", "192.0.2.7:9999", flag)
    for name, child in bench.all_there().items():
        kind = kind_of(name)
        value = dict(zip(child["arguments"], child["arguments"][1:]))
        assert value["--config"] == bench.setup.files[PROCESSES[kind].config]
        assert value["--run-dir"] == str(bench.run_dir / name)
        assert value.get("--service-id") == (name.rsplit("-", 1)[1] if PROCESSES[kind].per_service else None)
        to_server = kind in ("quic-client", "quic-server", "ping-handler")
        assert value.get("--server") == ("192.0.2.7:9999" if to_server else None)
        assert (flag in child["arguments"]) == (kind in ("camera-stream", "model-server"))
        assert child["parent"] == bench.process.pid and child["ignores_sigint"]
    if number == signal.SIGINT:
        os.killpg(bench.process.pid, number)  # as Ctrl-C: it reaches the children too
    else:
        bench.process.signal(number)
    assert bench.process.wait() == 0
    for name, child in bench.children().items():
        assert child["ended_by"] == ("ABORT" if PROCESSES[kind_of(name)].kill_switch else "SIGTERM"), name
    assert {row["process"] for row in bench.process.events("stopped")} == bench.expected()
    assert not bench.process.events("died") and not bench.process.events("killed")
    stamp = json.loads((bench.run_dir / "run.json").read_text())
    assert {"command_line", "config_hash", "commit"} <= set(stamp) and (bench.run_dir / "log.txt").exists()


def test_a_child_that_dies_is_started_again_and_the_log_says_why(sandbox):
    bench = Bench(sandbox, "server-main", model_server_1="exit 3")
    name = f"model-server-{sandbox.service(1)}"
    bench.process.wait_for_log(f"{name} (pid", 4)  # started, died, started, died
    deaths = wait_for(lambda: len(deaths := bench.process.events("died", name)) >= 3 and deaths, "it dies thrice")
    assert all(row["why"] == "exit status 3" for row in deaths)
    again = re.compile(rf"{name} \(pid \d+\) died: exit status 3; starting it again in (\d+) ms")
    pauses = wait_for(lambda: len(found := again.findall(bench.process.log())) >= 3 and found, "it says so thrice")
    assert pauses[:3] == ["200", "400", "800"]
    for pause, earlier, later in zip(pauses, deaths, deaths[1:]):
        assert later["timestamp"] - earlier["timestamp"] > int(pause) / 1000 - 0.05  # two clocks
    bench.behave()
    child = bench.all_there()[f"model-server-{sandbox.service(2)}"]
    os.kill(child["pid"], signal.SIGKILL)
    bench.process.wait_for_log("died: killed by signal 9 (Killed); starting it again")
    wait_for(lambda: bench.children()[child["name"]]["pid"] != child["pid"], "another is there")
    assert bench.process.stop() == 0


def test_a_child_that_does_not_stop_is_killed_and_named(sandbox):
    bench = Bench(sandbox, "client-main", client_2="hang", plotter="hang")
    children = bench.all_there()
    bench.process.signal(signal.SIGTERM)
    bench.process.wait()
    for name in (f"client-{sandbox.service(2)}", "plotter"):
        assert f"{name} (pid {children[name]['pid']}) did not stop in 5 s: killed" in bench.process.log()
        assert bench.process.events("killed", name)
    assert not any(alive(child["pid"]) for child in children.values())
    assert len(bench.process.events("stopped")) == len(children) - 2


def test_a_child_that_refuses_its_configuration_stops_everything(sandbox):
    bench = Bench(sandbox, "client-main", bandwidth_allocator="exit 2")
    assert bench.process.wait() == 1
    assert "bandwidth-allocator refused its configuration" in bench.process.log()
    assert not any(alive(child["pid"]) for child in bench.children().values())


@pytest.mark.parametrize("main", ["client-main", "server-main"])
def test_if_the_main_dies_its_children_stop(sandbox, main):
    bench = Bench(sandbox, main)
    children = bench.all_there()
    bench.process.kill()
    wait_for(lambda: not any(alive(child["pid"]) for child in children.values()), "they end by themselves")
    assert {child["ended_by"] for child in bench.children().values()} == {"SIGTERM"}


def test_external_processes_are_left_to_the_user(sandbox):
    n = sandbox.service(1)
    bench = Bench(sandbox, "client-main", "--external", f"client-{n},plotter", "--external", "ping-handler", services=1)
    there = {"quic-client", "bandwidth-allocator", f"camera-stream-{n}"}
    wait_for(lambda: bench.children().keys() == there, "the others run", watch=[bench.process])
    assert bench.process.stop() == 0
    assert bench.children().keys() == there


def test_a_program_that_is_missing(sandbox):
    bench = Bench(sandbox, "server-main", without=["quic-server"])
    assert bench.process.wait() == 1
    assert "there is no program" in bench.process.log() and "turbo-quic-server" in bench.process.log()
    assert not bench.children()
