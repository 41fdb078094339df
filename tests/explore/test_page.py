"""The page of sliders: names of one folder only, and whatever is wrong with an address is a message."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from csim.explore.page import Page, files_of, safe_page, scenario_folder

from ..cli.conftest import run

SCENARIOS = Path(__file__).parents[2] / "scenarios"
OUTSIDE = ["../pyproject", "/etc/passwd", "centres/../../README", "centres", "", ".", "first_voice.yaml", "..%2f..%2fx"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_file_outside_the_folder_is_read(name):
    """An address names a scenario of the folder, or gets a message; it is no path."""
    page = Page(SCENARIOS, {"scenario": name})
    assert "no scenario" in page.message.value
    assert page.explorer.plan.name == "first-voice"


def test_a_chinese_page_answers_in_english():
    """What is wrong with an address is said in the language of the page."""
    page = Page(SCENARIOS, {"scenario": "first_chap", "lang": "zh", "volume": "much", "who": "3"})
    for part in ("没有情景“first_chap”：是否指“first_chat”？", "volume：“much”不是可选位置", "没有参数“who”：可写："):
        assert part in page.message.value


def test_a_link_leads_out_of_the_folder(tmp_path):
    """Links elsewhere, hidden files and other kinds are not offered; equal names are told with their folder."""
    secret = tmp_path / "secret.yaml"
    secret.write_text("csim: scenario/1\nname: secret\n")
    folder = tmp_path / "shown"
    (folder / "a").mkdir(parents=True)
    (folder / "link.yaml").symlink_to(secret)
    for name in ("a/one.yaml", "one.yaml", ".hidden.yaml"):
        (folder / name).write_text("# a remark\ncsim: scenario/1  # format\n")
    (folder / "terms.yaml").write_text("csim: contract/1\n")
    (folder / "other.yaml").write_bytes(b"\xff\xfe")
    assert {name: path.parent.name for name, path in files_of(folder, "scenario").items()} == {
        "a/one": "a",
        "one": "shown",
    }
    assert set(files_of(folder, "contract")) == {"terms"}


def test_a_mistake_in_a_parameter_is_a_traceback():
    """Unknown parameters, positions out of range and words instead of numbers are said; what is right holds."""
    page = Page(SCENARIOS, {"scenario": "first_chat", "agents": "7", "volume": "9", "patience": "nan", "staf": "1"})
    said = page.message.value
    for part in ("no parameter &quot;staf&quot;", "&quot;9&quot; is no position", "&quot;nan&quot; is no position"):
        assert part in said
    assert "Traceback" not in said
    assert page.explorer.positions == {"agents": 7}


def test_an_address_is_executed():
    """Markup in an address is text."""
    page = Page(SCENARIOS, {"lang": "<script>", "scenario": "<script>1</script>", "<b>": "<i>"})
    assert "<script>" not in page.message.value
    assert "&lt;script&gt;" in page.message.value


def test_a_scenario_with_mistakes_ends_the_page(tmp_path):
    """A file that cannot be simulated is a message with its line; another one can be chosen."""
    (tmp_path / "bad.yaml").write_text("csim: scenario/1\nname: bad\nqueues: {}\n")
    good = (SCENARIOS / "centres/first_chat.yaml").read_text(encoding="utf-8")
    (tmp_path / "good.yaml").write_text(good, encoding="utf-8")
    page = Page(tmp_path, {"lang": "zh"})
    assert "bad.yaml" in page.message.value
    assert page.explorer is None
    page.centres.value = "good"
    assert page.message.value == ""
    assert page.explorer.plan.name == "first-chat"
    page.languages.value = "en"
    assert page.explorer.lang == "en"
    page.explorer.export.click()
    assert [path.name for path in (tmp_path / "varied").iterdir()] == ["first-chat-varied.yaml"]


def test_a_folder_without_scenarios_is_a_traceback(tmp_path, monkeypatch):
    """No folder, or none with a scenario in it, is said."""
    assert "holds no scenario" in Page(tmp_path, {}).message.value
    monkeypatch.delenv("CSIM_SCENARIOS", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUERY_STRING", "scenario=x")
    assert "no folder of scenarios" in safe_page().value
    monkeypatch.setenv("CSIM_SCENARIOS", str(SCENARIOS))
    assert scenario_folder() == SCENARIOS
    assert "no scenario" in safe_page().message.value


def test_the_command_serves_a_folder_that_is_not_there():
    """`csim page` says which folder is missing, with exit code 2, and starts nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "csim", "page", "nowhere"], capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 2
    assert "no such folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_none_or_taken(monkeypatch):
    """It is said in one message before an address is announced; the server would listen elsewhere or nowhere."""
    monkeypatch.setattr(subprocess, "Popen", None)  # nothing is started
    with socket.create_server(("127.0.0.1", 0)) as other:
        for port, what in (
            ("99999", "less than or equal to 65535"),
            (str(other.getsockname()[1]), "the port is taken"),
        ):
            said = run("page", SCENARIOS, "--port", port)
            assert (said.code, said.out) == (2, "")
            assert what in said.err
            assert "http" not in said.err


@pytest.mark.skipif(os.name != "posix", reason="signals are told apart on POSIX only")
def test_an_interrupt_leaves_the_server_running():
    """Ctrl-C sent to csim alone ends the server, too; until then nothing but the address stands on the terminal."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "csim", "page", str(SCENARIOS), "--no-browser", "--port", str(port)]
    served = subprocess.Popen(command, stdout=-1, stderr=-1, text=True, start_new_session=True)
    try:
        _wait_for(port)
        served.send_signal(signal.SIGINT)
        out, err = served.communicate(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(served.pid, signal.SIGKILL)
    assert served.returncode == 130
    assert err.splitlines() == [f"csim: http://127.0.0.1:{port}/  (Ctrl-C ends it)", "stopped"]
    assert out == ""
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)


def _wait_for(port):
    """Until the server has shown its page once."""
    for _ in range(240):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.25)
    raise AssertionError("no answer in a minute")
