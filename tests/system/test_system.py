"""All ten programs, with real UDP over loopback: frames flow and the cloud's answers come back, whatever the order of
starting, and again after any of the processes was killed. Small frames and the little test model, so that two cores do.
"""
import json
import os
import signal

import pytest

from processes import MAINS, PROCESSES, Setup, open_files
from sandbox import alive, wait_for

pytestmark = pytest.mark.programs(*PROCESSES, *MAINS)
ORDER = ["plotter", "ping-handler", "bandwidth-allocator", "quic-client", "camera-stream", "client", "model-server",
         "quic-server"]


class System:
    def __init__(self, sandbox, services=1):
        self.sandbox, self.services = sandbox, services
        self.setup = Setup(sandbox, services)
        self.mains = {}

    def start_main(self, main, *arguments, ready=True):
        if main == "client-main":
            arguments = ["-s", f"127.0.0.1:{self.setup.port}", *arguments]
        self.mains[main] = self.setup.start(main, *arguments)
        return self.mains[main]

    def deliveries(self, k=1):
        """What client k has delivered and written down, in all its lives."""
        n = self.sandbox.service(k)
        rows = []
        for path in self.sandbox.folder.glob("run-client*/**/deliveries.jsonl"):
            rows += [row for row in map(json.loads, whole_lines(path)) if row["service_id"] == n]
        return rows

    def flows(self, what, watch=None):
        """Every client goes on, and delivers answers of the cloud that it has not delivered before."""
        before = {k: len(self.remote(k)) for k in range(1, self.services + 1)}
        wait_for(lambda: all(len(self.remote(k)) > count + 2 for k, count in before.items()),
                 f"the cloud's answers are delivered {what}", timeout_s=60,
                 watch=self.mains.values() if watch is None else watch)

    def remote(self, k):
        return [row for row in self.deliveries(k) if row["source"] == "remote"]

    def children(self):
        """(main, name) of each."""
        out = []
        for main in self.mains.values():
            out += [(main, name) for name in {row["process"]: 0 for row in main.events("started")}]
        return out

    def stop(self):
        for main in self.mains.values():
            assert main.stop() == 0
            assert not main.events("killed")


def whole_lines(path):
    return [line for line in path.read_text().splitlines(True) if line.endswith("\n")]


@pytest.mark.parametrize("order", [["client-main", "server-main"], ["server-main", "client-main"]])
def test_two_mains_in_either_order(sandbox, order):
    system = System(sandbox, services=2)
    for main in order:
        system.start_main(main)
    system.flows("after the start")
    for k in (1, 2):
        rows = system.deliveries(k)
        ids = [row["context_id"] for row in rows]
        assert len(set(ids)) == len(ids)  # one delivery a frame
        for row in system.remote(k):
            assert row["in_time"] and row["offloaded"] and row["model_config"] == "td2-imgcompNone-inpcomp75"
            for labels in ("detections", "vehicle_detections"):
                assert [detection[5] for detection in row[labels]] == [2]  # the picture is blue
    assert not [row for main in system.mains.values() for row in main.events("died")]
    system.stop()
    assert sandbox.leftovers() == []


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_single_processes_in_every_order(sandbox, first):
    """By hand, one after the other, each when the one before is ready; every one is once the first, once the last."""
    system = System(sandbox)
    running = {}
    for name in ORDER[first:] + ORDER[:first]:
        running[name] = system.setup.start(name)
    system.flows("whatever the order", watch=running.values())
    for name, process in running.items():
        assert system.setup.stop(name, process) == 0, process.log()
    assert sandbox.leftovers() == []


def test_kill_9_of_every_process_in_turn(sandbox):
    system = System(sandbox, services=2)
    system.start_main("server-main")
    system.start_main("client-main")
    system.flows("at first")
    children = system.children()
    assert len(children) == 3 + 8
    for main, name in children:
        pid = main.child(name)
        starts = len(main.events("started", name))
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: len(main.events("started", name)) > starts, f"{name} is started again", watch=[main])
        system.flows(f"after {name} was killed")
        assert len(main.events("died", name)) == 1, main.log()
        assert f"{name} (pid {pid}) died: killed by signal 9" in main.log()
    system.stop()
    assert sandbox.leftovers() == []


