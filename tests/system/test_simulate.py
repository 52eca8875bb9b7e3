"""turbo-simulate's experiments by their command lines: results, shards that merge, figures, and what is wrong in one line."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest

from sandbox import PROGRAMS, ROOT

pytestmark = pytest.mark.programs("simulate", "evaluation")


def run(*arguments, **options):
    return subprocess.run([PROGRAMS / "turbo-simulate", *map(str, arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60, **options)


def rows(*arguments):
    result = run(*arguments, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["rows"]


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "eval"
    subprocess.run([PROGRAMS / "turbo-evaluation", "make", folder, "--scenarios", "3", "--frames", "30"], check=True,
                   capture_output=True, timeout=60)
    return folder


def test_a_sweep_is_the_same_with_any_number_of_threads_and_never_above_the_clairvoyant(evaluation):
    words = ["sweep", "--evaluation", evaluation, "--bandwidth-mbps", "0:40:10", "--policy", "static,scenario,recent:10,oracle",
             "--allocator", "exact,equal,cbc"]
    one = rows(*words, "--threads", 1)
    assert one == rows(*words, "--threads", 3)
    assert len(one) == 3 * 4 * 3 * 5
    by = {(row["scenario"], row["policy"], row["allocator"], row["bandwidth_mbps"]): row["utility"] for row in one}
    assert all(row["utility"] <= row["clairvoyant"] + 1e-6 for row in one)
    assert all(abs(utility - by[scenario, policy, "exact", mbps]) < 1e-6
               for (scenario, policy, allocator, mbps), utility in by.items() if allocator == "cbc")


def test_shards_read_together_draw_what_the_whole_does(evaluation, tmp_path):
    words = ["sweep", "--evaluation", evaluation, "--bandwidth-mbps", "0:40:10"]
    swept = run(*words, "--results", tmp_path / "whole.parquet", "--figures", tmp_path / "whole")
    assert swept.returncode == 0, swept.stderr
    for part in (1, 2):
        assert run(*words, "--shard", f"{part}/2", "--results", tmp_path / f"part-{part}.parquet").returncode == 0
    drawn = run("figures", tmp_path / "part-2.parquet", tmp_path / "part-1.parquet", "-o", tmp_path / "parts")
    assert drawn.returncode == 0 and drawn.stdout == swept.stdout, drawn.stderr
    assert len(drawn.stderr.splitlines()) == 4 and all(": written: " in line for line in drawn.stderr.splitlines())
    for name in ("utility.svg", "gain.svg", "cost.svg", "policies.svg"):
        whole, parts = ((tmp_path / folder / name).read_text() for folder in ("whole", "parts"))
        lines, same = ([line for line in text.splitlines() if "stroke-width" in line] for text in (whole, parts))
        assert lines == same != []  # the caption, which is only text, is another
    oracle = run("figures", tmp_path / "whole.parquet", "--policy", "oracle", "-o", tmp_path / "oracle")
    assert oracle.returncode == 0 and oracle.stdout == swept.stdout
    assert (tmp_path / "oracle" / "gain.svg").read_text() != (tmp_path / "whole" / "gain.svg").read_text()
    other = run("figures", tmp_path / "whole.parquet", "--policy", "live", "-o", tmp_path / "oracle")
    assert other.returncode == 2 and "static" in other.stderr and len(other.stderr.splitlines()) == 1
    twice = run("figures", tmp_path / "part-1.parquet", tmp_path / "part-1.parquet", "-o", tmp_path / "twice")
    assert twice.returncode == 2 and "shard 1 of 2 of the sweep stands twice" in twice.stderr
    by_program = [json.loads(run("figures", *files, "--json", "--format", "none").stdout) for files in
                  ([tmp_path / "whole.parquet"], [tmp_path / "part-1.parquet", tmp_path / "part-2.parquet"])]
    assert by_program[0]["rows"] == by_program[1]["rows"] != [] and by_program[1]["warnings"] == []


def test_a_missing_shard_is_told_and_an_error_where_that_is_asked_for(evaluation, tmp_path):
    for part in (1, 3, 4):  # of three scenarios: the fourth shard is empty, and there
        assert run("sweep", "--evaluation", evaluation, "--bandwidth-mbps", "0,20", "--shard", f"{part}/4", "--results",
                   tmp_path / f"part-{part}.parquet").returncode == 0
    parts = [tmp_path / f"part-{part}.parquet" for part in (1, 3, 4)]
    told = run("figures", *parts, "--json", "--format", "none")
    line = "shard 2 of 4 of the sweep is missing: means are over the other scenarios only"
    assert told.returncode == 0 and told.stderr == f"turbo-simulate figures: {line}\n"
    assert json.loads(told.stdout)["warnings"] == [line]
    strict = run("figures", *parts, "--strict", "-o", tmp_path / "drawn")
    assert strict.returncode == 2 and strict.stdout == "" and strict.stderr == told.stderr.replace(line, line.partition(":")[0])
    assert not (tmp_path / "drawn").exists()


def test_shards_of_different_experiments_are_refused_however_their_options_are_written(evaluation, tmp_path):
    other = tmp_path / "other"
    subprocess.run([PROGRAMS / "turbo-evaluation", "make", other, "--scenarios", "3", "--frames", "30", "--seed", "7"], check=True,
                   capture_output=True, timeout=60)
    copy = shutil.copytree(evaluation, tmp_path / "copy")
    first, second = tmp_path / "made" / "first.parquet", tmp_path / "second.parquet"
    assert run("sweep", "--evaluation", evaluation, "--bandwidth-mbps", "5,20", "--shard", "1/2", "--results", first).returncode == 0
    for words, difference in [(["--evaluation", evaluation, "--bandwidth", "5,30"], "--bandwidth-mbps 5,20 and 5,30"),
                              (["--evaluation", evaluation, "--bandwidth", "5,20", "--fps", "5"], "--fps 10 and 5"),
                              (["--evaluation", evaluation, "--bandwidth", "5,20", "--seed", "2"], "--seed 1 and 2"),
                              ([other, "--bandwidth", "5,20"], "data 3 scenarios"),
                              ([copy, "--seed=1", "--bandwidth", "5,20", "--threads", "1"], "")]:
        assert run("sweep", *words, "--shard", "2/2", "--results", second).returncode == 0
        drawn = run("figures", first, second, "--format", "none")
        assert (drawn.returncode, drawn.stdout == "") == ((2, True) if difference else (0, False))
        assert not difference or f"{first} and {second} are shards of different sweeps: {difference}" in drawn.stderr


def test_an_experiment_is_what_its_traces_and_numbers_are_and_not_how_they_are_written(evaluation, tmp_path):
    (tmp_path / "sub").mkdir()
    times = "".join(f"{ms}\n" for ms in range(1, 1001))
    for name, text in (("a.trace", times), ("sub/a.trace", times), ("sub/b.trace", times)):
        (tmp_path / name).write_text(text)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/a.trace").write_text(times.replace("500\n", "501\n", 1))
    first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
    drive, sweep = ["drive", evaluation, "--duration", 2], ["sweep", evaluation]
    for one, two, difference in [
            ([*drive, "--trace", tmp_path / "a.trace"], [*drive, "--trace", tmp_path / "other/a.trace"], "--trace a "),
            ([*drive, "--trace", tmp_path / "a.trace"], [*drive, "--trace", tmp_path / "sub/a.trace", "--rtt", "50.0"], ""),
            ([*drive, "--rate-mbps", "5,10"], [*drive, "--rate-mbps", "10,5.0", "--slo", "150"], ""),
            (["drive", evaluation, "--rate-mbps", 5, "--duration", 2], ["drive", evaluation, "--rate-mbps", 5, "--duration", 3], "--duration 5 Mbps 2 and 5 Mbps 3"),
            ([*sweep, "--bandwidth", "1:3:1"], [*sweep, "--bandwidth", "1,2,3", "--weights", "1", "--fps", "10.0"], ""),
            ([*sweep, "--bandwidth", 5, "--seed", 2**53], [*sweep, "--bandwidth", 5, "--seed", 2**53 + 1], f"--seed {2**53} and {2**53 + 1}"),
            ([*sweep, "--bandwidth", "1:3:1"], [*sweep, "--bandwidth", "1,2,4"], "--bandwidth-mbps 1,2,3 and 1,2,4")]:
        for words, shard, file in ((one, "1/2", first), (two, "2/2", second)):
            assert run(*words, "--allocator", "exact", "--shard", shard, "--results", file).returncode == 0
        drawn = run("figures", first, second, "--format", "none")
        assert (drawn.returncode, difference in drawn.stderr) == (2 if difference else 0, True), (one, two, drawn.stderr)
        for file in (first, second):
            file.unlink()


def test_a_drive_is_worth_more_than_the_vehicle_and_the_same_again(evaluation, tmp_path):
    words = ["drive", "--evaluation", evaluation, "--scenarios", 1, "--rate-mbps", 40, "--duration", 10, "--policy", "static,live",
             "--budget", "share:0.85,promise:0.8"]
    first = rows(*words, "--results", tmp_path / "drives.parquet")
    assert first == rows(*words, "--threads", 1)
    assert len(first) == 4 and all(row["utility"] > row["vehicle_utility"] for row in first)
    assert [row["promised"] is None for row in first] == [True, False, True, False]
    drawn = run("figures", tmp_path / "drives.parquet", "-o", tmp_path, "--format", "png")
    assert [line.rsplit("/", 1)[1] for line in drawn.stderr.splitlines()] == ["drives.png", "promises.png"]
    assert len(drawn.stdout.splitlines()) == 1 + 4


def test_drives_are_told_by_link_and_every_scenario_on_request(evaluation, tmp_path):
    words = ["drive", "--evaluation", evaluation, "--rate-mbps", "10,30", "--duration", 5, "--results", tmp_path / "drives.parquet"]
    told, every = (run(*words, *more) for more in ([], ["--all"]))
    assert [len(result.stdout.splitlines()) for result in (told, every)] == [1 + 2, 1 + 2 * 3]
    read = ["figures", tmp_path / "drives.parquet", "--format", "none"]
    assert run(*read).stdout == told.stdout and len(run(*read, "--all").stdout.splitlines()) == 1 + 2 * 3
    found = json.loads(run(*read, "--json").stdout)
    assert len(found["rows"]) == 6 and [line["scenarios"] for line in found["summary"]] == [3, 3]
    of_ten = [row["utility"] for row in found["rows"] if row["trace"] == found["summary"][0]["trace"]]
    assert abs(found["summary"][0]["utility"] - sum(of_ten) / 3) < 1e-5 and found["summary"][0]["least_utility"] == min(of_ten)
    assert run(*read, "--policy", "static").returncode == 2


def test_scenarios_are_listed_and_taken_by_name(evaluation):
    def listed(*words):
        return subprocess.run([PROGRAMS / "turbo-evaluation", "list", evaluation, *words], check=True, capture_output=True,
                              text=True).stdout
    scenarios = json.loads(listed("--json"))["scenarios"]
    names = [scenario["scenario"] for scenario in scenarios]
    assert len(names) == 3 and scenarios[0]["cameras"] == [{"camera": camera, "frames": 30} for camera in range(1, 6)]
    lines = listed().splitlines()
    assert [line.split()[0] for line in lines[1:4]] == names and lines[4] == "3 scenarios"
    swept = rows("sweep", "--evaluation", evaluation, "--bandwidth-mbps", 10, "--scenario", f"{names[2]},{names[0]}")
    assert swept == rows("sweep", "--bandwidth", 10, "--scenario", f"{names[0]},{names[2]}", evaluation)
    assert {row["scenario"] for row in swept} == {names[0], names[2]}


def test_a_table_without_utilities_is_given_them(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("Model,Network Transport Size [Mb],Runtime [ms]\nv-imgcompNone-inpcompNone,0,30\n"
                     "c-imgcompNone-inpcomp50,0.3,50\n")
    words = ["sweep", "--table", table, "--onvehicle-model", "v", "--utility", "v=0.2", "--utility", "c=0.4", "--utility", "50=-0.1",
             "--allocator", "exact", "--bandwidth-mbps", "1,100"]
    assert [row["utility"] for row in rows(*words)] == [0.2, 0.3]


@pytest.mark.parametrize("words, why", [
    (["sweep"], "evaluation data"), (["drive", "--table", "none.csv"], "link"),
    (["sweep", "--evaluation", "none"], "none"), (["sweep", "--table", "none.csv"], "none.csv"),
    (["sweep", "--evaluation", "EVAL", "--policy", "best"], "best"),
    (["sweep", "--evaluation", "EVAL", "--allocator", "best"], "best"),
    (["sweep", "--evaluation", "EVAL", "--bandwidth-mbps", "nan"], "--bandwidth-mbps"),
    (["sweep", "--evaluation", "EVAL", "--shard", "3/2"], "--shard"),
    (["sweep", "--evaluation", "EVAL", "--shard", "0/3"], "I counts from 1 to N"),
    (["sweep", "--evaluation", "EVAL", "--scenarios", "0"], "--scenarios"),
    (["sweep", "--evaluation", "EVAL", "--bandwidth", "5,1:9:1"], "--bandwidth-mbps 5: given twice"),
    (["sweep", "--evaluation", "EVAL", "--policy", "static,static"], "--policy static: given twice"),
    (["drive", "--evaluation", "EVAL", "--rate-mbps", "10", "--budget", "expected,expected"], "--budget expected: given twice"),
    (["drive", "--evaluation", "EVAL", "--trace", "lte,lte"], "lte: given twice"),
    (["drive", "--evaluation", "EVAL", "--rate-mbps", "10", "--allocator", "exact,fixed:td9-imgcompNone-inpcomp50"], "there are "),
    (["sweep", "--evaluation", "EVAL", "--allocator", "fixed:td9-imgcompNone-inpcomp50"], "there are "),
    (["sweep", "--evaluation", "EVAL", "--scenario", "nowhere"], "turbo-evaluation list"),
    (["sweep", "--table", "models/model_info.csv", "--scenario", "a"], "--evaluation"),
    (["sweep", "--evaluation", "EVAL", "--results", "/etc/passwd/x.parquet"], "--results"),
    (["sweep", "--evaluation", "EVAL", "--results", ""], "--results"), (["drive", "EVAL", "--figures", ""], "--figures"),
    (["sweep", "--evaluation", "EVAL", "--results", "/dev/full"], "/dev/full"),
    (["sweep", "--evaluation", "EVAL", "--results", "models/model_info.csv"], "model_info.csv"),
    (["sweep", "--evaluation", "EVAL", "--policy", "recent:7"], "window_size=7"),
    (["drive", "--evaluation", "EVAL", "--trace", "no-such"], "no-such"),
    (["drive", "--evaluation", "EVAL", "--rate-mbps", "10", "--budget", "all"], "all"),
    (["drive", "--evaluation", "EVAL", "--rate-mbps", "-1"], "--rate-mbps"),
    (["figures", "none.parquet"], "none.parquet"), (["figures", "EVAL"], "/*.parquet"),
    (["figures", "none.parquet", "-o", "drawn.svg"], "drawn.svg"),
    (["sweep", "EVAL", "--bandwidth-mbps", "1", "--figures", "/etc/passwd"], "/etc/passwd"),
    (["sweep", "a" * 5000], "there is no such file"), (["figures", "a" * 5000], "no such file"),
    (["drive", "EVAL", "--trace", "a" * 5000], "no such file"),
    (["sweep", "EVAL", "--bandwidth", "1:1000:1", "--rtt", "1:1000:1"], "a grid of 1000000 points, expected at most 100000"),
    (["sweep", "EVAL", "--bandwidth", "5", "--results", "r\udcff.parquet"], "r?.parquet: expected a name in UTF-8"),
    (["--policy", "live"], "not expected: --policy, which turbo-simulate sweep and turbo-simulate drive have"),
    (["figure"], "sweep, drive and figures"), (["sweep", "EVAL", "--polcy", "static"], "not expected: --polcy static;"),
])
def test_what_is_wrong_is_one_line(evaluation, words, why):
    result = run(*[evaluation if word == "EVAL" else word for word in words])
    assert result.returncode == 2 and result.stdout == "", (result.returncode, result.stderr)
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("turbo-simulate") and why in lines[0], result.stderr


def listens(process, sent):
    """Whether the process has a handler of its own for the signal."""
    lines = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines())
    return int(lines["SigCgt"], 16) >> (sent - 1) & 1


@pytest.mark.parametrize("sent, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_drive_that_is_ended_by_a_signal_says_how_far_it_was_and_leaves_no_file(evaluation, tmp_path, sent, status):
    with subprocess.Popen([PROGRAMS / "turbo-simulate", "drive", "--evaluation", evaluation, "--rate-mbps", "30", "--duration", "3600",
                           "--policy", "static,scenario,oracle,live", "--allocator", "exact,greedy,equal", "--results",
                           tmp_path / "drives.parquet"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not listens(process, sent):
            time.sleep(0.01)
        process.send_signal(sent)
        out, told = process.communicate(timeout=60)
    line = told.splitlines()[-1]
    assert process.returncode == status and out == "" and list(tmp_path.iterdir()) == []
    assert line.startswith(f"turbo-simulate drive: interrupted after ") and line.endswith(" of 36; nothing was written")


def test_a_signal_that_was_ignored_before_stays_ignored(evaluation):
    ignored = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    with subprocess.Popen([sys.executable, "-c", ignored, PROGRAMS / "turbo-simulate", "drive", "--evaluation", evaluation, "--rate-mbps",
                           "30", "--duration", "3600"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not listens(process, signal.SIGTERM):
            time.sleep(0.01)
        assert not listens(process, signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 143


@pytest.mark.parametrize("source", ["table", "evaluation"])
def test_motion_prediction_is_asked_as_often_as_the_cameras_take_frames(evaluation, source):
    named = ["--table", ROOT / "models/model_info.csv"] if source == "table" else ["--evaluation", evaluation]
    words = ["drive", *named, "--scenarios", 1, "--services", "1,6", "--rate-mbps", 5, "--duration", 5]
    ten, five = (rows(*words, "--fps", fps)[0]["frames"] for fps in (10, 5))
    assert 0 < five < 0.6 * ten


def test_a_sweep_says_that_it_measures_nothing(evaluation):
    words = ["sweep", evaluation, "--bandwidth", "5,20", "--allocator", "exact"]
    for live, same in (("live", "static"), ("live:oracle", "oracle")):
        told = run(*words, "--policy", live)
        assert told.stderr == f"turbo-simulate sweep: --policy {live}: nothing is measured in a sweep, so it decides as {same} does; " \
            "turbo-simulate drive measures\n"
        assert [row["utility"] for row in rows(*words, "--policy", live)] == [row["utility"] for row in rows(*words, "--policy", same)]
    assert "--policy live is static here" in run("sweep", "--help").stdout


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for words in (["sweep", "--table"], ["drive", "--table", ROOT / "models/model_info.csv", "--trace"], ["--up-trace"], ["figures"]):
        told = run(*words, tmp_path / "pipe")
        assert told.returncode == 2 and told.stdout == "" and "/pipe: no " in told.stderr and len(told.stderr.splitlines()) == 1


def test_what_was_perhaps_not_meant_is_told(evaluation, tmp_path):
    few = run("sweep", evaluation, "--bandwidth", 5, "--scenarios", 99)
    assert few.returncode == 0 and few.stderr == "turbo-simulate sweep: --scenarios 99: there are only 3, all of which are taken\n"
    file = tmp_path / "empty.parquet"
    empty = run("sweep", evaluation, "--bandwidth", 5, "--shard", "30/100", "--results", file)
    assert empty.returncode == 0 and "shard 30/100 is empty: there are only 3 scenarios" in empty.stderr.splitlines()[0]
    drawn = run("figures", file)
    assert drawn.returncode == 2 and "no rows in it" in drawn.stderr and len(drawn.stderr.splitlines()) == 1
    text = run("sweep", "--help").stdout
    assert "130 or 143" in text and "SLURM_ARRAY_TASK_ID + 1" in text
