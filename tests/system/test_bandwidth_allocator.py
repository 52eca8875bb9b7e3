"""turbo-bandwidth-allocator alone: QUIC client, ping handler, clients, plotter and client_main are doubles."""
import json
import subprocess

import pytest

from doubles import Asker, Collector, Replier
from garbage import bombard, shout
from processes import Setup
from sandbox import PROGRAMS, wait_for

pytestmark = pytest.mark.programs("bandwidth-allocator")
LOCAL, REMOTE = "td1-imgcompNone-inpcompNone", "td2-imgcompNone-inpcomp75"


class Bench:
    def __init__(self, sandbox, rtt="40.0", **changes):
        self.sandbox, self.setup = sandbox, Setup(sandbox, 2, client=changes)
        self.ids = [str(sandbox.service(k)) for k in (1, 2)]
        self.rtt = rtt
        self.ping = Replier(sandbox, sandbox.endpoint("ping-handler"), lambda parts: self.pinged(parts))
        self.clients = [Collector(sandbox, sandbox.endpoint("main-client-{N}-bw-subscriber", k)) for k in (1, 2)]
        self.plotter = Collector(sandbox, sandbox.endpoint("car-client-diagnostics"))
        self.process = self.setup.start("bandwidth-allocator")
        self.quic = Asker(sandbox, sandbox.endpoint("car-server-bw-service"))

    def pinged(self, parts):
        assert parts == [b"ping"]
        return [self.rtt.encode()] if self.rtt else None

    def ask(self, bw, rtt=0.0):
        return json.loads(self.quic.one(json.dumps({"bw": bw, "rtt": rtt, "more": ["is", "ignored"]})))

    def settles_on(self, config, bw, rtt=0.0):
        """Asks until every service has that configuration (a better one has to be better twice)."""
        return wait_for(lambda: (answer := self.ask(bw, rtt)) and
                        set(answer["model_config_map"].values()) == {config} and answer, config, watch=[self.process])


def test_answers_in_the_units_of_the_seed_and_tells_everybody(sandbox):
    bench = Bench(sandbox)
    answer = bench.settles_on(REMOTE, 50)
    assert set(answer["allocation_map"]) == set(answer["model_config_map"]) == set(bench.ids)
    assert 0.1 <= sum(answer["allocation_map"].values()) <= 50  # Mbps
    assert answer["rtt"] == pytest.approx(40) and answer["available_bw"] == pytest.approx(50)
    assert answer["expected_utility"] == pytest.approx(0.6)
    assert b"ping" in bench.ping.requests[0]
    for client in bench.clients:
        client.wait_for(lambda row: row["model_config_map"] == answer["model_config_map"], "the choice at a client")
    row = bench.plotter.wait_for(lambda row: row["model_config_map"] == answer["model_config_map"], "plot_id 2", 2)
    assert row["local_utility"] == pytest.approx(0.2) and row["timestamp"] > 1.6e9
    assert {"expected_utility", "allocation_map", "available_bw", "rtt"} <= set(row)

    answer = bench.settles_on(LOCAL, 0)  # a link that carries nothing
    assert answer["expected_utility"] == pytest.approx(0.2) and set(answer["allocation_map"].values()) == {0}


def test_round_trip_times_count_in_milliseconds(sandbox):
    """0.05 Mb within 900 - 40 - 20 ms needs 0.06 Mbps; with a round trip of 875 ms it needs 10."""
    bench = Bench(sandbox)
    bench.settles_on(REMOTE, 1)
    bench.rtt = "875"
    bench.settles_on(LOCAL, 1)
    bench.rtt = "950"
    bench.settles_on(LOCAL, 1000)
    bench.rtt = "1000.000"  # lost: QUIC's own is taken
    bench.settles_on(REMOTE, 1, rtt=40)


@pytest.mark.parametrize("rtt", [None, "", "nan", "-5", "40 ms", "1e400", "\xff" * 1000])
def test_a_ping_handler_that_is_none(sandbox, rtt):
    bench = Bench(sandbox, rtt)
    assert bench.ask(10, 33)["rtt"] == 33
    bench.rtt = "40.0"
    assert wait_for(lambda: bench.ask(10, 33)["rtt"] == 40, "the ping handler counts again")


def test_why_is_in_the_answer_and_in_the_log(sandbox):
    bench = Bench(sandbox)
    answer = bench.settles_on(REMOTE, 50)
    assert answer["inputs"]["rtt_source"] == "ping" and answer["inputs"]["bw"] == 50 and answer["reason"]
    assert answer["inputs"]["budget"] <= 50 and answer["inputs"]["allocator"] == "exact"
    second = answer["runner_up"]
    assert set(second["model_config_map"]) == set(bench.ids)
    assert second["model_config_map"] != answer["model_config_map"]
    assert second["expected_utility"] < answer["expected_utility"]
    row = bench.plotter.wait_for(lambda row: row["model_config_map"] == answer["model_config_map"], "plot_id 2", 2)
    assert row["reason"] and row["runner_up"]["model_config_map"]
    assert "expected to bring more than the choice before" in bench.process.log() and "; next best " in bench.process.log()


