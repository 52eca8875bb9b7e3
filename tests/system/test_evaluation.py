"""turbo-evaluation: a set that it makes is there whole or not at all, and its mistakes point to the right help."""
import resource
import signal
import subprocess

import pytest

from sandbox import PROGRAMS, wait_for

pytestmark = pytest.mark.programs("evaluation")
PROGRAM = PROGRAMS / "turbo-evaluation"


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_nothing(tmp_path, number, status):
    process = subprocess.Popen([PROGRAM, "make", tmp_path / "set", "--scenarios", "100000"], stdin=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    wait_for(lambda: list(tmp_path.glob(".set.part/*")), "the first files")
    process.send_signal(number)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == status, said
    assert said.endswith(f"turbo-evaluation: interrupted; nothing is left of {tmp_path}/set\n")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing_and_a_new_attempt_succeeds(tmp_path):
    make = [PROGRAM, "make", tmp_path / "set", "--scenarios", "2", "--frames", "300", "--models", "edd1,edd2"]
    full = subprocess.run(make, capture_output=True, text=True, timeout=60, restore_signals=False,  # SIGXFSZ stays ignored
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)))
    assert full.returncode == 1 and full.stderr.count("\n") == 1, full.stderr
    assert list(tmp_path.iterdir()) == []
    subprocess.run(make, check=True, capture_output=True, timeout=60)
    assert [path.name for path in tmp_path.iterdir()] == ["set"]
    subprocess.run([PROGRAM, "check", tmp_path / "set"], check=True, capture_output=True, timeout=60)


def test_a_mistake_points_to_the_help_that_has_the_options():
    for words, place in ((["make", "--no-such"], "turbo-evaluation make --help"), (["--no-such"], "turbo-evaluation --help")):
        result = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60)
        assert result.returncode == 2 and result.stderr.endswith(f"; see {place}\n"), result.stderr
