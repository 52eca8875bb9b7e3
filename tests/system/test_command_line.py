"""Arguments and configuration of every program: what is wrong is one line on stderr and exit status 2, before anything
starts.
"""
import copy
import subprocess

import pytest
import yaml

from processes import MAINS, PROCESSES, Setup
from sandbox import PROGRAMS, ROOT

ALL = PROCESSES | MAINS
TOOLS = ["score", "demo", "link", "profile", "scene-dump", "trace", "certs", "bench-udp", "curves", "allocate", "simulate"]
pytestmark = pytest.mark.programs(*ALL)


def run(name, *arguments):
    return subprocess.run([PROGRAMS / f"turbo-{name}", *map(str, arguments)], capture_output=True, text=True, cwd=ROOT,
                          stdin=subprocess.DEVNULL, timeout=60)


def refuses(name, *arguments):
    """The one line of why."""
    result = run(name, *arguments)
    assert result.returncode == 2 and result.stdout == "", (result.returncode, result.stdout, result.stderr)
    assert result.stderr.count("\n") == 1 and result.stderr.startswith(f"turbo-{name}: "), result.stderr
    return result.stderr


def nothing_started(sandbox):
    return sandbox.leftovers() == [] and not (sandbox.folder / "runs").exists()


@pytest.mark.parametrize("name", ALL)
def test_help_and_version(name):
    result = run(name, "--help")
    assert result.returncode == 0 and result.stderr == ""
    for word in ("Usage: turbo-" + name, "--config", "--check", "--run-dir", "Exit codes"):
        assert word in result.stdout
    assert ("--service-id" in result.stdout) == ALL[name].per_service
    assert ("--external" in result.stdout) == (name in MAINS)
    assert run(name, "--version").stdout.startswith("TURBO ")


@pytest.mark.programs(*TOOLS)
@pytest.mark.parametrize("name", TOOLS)
def test_help_and_version_of_the_tools(name):
    result = run(name, "--help")
    assert result.returncode == 0 and result.stderr == ""
    assert "Usage: turbo-" + name in result.stdout and "Exit codes" in result.stdout
    assert run(name, "--version").stdout.startswith("TURBO ")
    assert "--help" in refuses(name, "--no-such-thing")


@pytest.mark.parametrize("name", ALL)
def test_check(sandbox, name):
    """Of a right configuration: of the shipped one too, which names the certificates of ./dev build."""
    subprocess.run([PROGRAMS / "turbo-certs", "local", "--folder", ROOT / ".cache/authority"], check=True)
    setup = Setup(sandbox)
    for arguments in (setup.arguments(name), []):
        result = run(name, *arguments, "--check")
        assert result.returncode == 0 and result.stdout.endswith("is right\n"), result.stderr
    assert nothing_started(sandbox)


def test_the_check_of_a_main_is_that_of_its_processes_too(sandbox):
    """What only one of them reads: the model table, evaluation data, a picture that is shown by --mock-camera only."""
    setup = Setup(sandbox)
    config = sandbox.client_config()
    allocator = config["bandwidth_allocator_config"]
    table = sandbox.folder / "wrong.csv"
    table.write_text(open(allocator["model_info_csv_path"]).read().replace(",", ";"))
    for change, words in (({"model_info_csv_path": str(table)}, f"{table}:1"),
                          ({"parquet_eval_dir": str(sandbox.folder)}, f"camera {sandbox.service()}: expected 1 to 5")):
        wrong = sandbox.write("wrong.yaml", config | {"bandwidth_allocator_config": allocator | change})
        mains = ["client-main", "--config", wrong, "--quic-config", setup.files["quic"], "--check"]
        line = refuses(*mains)
        assert line == "turbo-client-main: " + refuses("bandwidth-allocator", "--config", wrong, "--check").removeprefix("turbo-")
        assert words in line
        assert run(*mains, "--external", "bandwidth-allocator").returncode == 0  # it may stand on another machine
    camera = config["camera_stream_config_list"][0]
    del camera["mock_camera_image_path"]
    config["camera_stream_config_list"][0] = camera | {"source": "v4l2", "usb_id": 0}
    mains[2] = sandbox.write("camera.yaml", config)
    assert run(*mains).returncode == 0
    assert "turbo-client-main: camera-stream-" in refuses(*mains, "--mock-camera")
    server = ["server-main", *setup.arguments("server-main"), "--check"]
    assert "turbo-server-main: model-server-" in refuses(*server, "--mock-inference")
    assert nothing_started(sandbox)


