"""turbo-curves, as a person and as a program use it."""
import json
import os
import subprocess

import pytest

from sandbox import PROGRAMS, ROOT

pytestmark = pytest.mark.programs("curves", "evaluation")
TABLE = "models/model_info.csv"
MAGIC = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}


def run(*arguments, **environment):
    return subprocess.run([PROGRAMS / "turbo-curves", *map(str, arguments)], capture_output=True, cwd=ROOT, timeout=60,
                          stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment})


def shown(*arguments, **environment):
    result = run(*arguments, **environment)
    assert result.returncode == 0 and result.stderr == b"", result.stderr
    return result.stdout.decode()


def refuses(*arguments):
    """The one line of why."""
    result = run(*arguments)
    line = result.stderr.decode()
    assert result.returncode == 2 and result.stdout == b"", (result.returncode, result.stdout, line)
    assert line.count("\n") == 1 and line.startswith("turbo-curves: ") and len(line) < 600, line
    return line


def test_chart_and_table():
    text = shown(TABLE, "--rtt", "10,80")
    assert "RTT 10 ms" in text and "RTT 80 ms" in text and "⠤" in text and "\x1b" not in text
    assert "td1-imgcompNone-inpcompNone (on the vehicle)" in text and "from Mbps" in text


def test_the_chart_keeps_to_the_terminal():
    for columns in (40, 80, 100):
        text = shown(TABLE, "--rtt", "10,80", COLUMNS=str(columns))
        chart = text[:text.index("\nservices")]
        assert max(map(len, chart.splitlines())) <= columns
        assert max(map(len, chart.splitlines())) > columns - 5
    for locale in ("C", "POSIX"):
        assert shown(TABLE, LC_ALL=locale).isascii()


@pytest.mark.parametrize("ending", MAGIC)
def test_pictures(tmp_path, ending):
    picture = tmp_path / f"curves{ending}"
    words = TABLE, "--rtt", "10,40", "--services", "1", "--motion-prediction", "-o", picture
    assert shown(*words) == f"written: {picture}\n"
    assert "from Mbps" in shown(*words, "--text")
    assert "--motion-prediction" in shown(TABLE, "--services", "1,6", "-o", picture)
    assert picture.read_bytes().startswith(MAGIC[ending])
    assert [path.name for path in tmp_path.iterdir()] == [picture.name]


def test_json():
    curves = json.loads(shown(TABLE, "--json", "--rtt", "40,140"))["curves"]
    assert [curve["rtt_ms"] for curve in curves] == [40, 140] and curves[0]["services"] == [1, 2, 3]
    for curve in curves:
        steps = curve["steps"]
        assert steps[0]["from_mbps"] == 0 and steps[0]["on_vehicle"] and steps[-1]["to_mbps"] is None
        for below, above in zip(steps, steps[1:]):
            assert below["to_mbps"] == above["from_mbps"] and below["utility"] < above["utility"]
    assert len(curves[0]["steps"]) > 2 and len(curves[1]["steps"]) == 1


def test_evaluation_data(tmp_path):
    folder = tmp_path / "eval"
    subprocess.run([PROGRAMS / "turbo-evaluation", "make", folder, "--scenarios", "2", "--frames", "60", "--models",
                    "edd1,edd2"], check=True, capture_output=True)
    curves = json.loads(shown(folder, "--json", "--services", "1,2,6"))["curves"]
    assert [(curve["services"], curve["slo_ms"]) for curve in curves] == [([1], 150), ([2], 150), ([6], 250)]
    assert curves[0]["steps"][0]["config"] == "edd1-imgcompNone-inpcompNone"
    assert curves[2]["steps"][1]["utility"] == 0.3995
    assert "scenario" in refuses(folder, "--scenario", "nowhere")
    table = folder / "model_info.csv"
    assert "--table" in refuses(table)  # has no utilities: says where they are
    moved = table.rename(tmp_path / "elsewhere.csv")
    assert "--table" in refuses(folder)
    assert json.loads(shown(folder, "--json", "--services", "1", "--table", moved))["curves"][0]["steps"]
    assert "--frame-rate" in refuses(folder, "--table", moved, "--frame-rate", "10,1=5")
    assert "--scenario" in refuses(TABLE, "--scenario", "a")
    one = next(folder.glob("efficientdet-d2/*compress-inputs-50-window_size=1.parquet"))
    one.write_bytes(b"PAR1 no more")
    assert one.name in refuses(folder, "--table", moved)


def test_what_is_wrong_is_one_line(tmp_path):
    published = tmp_path / "published.csv"
    published.write_text("Model,Network Transport Size [Mb],Runtime [ms]\nedd1-imgcompNone-inpcompNone,0.00,135.6\n")
    line = refuses(published)
    assert "Utility [AP]" in line and "turbo-profile" in line
    for wrong in ("nan", "-1", "inf", "1e9", "ten", "10,nan", ""):
        assert "--rtt" in refuses(TABLE, "--rtt", wrong)
    for wrong in ("nan", "0", "1e9", "x", "150,7=100", "1=150,1=160"):
        assert "--slo" in refuses(TABLE, "--slo", wrong)
    assert "--max-mbps" in refuses(TABLE, "--max-mbps", "nan")
    assert "stands twice" in refuses(TABLE, "--services", "1,1")
    assert "curves" in refuses()
    assert "nowhere.csv" in refuses("nowhere.csv")
    assert str(tmp_path) in refuses(tmp_path)
    assert ".svg, .png or .pdf" in refuses(TABLE, "-o", tmp_path / "curves.gif")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["published.csv"]


def test_a_picture_that_cannot_be_written(tmp_path):
    result = run(TABLE, "-o", tmp_path / "no/such/folder/curves.svg")
    assert result.returncode == 1 and result.stderr.count(b"\n") == 1 and b"curves.svg" in result.stderr
