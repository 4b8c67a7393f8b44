"""Finding, checking and recording assets, against a server that misbehaves in every way."""

import gzip
import hashlib
import http.server
import json
import socket
import threading
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from reverie import archives, assets, records
from reverie.errors import ReverieError

PAGE = b"\n<!DOCTYPE html>\n<html>Please log in</html>"
BODY = b"time,value\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(20_000))


class Server(http.server.ThreadingHTTPServer):
    """Counts requests; `plan` maps a path to what happens there."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.released = threading.Event()

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        server, what = self.server, self.path.split("/")[1]
        server.asked.append(what)
        times = server.asked.count(what)
        if what in ("404", "500", "503"):
            return self.send_error(int(what))
        if what == "once500" and times == 1:
            return self.send_error(500)
        if what == "redirect":
            self.send_response(302)
            self.send_header("Location", "/good/file.csv")
            self.end_headers()
            return None
        if what == "circle":
            self.send_response(302)
            self.send_header("Location", self.path)
            self.end_headers()
            return None
        if what == "astray":
            self.send_response(302)
            self.send_header("Location", "http://[bad")
            self.end_headers()
            return None
        if what == "silent":
            return self.server.released.wait(20)
        if what == "trickle":  # headers without end
            self.send_response(200)
            with suppress(OSError):
                while not self.server.released.wait(0.1):
                    self.send_header("X", "y")
                    self.flush_headers()
            return None
        body = {"corrupt": BODY[:-1] + b"x", "page": PAGE}.get(what, BODY)
        self.send_response(200)
        self.send_header("Content-Length", "abc" if what == "length" else str(len(body)))
        if what == "packed":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        half = len(body) // 2
        # The first request only asks whether the address answers and takes no body.
        broken = {"truncate": True, "stall": True, "flaky": times == 2}.get(what, False)
        try:
            self.wfile.write(body[:half] if broken else body)
            if broken and what == "stall":
                self.wfile.flush()
                self.server.released.wait(20)
        except OSError:  # the client has seen enough
            pass
        return None


@pytest.fixture
def server(monkeypatch):
    for name, value in {"CONNECT": 1, "ANSWER": 1, "STALL": 0.5, "PAUSE": 0}.items():
        monkeypatch.setattr(assets, name, value)
    monkeypatch.delenv("REVERIE_MIRROR", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


def asset(*addresses, **facts) -> dict:
    checksum = "sha256:" + hashlib.sha256(BODY).hexdigest()
    known = {"file": "file.csv", "bytes": len(BODY), "hash": checksum, "sample": None}
    return known | {"addresses": list(addresses), "contents": None} | facts


def make_sample(sample, folder) -> Path:
    path = folder / f"{sample}.csv"
    path.write_text("a\n1\n")
    return path


def fetch(tmp_path, what, mirrors=(), samples="never", wanted="anything") -> dict:
    record = tmp_path / "resources" / "thing.json"
    places = record.parent, record
    assets.fetch("thing", what, list(mirrors), samples, make_sample, *places, wanted, "code")
    return json.loads(record.read_text())


def wanted_now(tmp_path, what, mirrors=()) -> str:
    record = tmp_path / "resources" / "thing.json"
    return assets.wanted_source(what, list(mirrors), record.parent, record)


def test_code_of_samples_makes_no_real_file_again(tmp_path):
    (tmp_path / "file.csv").write_bytes(BODY)
    what = asset(sample="rows")
    record = tmp_path / "resources" / "thing.json"
    assert assets.code_of_record(record, what, "new") == "new rows"
    fetch(tmp_path, what, mirrors=[str(tmp_path)])
    assert assets.code_of_record(record, what, "new") == "code"
    assert assets.code_of_record(record, asset(), "new") == "code"  # another sample changes nothing
    assert assets.code_of_record(record, asset(hash="md5:0"), "new") == "code"
    assert assets.code_of_record(record, asset(hash=None, bytes=None), "new") == "code"
    for changed in ({"file": "other.csv"}, {"bytes": 1}, {"hash": "sha256:0"}):
        assert assets.code_of_record(record, what | changed, "new") == "new rows"
    (tmp_path / "file.csv").unlink()
    fetch(tmp_path, what, samples="auto")
    assert assets.code_of_record(record, what, "new") == "new rows"


@pytest.mark.parametrize("folder", ["", "{x}", "<results>/", "FOLDER/"])
def test_a_link_without_braces_leads_to_a_users_own_file(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    file = Path(folder.replace("FOLDER", str(tmp_path))) / f"{{y}}{'z' * 200}.csv.gz"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(BODY)
    for _ in range(2):
        link = records.linked(file)
    assert not set("{}<>") & set(str(link))
    assert link.read_bytes() == BODY
    assert link.name.endswith(".csv.gz")
    path, origin = records.source_of(link)
    assert (path, origin["source"]) == (file, str(file))


def left_behind(tmp_path) -> list[str]:
    """Files in `resources/`, but for notes of hosts that did not answer."""
    folder = tmp_path / "resources"
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return sorted(str(path) for path in files if path.parts[0] != ".unreachable")


@pytest.mark.parametrize("what", ["good", "redirect", "once500", "flaky"])
def test_a_file_is_downloaded_and_checked(server, tmp_path, what):
    record = fetch(tmp_path, asset(server.address(f"{what}/file.csv")))
    assert record["source"] == server.address(f"{what}/file.csv")
    assert record["sha256"] == hashlib.sha256(BODY).hexdigest()
    assert not record["sample"]
    path, origin = records.source_of(tmp_path / "resources" / "thing.json")
    assert path.read_bytes() == BODY
    assert origin["source"] == record["source"]
    assert left_behind(tmp_path) == ["file.csv", "thing.json"]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("corrupt", "it is damaged or another file: its checksum is not sha256:"),
        ("page", "it is a web page (a sign-in, say) instead of the file"),
        ("truncate", "the download broke off (the connection ended early)"),
        (
            "length",
            "the download broke off (the address, a redirect or a header of the answer is not",
        ),
        ("packed", "the download broke off (its answer cannot be decoded)"),
        ("stall", "the download broke off (no answer in time)"),
    ],
)
@pytest.mark.parametrize("samples", ["never", "auto"])
def test_a_damaged_file_is_an_error_always(server, tmp_path, what, reason, samples):
    with pytest.raises(ReverieError) as error:
        fetch(tmp_path, asset(server.address(what), sample="docstrings"), samples=samples)
    assert reason in str(error.value)
    assert server.address(what) in str(error.value)
    assert left_behind(tmp_path) == []
    assert server.asked.count(what) == 1 + assets.ATTEMPTS


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("404", "the server answered 404"),
        ("500", "the server answered 500"),
        ("silent", "no answer in time"),
        ("trickle", "no answer in time"),
        ("circle", "it redirects in a circle"),
        ("astray", "the address, a redirect or a header of the answer is not valid"),
    ],
)
def test_an_address_that_cannot_be_had_is_named(server, tmp_path, what, reason):
    with pytest.raises(ReverieError) as error:
        fetch(tmp_path, asset(server.address(what)), mirrors=["mirror"])
    assert str(error.value) == (
        f"thing: no usable file.csv was found (mirror/: not there; {server.address(what)}: {reason}); "
        f"put the file ({len(BODY):,} bytes) into mirror/, or try again later."
    )
    assert left_behind(tmp_path) == []


def test_the_next_address_is_tried(server, tmp_path):
    addresses = [server.address(path) for path in ("404", "corrupt", "good", "redirect")]
    record = fetch(tmp_path, asset(*addresses))
    assert record["source"] == addresses[2]
    assert "redirect" not in server.asked


def test_a_host_that_did_not_answer_is_asked_once(server, tmp_path):
    what = asset(server.address("silent/1"), server.address("silent/2"))
    for _ in range(2):
        with pytest.raises(ReverieError):
            fetch(tmp_path, what)
    assert server.asked == ["silent"]


@pytest.mark.parametrize(
    "address", ["http://[::1/x", f"http://{70 * 'a'}.example/x", "http://127.0.0.1:port/x"]
)
def test_an_address_that_is_none_is_named(server, tmp_path, address):
    with pytest.raises(ReverieError) as error:
        fetch(tmp_path, asset(address))
    assert f"{address}: the address, a redirect or a header" in str(error.value)


def test_a_bad_redirect_says_nothing_of_the_others_on_its_host(server, tmp_path):
    """Only a host that is silent is remembered."""
    addresses = [server.address(path) for path in ("circle", "astray", "good")]
    assert fetch(tmp_path, asset(*addresses))["source"] == addresses[2]


@pytest.mark.parametrize(
    "page", [PAGE, b"\xef\xbb\xbf<HTML lang=en>", b"<?xml?><!-- x -->\n<html>"]
)
def test_a_web_page_is_no_asset_even_without_a_checksum(server, tmp_path, page):
    what = asset(bytes=None, hash=None)
    (tmp_path / "file.csv").write_bytes(page)
    with pytest.raises(ReverieError, match=r"it is a web page \(a sign-in, say\) instead of"):
        fetch(tmp_path, what, mirrors=[str(tmp_path)])
    (tmp_path / "page.html").write_bytes(page)  # unless that is what was asked for
    assert fetch(tmp_path, what | {"file": "page.html"}, mirrors=[str(tmp_path)])


def test_a_table_that_speaks_of_html_is_a_table(server, tmp_path):
    for content in (b"<html5>,x\n1,2\n", b"<!-- -->"):  # many comments, too, are soon read
        (tmp_path / "file.csv").write_bytes(content * 400)
        assert fetch(tmp_path, asset(bytes=None, hash=None), mirrors=[str(tmp_path)])


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_nothing_listens(server, tmp_path):
    with pytest.raises(ReverieError, match="connection refused"):
        fetch(tmp_path, asset(f"http://127.0.0.1:{closed_port()}/file.csv"))


def test_a_proxy_that_refuses(server, tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(ReverieError, match="the proxy refused"):
        fetch(tmp_path, asset("http://example.invalid/file.csv"))


def test_a_name_that_nobody_knows(server, tmp_path):
    with pytest.raises(ReverieError, match="its name is not known here|no answer in time"):
        fetch(tmp_path, asset("http://nowhere.invalid/file.csv"))


def test_a_mirror_file_is_used_where_it_lies(server, tmp_path):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "file.csv").write_bytes(BODY)
    record = fetch(tmp_path, asset(server.address("good")), mirrors=[str(mirror)])
    assert record["path"] == str(mirror / "file.csv")
    assert server.asked == []
    assert left_behind(tmp_path) == ["thing.json"]


def test_the_environment_names_the_first_mirror(server, tmp_path, monkeypatch):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file.csv").write_bytes(BODY)
    monkeypatch.setenv("REVERIE_MIRROR", str(tmp_path / "one"))
    record = fetch(tmp_path, asset(), mirrors=[str(tmp_path / "two")])
    assert record["path"] == str(tmp_path / "one" / "file.csv")


def test_a_damaged_mirror_file_is_an_error(server, tmp_path):
    (tmp_path / "file.csv").write_bytes(BODY[:-5])
    with pytest.raises(ReverieError, match=r"file\.csv: it is damaged: .* bytes instead of"):
        what = asset(server.address("good"), sample="docstrings")
        fetch(tmp_path, what, mirrors=[str(tmp_path)], samples="auto")


def test_an_earlier_download_is_kept_and_a_spoiled_one_replaced(server, tmp_path):
    what = asset(server.address("good"))
    fetch(tmp_path, what)
    fetch(tmp_path, what)
    assert server.asked == ["good", "good"]  # the question and the download, once
    (tmp_path / "resources" / "file.csv").write_bytes(b"spoiled")
    assert fetch(tmp_path, what)["sha256"] == hashlib.sha256(BODY).hexdigest()


def test_a_sample_stands_in_and_gives_way(server, tmp_path, capsys):
    mirror = tmp_path / "mirror"
    what = asset(server.address("404"), sample="docstrings")
    mirrors = [str(mirror)]
    record = fetch(tmp_path, what, mirrors, samples="auto")
    assert record["sample"]
    assert record["path"] == str(tmp_path / "resources/docstrings.csv")
    assert capsys.readouterr().out.splitlines() == [
        "thing: file.csv cannot be reached, so the embedded sample docstrings stands in for it."
    ]
    before = wanted_now(tmp_path, what, mirrors)
    assert before == record["wanted"]  # nothing to fetch again
    mirror.mkdir()
    (mirror / "file.csv").write_bytes(BODY)
    real = wanted_now(tmp_path, what, mirrors)
    assert real != before  # the real file has turned up
    record = fetch(tmp_path, what, mirrors, "auto", real)
    assert not record["sample"]
    (mirror / "file.csv").unlink()
    # Results copied to where no mirror is stay as they are.
    assert wanted_now(tmp_path, what, mirrors) == record["wanted"]


def test_files_of_the_repository_are_real_and_a_mirror_precedes_them(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "EMBEDDED", tmp_path / "embedded")
    (tmp_path / "embedded").mkdir()
    (tmp_path / "embedded" / "file.csv").write_bytes(BODY)
    for mirror, place in (("nowhere", "embedded"), ("mirror", "mirror")):
        record = fetch(tmp_path, asset(), mirrors=[str(tmp_path / mirror)])
        assert not record["sample"]
        assert record["path"] == str(tmp_path / place / "file.csv")
        (tmp_path / "mirror").mkdir(exist_ok=True)
        (tmp_path / "mirror" / "file.csv").write_bytes(BODY)
    (tmp_path / "embedded" / "file.csv").write_bytes(b"spoiled")
    with pytest.raises(ReverieError, match="embedded/file.csv: it is damaged"):
        fetch(tmp_path, asset())


def test_paths_in_the_repository_are_relative_to_where_people_start():
    """Or else a copy of a checkout would fetch its assets anew."""
    file = assets.embedded("README.md")
    assert not file.is_absolute() and file.is_file()


def test_starting_a_workflow_asks_no_address(server, tmp_path):
    """`wanted_source` runs whenever the graph is drawn; it looks into folders alone."""
    dead = asset(server.address("404"), sample="docstrings")
    wanted = fetch(tmp_path, dead, samples="auto")["wanted"]
    asked = list(server.asked)
    alive = dead | {"addresses": [server.address("good"), server.address("silent")]}
    assert wanted_now(tmp_path, alive) == wanted
    assert server.asked == asked
    (tmp_path / "resources/file.csv").write_bytes(BODY)  # a reproduction has downloaded it
    assert wanted_now(tmp_path, alive) != wanted


def test_an_asset_without_a_sample_is_an_error(server, tmp_path):
    with pytest.raises(ReverieError, match="no usable file.csv"):
        fetch(tmp_path, asset(), samples="auto")


def test_a_record_whose_file_is_gone(server, tmp_path):
    fetch(tmp_path, asset(server.address("good")))
    (tmp_path / "resources" / "file.csv").unlink()
    with pytest.raises(ReverieError, match="is gone; put it back, or delete"):
        records.source_of(tmp_path / "resources" / "thing.json")


def zipped(path, members: dict[str, bytes]):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_the_table_inside_a_zip_is_checked(server, tmp_path):
    path = zipped(tmp_path / "file.zip", {"table.csv": BODY})
    facts = {"bytes": len(BODY), "hash": "md5:" + hashlib.md5(BODY).hexdigest()}
    what = asset(file="file.zip", bytes=None, hash=None, contents=facts)
    assert fetch(tmp_path, what, mirrors=[str(tmp_path)])["path"] == str(path)
    for change, reason in [
        ({"bytes": 1}, "its table has"),
        ({"hash": "md5:" + "0" * 32}, "its table's checksum is not"),
    ]:
        with pytest.raises(ReverieError, match=reason):
            fetch(tmp_path, what | {"contents": facts | change}, mirrors=[str(tmp_path)])


def with_flag(archive: bytes, bit: int) -> bytes:
    """A zip of one member, with a bit of its general purpose flag set in both of its headers."""
    changed, central = bytearray(archive), archive.index(b"PK\1\2")
    changed[6] |= bit
    changed[central + 8] |= bit
    return bytes(changed)


def with_method(archive: bytes, method: int) -> bytes:
    """A zip of one member that claims to be packed otherwise."""
    changed, central = bytearray(archive), archive.index(b"PK\1\2")
    changed[8], changed[central + 10] = method, method
    return bytes(changed)


def flipped(archive: bytes, place: int) -> bytes:
    return archive[:place] + bytes([archive[place] ^ 0xFF]) + archive[place + 1 :]


REASON = (
    "is not a .* file or is damaged|is locked by a password|is packed in a way that is not known"
)


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        ("zip", lambda whole: whole[:-30]),
        ("zip", lambda whole: flipped(whole, len(whole) // 2)),
        ("zip", lambda whole: with_flag(whole, 1)),
        ("zip", lambda whole: with_method(whole, 99)),
        ("zip", lambda whole: with_method(whole, 14)),
        ("gz", lambda whole: whole[: len(whole) // 2]),
        ("gz", lambda whole: flipped(whole, len(whole) // 2)),
        ("gz", lambda whole: flipped(whole, len(whole) - 6)),
    ],
    ids=["cut", "flipped", "encrypted", "unknown", "lzma", "gz-cut", "gz-flipped", "gz-sum"],
)
def test_an_archive_that_cannot_be_unpacked_is_refused(server, tmp_path, kind, damage):
    """Most of these open, and fail while they are read."""
    path = tmp_path / f"file.{kind}"
    if kind == "zip":
        zipped(path, {"table.csv": BODY})
    else:
        path.write_bytes(gzip.compress(BODY))
    path.write_bytes(damage(path.read_bytes()))
    facts = {"bytes": len(BODY), "hash": "md5:" + hashlib.md5(BODY).hexdigest()}
    what = asset(file=path.name, bytes=None, hash=None, contents=facts)
    with pytest.raises(ReverieError, match=f"thing: no usable .*: it ({REASON})"):
        fetch(tmp_path, what, mirrors=[str(tmp_path)])


@pytest.mark.parametrize(
    "name",
    ["../outside.csv", "/etc/outside.csv", "a/../../outside.csv", "..\\outside.csv", "C:/x.csv"],
)
def test_a_zip_that_would_write_outside_its_folder_is_refused(tmp_path, name):
    path = zipped(tmp_path / "evil.zip", {"table.csv": BODY, name: BODY})
    with pytest.raises(ReverieError, match="points out of the folder"):
        archives.open_table(path)


@pytest.mark.parametrize("members", [{}, {"a.txt": b"x"}, {"a.csv": b"x", "b.csv": b"x"}])
def test_a_zip_must_hold_one_table(tmp_path, members):
    with pytest.raises(ReverieError, match="must hold exactly one .csv file"):
        archives.open_table(zipped(tmp_path / "some.zip", members))


@pytest.mark.parametrize("kept", [1.0, 0.6, 0.0])
def test_an_archive_without_a_checksum_is_read_to_its_end(tmp_path, kept):
    """Where everybody packs the same records differently, the archive's own checksum must do."""
    packed = gzip.compress(bytes(range(256)) * 999)
    (tmp_path / "records.tar.gz").write_bytes(packed[: round(kept * len(packed))])
    what = asset(file="records.tar.gz", bytes=None, hash=None)
    if kept == 1:
        assert fetch(tmp_path / "resources", what, mirrors=[str(tmp_path)])["sample"] is False
        return
    with pytest.raises(ReverieError, match="it is damaged, or no .gz file"):
        fetch(tmp_path / "resources", what, mirrors=[str(tmp_path)], samples="auto")