@pytest.mark.parametrize("name", ALL)
def test_wrong_arguments(sandbox, name):
    setup = Setup(sandbox)
    right = setup.arguments(name)
    assert "--help" in refuses(name, "--no-such-thing")
    refuses(name, *right, "--config")
    assert "nowhere.yaml" in refuses(name, "--config", sandbox.folder / "nowhere.yaml")
    refuses(name, "--config", sandbox.folder)  # a folder
    if ALL[name].per_service:
        for wrong in ("one", "-1", "100000"):
            refuses(name, "--config", right[1], "--service-id", wrong)
        assert "has no entry" in refuses(name, "--config", right[1], "--service-id", sandbox.service(9))
    if name in MAINS:
        assert "no such process" in refuses(name, *right, "--external", "nobody")
        assert "nowhere.yaml" in refuses(name, *right[:2], "--quic-config", sandbox.folder / "nowhere.yaml")
    if name.startswith("quic") or name in MAINS:
        for wrong in ("host:port", "host:0", "host:99999", ":", "[::1"):
            assert "--server" in refuses(name, *right, "--server", wrong)
    if name == "camera-stream":
        config = sandbox.client_config()
        del config["camera_stream_config_list"][0]["mock_camera_image_path"]
        config["camera_stream_config_list"][0] |= {"source": "v4l2", "usb_id": 0}
        assert "mock_camera_image_path" in refuses(name, "--config", sandbox.write("mock.yaml", config),
                                                   "--service-id", sandbox.service(), "--mock-camera")
    if name == "model-server":
        assert "mock_inference_output_path" in refuses(name, *right, "--mock-inference")
    assert nothing_started(sandbox)


# What is changed in a right configuration, and what the line has to name.
BROKEN = {
    "client": [
        ({"zmq_dirr": "/tmp"}, "zmq_dirr: unknown key"), ({"zmq_dir": "relative"}, "zmq_dir"),
        ({"zmq_dir": [1]}, "zmq_dir"), ({"SLO_TIMEOUT": "soon"}, "SLO_TIMEOUT"), ({"SLO_TIMEOUT": -1}, "SLO_TIMEOUT"),
        ({"QUIC_SHM_SIZE": 10}, "QUIC_SHM_SIZE"), ({"main_client_config_list": None}, "main_client_config_list"),
        ({"main_client_config_list": []}, "main_client_config_list"),
        ({"camera_stream_config_list": {"camera_id": 1}}, "camera_stream_config_list"),
        ({"bandwidth_allocator_config": {"t_SLO": 0}}, "t_SLO"),
        ({"bandwidth_allocator_config": {"budget": "share:2"}}, "budget"),
        ({"ping_handler_config": {"dst_port": 1}}, "dst_port"), ({"main_plotter_config": {"port": 70_000}}, "port"),
        ({"model_image_size_map": {"td2": [0, 5]}}, "td2"), ({"model_image_size_map": 5}, "model_image_size_map")],
    "server": [
        ({"zmq_dir": "relative"}, "zmq_dir"), ({"server_model_list": []}, "model"),
        ({"server_config_list": []}, "server_config_list"), ({"SHM_FILESIZE": "big"}, "SHM_FILESIZE"),
        ({"server_config_list": [{"service_id": 1, "device": "gpu"}]}, "device"),
        ({"server_model_list": [{"base_model": "td2", "checkpoint_path": "x.onnx", "image_size": [1]}]}, "image_size"),
        ({"SHM_FILESIZE": 10}, "SHM_FILESIZE"), ({"max_log_entries": 5}, "max_log_entries: unknown key")],
    "quic": [
        ({"services": []}, "services"), ({"services": [1, 1]}, "services"), ({"services": ["a"]}, "services"),
        ({"server_address": "cloud"}, "server_address"), ({"server_address": "cloud:0"}, "server_address"),
        ({"init_allocation": 0}, "init_allocation"), ({"idle_timeout_ms": "long"}, "idle_timeout_ms"),
        ({"enable_junk_service": "perhaps"}, "enable_junk_service"), ({"junk": True}, "junk: unknown key")],
}


@pytest.mark.parametrize("name", ALL)
def test_a_wrong_configuration_names_file_line_and_key(sandbox, name):
    setup = Setup(sandbox)
    right_arguments = setup.arguments(name)
    for kind in {ALL[name].config, "quic"} if name in MAINS else {ALL[name].config}:
        right = yaml.safe_load(open(setup.files[kind]))
        path = str(sandbox.folder / "wrong.yaml")
        arguments = [path if argument == setup.files[kind] else argument for argument in right_arguments]
        for change, names in BROKEN[kind]:
            wrong = {key: value for key, value in (copy.deepcopy(right) | change).items() if value is not None}
            sandbox.write("wrong.yaml", wrong)
            line = refuses(name, *arguments)
            assert f"{path}:" in line and names in line, line
        for text in ("zmq_dir: [1\n", "just text\n", "- a\n- list\n", "\0\0\0", "a: &x *x\n", "{" * 5000, ""):
            sandbox.write("wrong.yaml", text)
            assert "wrong.yaml" in refuses(name, *arguments), text
    assert nothing_started(sandbox)
