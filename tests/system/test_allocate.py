"""turbo-allocate, as a person and as a program use it."""
import itertools
import json
import subprocess

import pytest

from sandbox import PROGRAMS, ROOT

pytestmark = pytest.mark.programs("allocate", "curves")
TABLE = "models/model_info.csv"
HEADER = "Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]\n"
# Of 60 ms that are left under an RTT of 40 and a deadline of 150: 10 Mbps for "s", 20 for "m".
SMALL = HEADER + """v-imgcompNone-inpcompNone,0,5,0.2
s-imgcompNone-inpcomp50,0.6,50,0.3
m-imgcompNone-inpcomp50,1.2,50,0.45
"""


def run(*arguments):
    return subprocess.run([PROGRAMS / "turbo-allocate", *map(str, arguments)], capture_output=True, text=True, cwd=ROOT,
                          timeout=60, stdin=subprocess.DEVNULL)


def shown(*arguments):
    result = run(*arguments)
    assert result.returncode == 0 and result.stderr == "", result.stderr
    return result.stdout


def decided(mbps, *arguments, table=TABLE):
    return json.loads(shown(table, "--bandwidth", mbps, "--rtt", 40, "--json", *arguments))


def refuses(*arguments):
    """The one line of why."""
    result = run(*arguments)
    assert result.returncode == 2 and result.stdout == "", (result.returncode, result.stdout, result.stderr)
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("turbo-allocate: "), result.stderr
    assert len(result.stderr) < 600
    return result.stderr


def test_the_table_says_what_and_why():
    text = shown(TABLE, "--bandwidth", 20, "--rtt", 40)
    for words in ("20 Mbps, RTT 40 ms", "needs Mbps", "td2-imgcompNone-inpcomp", "mean utility", "runner-up"):
        assert words in text


def test_it_is_the_best_there_is():
    """Against every combination of the stairs that turbo-curves names."""
    curves = json.loads(subprocess.run([PROGRAMS / "turbo-curves", TABLE, "--json"], capture_output=True, cwd=ROOT,
                                       check=True).stdout)["curves"]
    stairs = [(step["from_mbps"], step["utility"]) for step in curves[0]["steps"]]
    for mbps in (0, 3, 5.5, 11, 20, 30, 45, 60, 1000):
        best = max(sum(utility for _, utility in choice) for choice in itertools.product(stairs, repeat=3)
                   if sum(start for start, _ in choice) <= mbps)
        answer = decided(mbps)
        assert abs(answer["total_utility"] - best) < 1e-9, mbps
        assert answer["needed_mbps"] <= mbps + 1e-9
        assert sum(service["allocated_mbps"] for service in answer["services"]) <= mbps + 1e-6
        assert abs(decided(mbps, "--allocator", "cbc")["total_utility"] - best) < 1e-6, mbps
        for other in ("greedy", "equal", "proportional", "vehicle", "fixed:td2-imgcompNone-inpcomp50"):
            assert decided(mbps, "--allocator", other)["total_utility"] <= best + 1e-9


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.csv"
    path.write_text(SMALL)
    return path


def models(answer):
    return "".join(service["config"][0] for service in answer["services"])


def test_weights_floors_and_frame_rates(small):
    assert models(decided(20, table=small)) == "mvv"
    assert models(decided(20, "--weights", "3=2", table=small)) == "vvm"
    assert models(decided(20, "--min-utility", "2=0.4", table=small)) == "vmv"
    assert models(decided(25, "--min-utility", "0.25", table=small)) == "ssv"
    assert decided(10, "--frame-rates", "1,2,5", table=small)["mean_utility"] == decided(10, table=small)["mean_utility"] > 0.2
    # A frame that is sent seldom needs as much as one of many.
    assert sorted(models(decided(12, "--services", "1,2", "--frame-rates", "5", "--min-utility", "0.25", table=small))) == ["s", "v"]


def test_cbc_lets_services_take_turns_too():
    """0.9666 in turns; 0.9009 for want of them."""
    arguments = ("--services", "1,2", "--frame-rates", "0.5,1,2", "--staleness-cost", "0.01")
    exact, cbc = (decided(4, *arguments, "--allocator", name) for name in ("exact", "cbc"))
    assert abs(exact["total_utility"] - cbc["total_utility"]) < 1e-6
    assert all("-fps" in service["config"] for service in cbc["services"])
    assert cbc["needed_mbps"] < sum(service["needed_mbps"] for service in cbc["services"])