@pytest.mark.parametrize("main", ["client-main", "server-main"])
def test_kill_9_of_a_main(sandbox, main):
    """Its children end by themselves and leave nothing; it is started again, and goes on."""
    system = System(sandbox)
    system.start_main("server-main")
    system.start_main("client-main")
    system.flows("at first")
    pids = [row["pid"] for row in system.mains[main].events("started")]
    system.mains[main].kill()
    wait_for(lambda: not any(map(alive, pids)), "its children end")
    mine = {name for name in PROCESSES if (name in ("model-server", "quic-server")) == (main == "server-main")}
    for name in mine:
        assert not any(os.path.exists(path) for path in system.setup.paths(name)), name
    system.start_main(main)
    system.flows("again")
    system.stop()
    assert sandbox.leftovers() == []


def test_all_at_once_killed_and_started_again(sandbox):
    """A power cut: nothing has been cleaned up, and nothing needs to be."""
    system = System(sandbox)
    system.start_main("server-main")
    system.start_main("client-main")
    system.flows("at first")
    pids = [row["pid"] for main in system.mains.values() for row in main.events("started")]
    for main in system.mains.values():
        main.signal(signal.SIGSTOP)  # so that it does not start them again
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for main in system.mains.values():
        main.kill()
    assert len(sandbox.leftovers()) > 20
    system.start_main("client-main")
    system.start_main("server-main")
    system.flows("after it all")
    system.stop()
    assert sandbox.leftovers() == []


@pytest.mark.parametrize("main", ["client-main", "server-main"])
def test_a_second_main_in_the_same_place_is_refused(sandbox, main):
    """It would stop the children of the first one, whose kill switches have the same names."""
    system = System(sandbox)
    system.start_main("server-main")
    system.start_main("client-main")
    first = system.mains[main]
    first.wait_for_log("started")
    second = system.setup.start(main)
    assert second.wait() == 1
    assert second.log().count("\n") == 1 and f"in use by process {first.pid}" in second.log()
    system.flows("undisturbed")
    assert not first.events("died")
    first.kill()
    system.start_main(main)  # what a dead one left is taken over
    system.flows("again")
    system.stop()
    assert sandbox.leftovers() == []


def test_replacing_one_process_by_hand(sandbox):
    """--external: the user's own process takes the place of a child, before or after the main is there."""
    system = System(sandbox)
    n = sandbox.service()
    model_server = system.setup.start("model-server")
    system.start_main("server-main", "--external", f"model-server-{n}")
    system.start_main("client-main", "--external", f"client-{n},bandwidth-allocator")
    client = system.setup.start("client")
    allocator = system.setup.start("bandwidth-allocator")
    system.flows("with three processes of one's own", watch=[model_server, client, allocator, *system.mains.values()])
    system.stop()
    for process in (model_server, client, allocator):
        assert process.wait() == 0  # the mains told them, by their kill switches
    assert sandbox.leftovers() == []


def test_a_link_that_is_gone_for_a_while(sandbox):
    """Without the cloud the vehicle answers every frame by its deadline; the cloud is used again when it is back."""
    system = System(sandbox)
    system.start_main("client-main")
    client = system.mains["client-main"]
    wait_for(lambda: len(system.deliveries()) > 5, "the vehicle is by itself", watch=[client])
    assert all(row["source"] == "vehicle" and row["in_time"] for row in system.deliveries())
    system.start_main("server-main")
    system.flows("with the cloud")
    quic_server = system.mains["server-main"].child("quic-server")
    os.kill(quic_server, signal.SIGSTOP)  # silent, not gone
    try:
        before = len(system.deliveries())
        wait_for(lambda: [row["source"] for row in system.deliveries()[before:]][-3:] == ["vehicle"] * 3,
                 "the vehicle answers alone", watch=[client])
    finally:
        os.kill(quic_server, signal.SIGCONT)
    system.flows("with the cloud again")
    assert open_files(quic_server)  # the same one
    system.stop()