def test_a_report_that_is_none_changes_nothing(sandbox):
    bench = Bench(sandbox)
    bench.settles_on(REMOTE, 50)
    right = {"config": REMOTE, "finished": 5, "in_time": 5, "frame_bytes": {"p50": 6000, "p95": 7000},
             "server_ms": None, "cloud_ms": {"p50": 20.5, "p95": 30}}

    def report(service=None, **changes):
        services = {bench.ids[0]: right | (service or {}), "999": right}
        return json.dumps({"bw": 50, "rtt": 40, "bw_low": 40, "bw_high": 60, "min_rtt": 38, "app_limited": True,
                           "connected": True, "services": services} | changes)
    for wrong in (report(bw_low=70), report(bw_high=float("nan")), report(connected=1), report(services={"x": right}),
                  report({"in_time": 6}), report({"finished": -1}), report({"config": "td2"}),
                  report({"cloud_ms": {"p50": 2, "p95": 1}}), report({"frame_bytes": {"p50": 1}})):
        answer = bench.quic.one(wrong)
        assert answer.startswith(b"ERROR: ") and b"\n" not in answer, answer
    answer = json.loads(bench.quic.one(report()))
    assert set(answer["model_config_map"].values()) == {REMOTE} and set(answer["model_config_map"]) == set(bench.ids)
    assert bench.process.log().count("999") == 1 and "the last decision stays" in bench.process.log()


def test_in_silence_every_service_is_on_the_vehicle(sandbox):
    bench = Bench(sandbox)
    bench.settles_on(REMOTE, 50)
    seen = len(bench.clients[1].messages)
    row = bench.clients[1].wait_for(lambda row: set(row["model_config_map"].values()) == {LOCAL}, "back on the vehicle",
                                    watch=[bench.process], after=seen)
    assert set(row["allocation_map"].values()) == {0}
    bench.settles_on(REMOTE, 50)


def test_garbage(sandbox):
    bench = Bench(sandbox)
    bombard(sandbox, sandbox.endpoint("car-server-bw-service"), b'{"bw": 12.5, "rtt": 40.0}')
    for wrong in ({}, {"bw": 1}, {"bw": "1", "rtt": 1}, {"bw": -1, "rtt": 1}, {"bw": 1e300, "rtt": 1}, [1, 2]):
        assert bench.quic.one(json.dumps(wrong)).startswith(b"ERROR: ")
    shout(sandbox, sandbox.endpoint("bandwidth-allocator-kill-switch"), b"ABORT")
    bench.settles_on(REMOTE, 50)
    assert bench.setup.stop("bandwidth-allocator", bench.process) == 0


def test_weights_floors_and_rates_are_the_configurations(sandbox):
    ids = [sandbox.service(k) for k in (1, 2)]
    bench = Bench(sandbox, bandwidth_allocator_config=sandbox.client_config(2)["bandwidth_allocator_config"] | {
        "budget": "share:1", "weights": {ids[1]: 3.0}, "min_utilities": {ids[1]: 0.3}, "frame_rates": [2]})
    # 0.05 Mb within 900 - 40 - 20 ms are 0.0595 Mbps: one of two, however seldom the other one would send.
    wait_for(lambda: bench.ask(0.1)["model_config_map"] == {bench.ids[0]: LOCAL, bench.ids[1]: REMOTE},
             "the second first", watch=[bench.process])


@pytest.fixture
def evaluation(sandbox):
    """A small synthetic set: four drives, two models."""
    folder = sandbox.folder / "evaluation"
    subprocess.run([PROGRAMS / "turbo-evaluation", "make", folder, "--scenarios", "4", "--frames", "40", "--models",
                    "edd1", "edd2"], check=True, capture_output=True)
    return folder


@pytest.mark.programs("bandwidth-allocator", "evaluation")
def test_evaluation_data_give_the_utilities(sandbox, evaluation):
    ids = [1, 2]  # its cameras'
    config = sandbox.client_config(2)
    settings = {"service_id_list": ids, "t_SLO": 900, "model_info_csv_path": str(evaluation / "model_info.csv"),
                "parquet_eval_dir": str(evaluation), "onvehicle_model_name": "edd1"}
    config |= {"main_client_config_list": [{"service_id": n} for n in ids], "camera_stream_config_list": []}

    def start(**changes):
        path = sandbox.write("evaluated.yaml", config | {"bandwidth_allocator_config": settings | changes})
        return sandbox.start("bandwidth-allocator", "--config", path)
    process = start()
    asker = Asker(sandbox, f"ipc://{sandbox.zmq_dir}/car-server-bw-service")
    answer = wait_for(lambda: (answer := json.loads(asker.one(json.dumps({"bw": 1000, "rtt": 20})))) and
                      answer["expected_utility"] > answer["local_utility"] and answer, "more than on the vehicle",
                      watch=[process])
    assert all(config.startswith("edd2-") for config in answer["model_config_map"].values())
    assert process.stop() == 0
    process = start(parquet_eval_dir=str(evaluation / "edd1"))
    assert process.wait() == 2 and "edd1: no such folder of evaluation data" in process.log().splitlines()[-1]

    config["main_client_config_list"] = [{"service_id": 1}, {"service_id": 6}]
    path = sandbox.write("motion.yaml", config | {"bandwidth_allocator_config": settings | {"service_id_list": [1, 6]}})
    check = sandbox.start("bandwidth-allocator", "--config", path, "--check")
    assert check.wait() == 2 and check.log().count("\n") == 1 and "6 is motion prediction" in check.log(), check.log()


@pytest.mark.parametrize("table", [
    "", "no table\n", "Model,Network Transport Size [Mb],Runtime [ms]\nx,y,z\n",
    f"Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]\n{LOCAL},nan,1,1\n"])
def test_a_model_table_that_is_none(sandbox, table):
    path = sandbox.write("table.csv", table)
    setup = Setup(sandbox, client={"bandwidth_allocator_config": {
        "service_id_list": [sandbox.service()], "model_info_csv_path": path}})
    process = setup.start("bandwidth-allocator", ready=False)
    assert process.wait() == 2 and process.log().count("\n") == 1 and "table.csv" in process.log(), process.log()
