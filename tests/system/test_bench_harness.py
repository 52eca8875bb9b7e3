"""What the benchmarks calculate with: no process, no link."""
import json
import sys
import types

import pytest

from sandbox import ROOT

sys.path.append(str(ROOT / "bench"))
from harness import capacity, report, slo  # noqa: E402
from harness.spread import quantile, ratio, spread, text  # noqa: E402


def test_medians_with_their_spread():
    assert spread([3, 1, None, 2, 9]) == {"median": 2.5, "min": 1, "max": 9, "n": 4}
    assert spread([None]) is None
    assert ratio([2, 6, 1], [1, 2, None])["median"] == 2.5  # the pair that is not complete does not count
    assert quantile(range(100), 0.99) == 99 and quantile([], 0.5) is None
    assert text(spread([0.5, 0.25, 1])) == "0.50 (0.25 to 1.00)"
    assert text(spread([0.501, 0.502]), 1) == "0.5" and text(None) == "–"


@pytest.mark.parametrize("begin_s, expected", [(0, [1, 4, 4, 10]), (0.003, [1, 1, 7, 8, 10]), (0.01, [1, 4, 4, 10])])
def test_a_trace_from_another_moment_on(tmp_path, begin_s, expected):
    (tmp_path / "a.up").write_text("1\n4\n4\n10\n")
    turned = capacity.rotated(tmp_path / "a.up", begin_s, tmp_path / "b.up")
    assert [int(line) for line in turned.read_text().split()] == expected


def test_what_a_sender_who_knows_the_capacity_could_do(tmp_path):
    (tmp_path / "a.up").write_text("".join(f"{ms}\n" for ms in range(1, 101)))  # a packet every millisecond
    best = lambda frames, slack_ms: capacity.best_in_time(tmp_path / "a.up", frames, 20, slack_ms)  # noqa: E731
    assert best([0, 50], slack_ms=20) == 1
    assert best([0, 50], slack_ms=18) == 0
    assert best([0, 0, 150], slack_ms=30) == pytest.approx(2 / 3)  # the second would come at 40
    assert best([0, 0, 0], slack_ms=60) == 1


def test_the_truth_is_the_mean_of_the_half_second_before():
    status = [{"unix_s": 100 + 0.1 * n, "up": {"capacity_mbps": n}} for n in range(1, 11)]
    truth = capacity.Truth(status, unix_offset_s=100)
    assert truth.before(int(0.3e9)) is None
    assert truth.before(int(0.5e9)) == 3 and truth.before(int(1.0e9)) == 8
    assert capacity.errors([(int(0.5e9), 6), (int(0.1e9), 1)], truth) == [1.0]


def test_only_frames_whose_deadline_lies_within_the_run_count():
    frame = lambda handed_ms, answered_ms: {"handed_ns": handed_ms * 10**6, "answered_ns": answered_ms * 10**6}  # noqa: E731
    frames = [frame(1000, 1100), frame(1100, 1300), frame(1200, 0), frame(1300, 1449), frame(1500, 1510)]
    assert slo.share({"frames": frames}) == 0.5
    assert slo.share(None) is None


def test_a_partial_run_keeps_what_others_measured(tmp_path):
    item = lambda name: types.SimpleNamespace(  # noqa: E731
        NAME=name, TITLE=name.upper(), table=lambda data: report.table(["value"], [[data["value"]]]))
    items = [item("one"), item("two")]
    report.Report("x", "Title", "Head.", items, tmp_path).put(items[0], {"value": 17}, 1.0)
    assert "Not measured yet: `./dev bench x --only two`" in (tmp_path / "x.md").read_text()
    report.Report("x", "Title", "Head.", items, tmp_path).put(items[1], {"value": 18}, 1.0)
    results = json.loads((tmp_path / "x.json").read_text())
    assert [results[name]["data"]["value"] for name in ("one", "two")] == [17, 18]
    assert {"cpu", "cores", "memory_gib", "kernel"} <= set(results["one"]["machine"])
    page = (tmp_path / "x.md").read_text()
    assert "| 17    |" in page and "| 18    |" in page and "Not measured" not in page
