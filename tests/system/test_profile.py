"""turbo-profile: the table and the evaluation data that it makes of one's own models are what the other tools take."""
import json
import signal
import subprocess

import pytest

from sandbox import MODEL, PROGRAMS, ROOT, wait_for

pytestmark = pytest.mark.programs("profile", "evaluation", "curves", "simulate")
REGION = "td2-imgcompNone-inpcomp50-roi100x50+0+30"


def run(tool, *arguments):
    return subprocess.run([PROGRAMS / f"turbo-{tool}", *map(str, arguments)], capture_output=True, text=True, cwd=ROOT,
                          stdin=subprocess.DEVNULL, timeout=120)


def parsed(tool, *arguments):
    result = run(tool, *arguments, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "mine"
    result = run("profile", "--onvehicle", "td1=models/td1.onnx", "--cloud", "td2=models/td2.onnx", "--frames", 1, "--region",
                 "100x50+0+30", "--evaluation", folder, "--scenarios", 2, "--scenario-frames", 4, "--cameras", "1,3",
                 "--out", folder.parent / "table.csv")
    assert result.returncode == 0, result.stderr
    assert result.stdout == (f"{folder}: 78 files, {13 * (2 * (2 * 4 + 3) + 3 + 5 * (2 * (2 + 3) + 3))} rows; "
                             f"model table {folder}/model_info.csv\n")
    return folder


def test_nothing_is_wrong_with_the_data(evaluation):
    report = parsed("evaluation", "check", evaluation)
    assert report["problems"] == [] and report["scenarios"] == 2 and report["cameras"] == [1, 3]
    assert report["notes"] == []
    names = {path.name for path in (evaluation / "td2").iterdir()}
    assert len(names) == 72 and "td2-compress-inputs-50-roi100x50+0+30-window_size=10.parquet" in names
    rows = {each["config"]: each["rows"] for each in report["configurations"]}
    assert rows[REGION] == rows["td1-imgcompNone-inpcompNone"] == {"1": 25, **{str(size): 13 for size in (10, 20, 30, 40, 50)}}
    tables = [(folder / name).read_text().splitlines() for folder, name in
              ((evaluation, "model_info.csv"), (evaluation.parent, "table.csv"))]
    costs, same = ([line.rsplit(",", 1)[0] for line in table] for table in tables)
    assert costs == same and len(costs) == 1 + 1 + 12 + 3  # only the worth is that of other frames


def test_other_tools_choose_by_it(evaluation):
    curves = parsed("curves", evaluation, "--rtt", "40")["curves"]
    assert [curve["services"] for curve in curves] == [[1], [3]]
    front = curves[0]["steps"]
    assert front[0]["config"] == "td1-imgcompNone-inpcompNone" and front[1]["config"].startswith("td2-")
    rows = parsed("simulate", "sweep", "--evaluation", evaluation, "--bandwidth-mbps", "0,100",
                  "--policy", "static,oracle", "--allocator", "exact")["rows"]
    assert {row["scenario"] for row in rows} == {"scene-000301", "scene-000302"} and len(rows) == 2 * 2 * 2
    by = {(row["scenario"], row["policy"], row["bandwidth_mbps"]): row["utility"] for row in rows}
    for scenario in ("scene-000301", "scene-000302"):
        assert by[scenario, "oracle", 100] > by[scenario, "oracle", 0]
        assert by[scenario, "oracle", 100] >= by[scenario, "static", 100]


@pytest.mark.parametrize("words, why", [
    ([], "no model given"),
    (["--cloud", "td2"], "NAME=FILE"),
    (["--cloud", f"c={MODEL}", "--evaluation", "NEW"], "--onvehicle"),
    (["--cloud", f"v={MODEL}", "--onvehicle", f"v={MODEL}", "--evaluation", "NEW"], "model v stands twice"),
    (["--onvehicle", f"efficientdet-d1={MODEL}", "--evaluation", "NEW"], "efficientdet-d1"),
    (["--onvehicle", f"v={MODEL}", "--evaluation", "FULL"], "not an empty folder"),
    (["--onvehicle", f"v={MODEL}", "--evaluation", "FULL/file/below"], "file/below"),
    (["--onvehicle", f"v={MODEL}", "--evaluation", ""], "--evaluation"),
    (["--onvehicle", f"v={MODEL}", "--evaluation", "NEW", "--cameras", "1,1"], "1 stands twice"),
    (["--onvehicle", f"v={MODEL}", "--evaluation", "NEW", "--cameras", "6"], "--cameras"),
    (["--onvehicle", f"v={MODEL}", "--evaluation", "NEW", "--scenarios", "0"], "--scenarios"),
    (["--onvehicle", f"v={MODEL}", "--evaluation", "NEW", "--scenario-frames", "x"], "--scenario-frames"),
    (["--onvehicle", f"v={MODEL}", "--scenarios", "2"], "--evaluation"),
])
def test_what_is_wrong_is_one_line(tmp_path, words, why):
    full = tmp_path / "full"
    full.mkdir()
    (full / "file").write_text("x")
    new = tmp_path / "new"
    result = run("profile", *[word.replace("NEW", str(new)).replace("FULL", str(full)) for word in words])
    assert result.returncode == 2 and result.stdout == "", (result.returncode, result.stderr)
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("turbo-profile: ") and why in result.stderr, result.stderr
    assert not new.exists()


def test_a_model_that_cannot_be_loaded(tmp_path):
    result = run("profile", "--onvehicle", "v=nowhere.onnx", "--evaluation", tmp_path / "new")
    assert result.returncode == 1 and result.stderr.count("\n") == 1 and "nowhere.onnx" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_the_table_that_was_asked_for_and_no_half_data(tmp_path):
    table = tmp_path / "table.csv"
    process = subprocess.Popen([PROGRAMS / "turbo-profile", "--onvehicle", f"v={MODEL}", "--frames", "1", "--evaluation",
                                tmp_path / "new", "--scenarios", "1000", "--scenario-frames", "1000", "--out", table],
                               stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    wait_for(lambda: table.exists() and table.read_text().count("\n") == 2, "the table")
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == 130, said
    assert said.endswith(f"turbo-profile: interrupted; nothing is left of {tmp_path}/new; the model table is in {table}\n")
    assert list(tmp_path.iterdir()) == [table]