def test_services_with_deadlines_of_their_own(small):
    answer = decided(12, "--services", "1,6", "--slo", "150,6=250", table=small)
    assert [service["slo_ms"] for service in answer["services"]] == [150, 250]
    assert models(answer) == "vm" and answer["services"][1]["needed_mbps"] == pytest.approx(1.2 / 0.160)


def test_wrong_numbers_are_one_line():
    right = {"--bandwidth": "20", "--rtt": "40"}
    for option in ("--bandwidth", "--rtt", "--budget", "--slo", "--weights", "--min-utility", "--frame-rate", "--frame-rates"):
        for wrong in ("nan", "-1", "inf", "-inf", "1e300", "much", ""):
            arguments = right | {option: wrong}
            assert option in refuses(TABLE, *itertools.chain(*arguments.items())), (option, wrong)
    assert "--bandwidth" in refuses(TABLE, "--rtt", 40)
    assert "--rtt" in refuses(TABLE, "--bandwidth", 40)


def test_wrong_services_and_allocators_are_one_line():
    right = (TABLE, "--bandwidth", 20, "--rtt", 40)
    assert "stands twice" in refuses(*right, "--services", "1,2,1")
    assert "--services" in refuses(*right, "--services", "front")
    assert "there are 1, 2, 3" in refuses(*right, "--weights", "7=2")
    assert "exact" in refuses(*right, "--allocator", "best")
    assert "no service has td9-imgcompNone-inpcomp50" in refuses(
        *right, "--allocator", "fixed:td9-imgcompNone-inpcomp50")
    assert "model configuration" in refuses(*right, "--allocator", "fixed:td2")
    assert "td3-imgcompNone-inpcompNone" in refuses(*right, "--onvehicle-model", "td3")


@pytest.mark.parametrize("rows, named", [
    ("", "no row after the header"),
    ("m-imgcompNone-inpcomp50,1,50,0.5\n", "no on-vehicle model"),
    ("v-imgcompNone-inpcompNone,0,5,0.2\nv-imgcompNone-inpcompNone,0,5,0.2\n", ":3: "),
    ("v-imgcompNone-inpcompNone,0,5,0.2\nm-imgcomp55-inpcompNone,1,50,0.5\n", ":3: model configuration"),
    ("v-imgcompNone-inpcompNone,0,5,0.2\nm-imgcompNone-inpcomp50,nan,50,0.5\n", ":3: Network Transport Size"),
    ("v-imgcompNone-inpcompNone,0,5,0.2\nm-imgcompNone-inpcomp50,1,inf,0.5\n", ":3: Runtime"),
    ("v-imgcompNone-inpcompNone,0,5,0.2\nm-imgcompNone-inpcomp50,1,50,1.5\n", ":3: Utility"),
    ("v-imgcompNone-inpcompNone,0,5,0.2\nm-imgcompNone-inpcomp50,1,50\n", ":3: 3 columns"),
])
def test_wrong_tables_are_one_line(tmp_path, rows, named):
    table = tmp_path / "table.csv"
    table.write_text(HEADER + rows)
    line = refuses(table, "--bandwidth", 20, "--rtt", 40)
    assert str(table) in line and named in line, line


def test_unreadable_files_are_one_line(tmp_path):
    garbage = tmp_path / "garbage.csv"
    garbage.write_bytes(bytes(range(256)) * 100)
    for path in (tmp_path / "nowhere.csv", tmp_path, garbage, "/dev/null", "/dev/zero"):
        assert str(path) in refuses(path, "--bandwidth", 20, "--rtt", 40)


@pytest.mark.parametrize("tool", ["allocate", "curves"])
def test_a_table_whose_name_is_no_utf8_is_told_in_json(tmp_path, tool):
    (tmp_path / "t\udcff.csv").write_text(SMALL)
    words = ["--bandwidth", "30", "--rtt", "40"] if tool == "allocate" else []
    found = subprocess.run([PROGRAMS / f"turbo-{tool}", tmp_path / "t\udcff.csv", "--json", *words], capture_output=True, timeout=60)
    assert found.returncode == 0 and "t\ufffd.csv" in str(json.loads(found.stdout)), found.stderr
