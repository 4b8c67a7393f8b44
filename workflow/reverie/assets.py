"""Where data come from: a mirror directory, the repository, an address, or an embedded sample.

Every asset ends as a *record*, `resources/{real,or_sample}/<name>.json`, which says where the file lies, its
checksum, and whether it is real or a sample. A mirror's file is used where it lies.
"""

import hashlib
import json
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests
from filelock import FileLock
from requests import exceptions

from reverie import weights
from reverie.archives import open_table
from reverie.errors import ReverieError
from reverie.files import replacing
from reverie.records import digest

EMBEDDED = Path(__file__).with_name("embedded")  # real files that are small enough to come along

# Seconds. A machine without a network must not wait: a host that did not answer is remembered
# for all assets, so that the search costs ANSWER per host and not per asset and address.
CONNECT, ANSWER, STALL = 3, 4, 15
REMEMBER = 120
ATTEMPTS, PAUSE = 3, 1

WEB_PAGE = re.compile(  # possessive, since backtracking over many comments would take forever
    rb"(?>\xef\xbb\xbf|\s|<\?xml.*?\?>|<!--.*?-->)*+<(!doctype\s+)?html\b", re.I | re.S
)

# What an address, its redirects or an answer may raise. ValueError is from parts of addresses and from
# headers, which requests passes on unchecked.
REQUEST_ERRORS = (TimeoutError, exceptions.RequestException, exceptions.BaseHTTPError, ValueError)
# The reason of a failed request: the first whose exception, or part of its text, fits.
REASONS = {
    exceptions.ProxyError: "the proxy refused",
    TimeoutError: "no answer in time",
    exceptions.Timeout: "no answer in time",
    "timed out": "no answer in time",
    exceptions.InvalidProxyURL: "the proxy's address is not valid",
    exceptions.SSLError: "no secure connection",
    exceptions.TooManyRedirects: "it redirects in a circle",
    exceptions.ContentDecodingError: "its answer cannot be decoded",
    exceptions.ChunkedEncodingError: "the connection ended early",
    "resol": "its name is not known here",
    "refused": "connection refused",
    "unreachable": "network unreachable",
    ValueError: "the address, a redirect or a header of the answer is not valid",
}


class Unreachable(Exception):
    """An address that does not give the file, with the reason."""


class Damaged(Exception):
    """A file that was reached but is not what it should be, with the reason."""


def fetch(
    name: str,
    asset: dict,
    mirrors: list[str],
    samples: str,
    make_sample: Callable[[str, Path], Path],
    folder: Path,
    record: Path,
    wanted: str,
    code: str,
):
    """Find the asset, check it, and write its record.

    ``asset`` is an entry of `assets` in the configuration, ``samples`` its setting `samples`;
    ``make_sample(sample, folder)`` gives the path of an embedded sample, written if need be; ``folder`` receives
    downloads and samples; ``wanted`` is kept in the record for :func:`wanted_source`, and the hash ``code``
    for :func:`code_of_record`. Raises
    ReverieError, with every place that was tried, when nothing usable was found.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, source, failures = find(name, asset, mirrors, folder)
    is_sample = path is None
    if is_sample:
        damaged = any(isinstance(failure, Damaged) for failure in failures.values())
        if damaged or samples != "auto" or asset.get("sample") is None:
            raise ReverieError(not_found(name, asset, mirrors, failures))
        path, source = make_sample(asset["sample"], folder), f"embedded sample: {asset['sample']}"
        print(
            f"{name}: {asset['file']} cannot be reached, so the embedded sample {asset['sample']} "
            "stands in for it."
        )
    facts = {
        "asset": name,
        "path": str(path),
        "source": source,
        "sample": is_sample,
        "bytes": path.stat().st_size,
        "sha256": digest(path, "sha256"),
        "wanted": wanted,
        "code": code,
    }
    with replacing(record) as part:
        part.write_text(json.dumps(facts, indent=2) + "\n")


def code_of_record(record: Path, asset: dict, current: str) -> str:
    """The code that made the record, if that is of the real file of the ``asset``.

    For a sample, another file or no record it is the ``current`` one, with the sample that would stand in. What
    code found and checked needs no other code to find it again.
    """
    with suppress(OSError, ValueError, KeyError):
        facts = json.loads(record.read_text())
        same = Path(facts["path"]).name == asset["file"]
        same &= asset["bytes"] in (None, facts["bytes"])
        kind, _, checksum = (asset["hash"] or "").partition(":")
        same &= kind != "sha256" or checksum == facts["sha256"]  # of others, the record has none
        if same and not facts["sample"]:
            return facts["code"]
    return f"{current} {asset['sample']}"


def find(name: str, asset: dict, mirrors: list[str], folder: Path):
    """(path, source, {}) of the real file, or (None, "", {place: why not})."""
    downloaded = folder / asset["file"]
    if downloaded.is_file():  # replaced atomically, so never half a file
        if defect(downloaded, asset) is None:
            return downloaded, f"downloaded before to {downloaded}", {}
        downloaded.unlink()
    if mirrored := in_mirror(asset, mirrors):
        if reason := defect(mirrored, asset):
            return None, "", {str(mirrored): Damaged(reason)}
        return mirrored, str(mirrored), {}
    failures: dict[str, Exception] = {}
    for address in asset.get("addresses", []):
        try:
            return download(name, asset, address, folder), address, {}
        except (Unreachable, Damaged) as failure:
            failures[address] = failure
    return None, "", failures


def in_mirror(asset: dict, mirrors: list[str]) -> Path | None:
    """The asset's file in the first mirror directory that has it, or else in the repository."""
    paths = [Path(place) / asset["file"] for place in places(mirrors)] + [embedded(asset["file"])]
    return next((path for path in paths if path.is_file()), None)


def embedded(file: str) -> Path:
    """Where the file would lie in the repository, relative to the working directory if that is possible."""
    path = EMBEDDED / file
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def places(mirrors: list[str]) -> list[str]:
    """The mirror directories in the order of the search."""
    first = os.environ.get("REVERIE_MIRROR")
    return [os.path.expanduser(place) for place in ([first] if first else []) + mirrors]


def not_found(name: str, asset: dict, mirrors: list[str], failures: dict) -> str:
    """One sentence: every place tried, and what to put where."""
    tried = [f"{place}: {failure}" for place, failure in failures.items()]
    if not in_mirror(asset, mirrors):
        tried = [f"{place}/: not there" for place in places(mirrors)] + tried
    size = f" ({asset['bytes']:,} bytes)" if asset.get("bytes") else ""
    return (
        f"{name}: no usable {asset['file']} was found ({'; '.join(tried)}); put the file{size} "
        f"into {(places(mirrors) or ['a mirror directory'])[0]}/, or try again later."
    )


def defect(path: Path, asset: dict) -> str | None:
    """What is wrong with the file by the asset's facts, or None."""
    reason = difference(path, asset)
    if (reason or not asset.get("hash")) and is_web_page(path):
        return "it is a web page (a sign-in, say) instead of the file"
    return reason


def is_web_page(path: Path) -> bool:
    """Whether the file is HTML although its name does not say so."""
    with open(path, "rb") as file:
        begin = file.read(4096)
    return path.suffix.lower() not in {".html", ".htm"} and bool(WEB_PAGE.match(begin))


def difference(path: Path, asset: dict) -> str | None:
    """How size, checksum or contents differ from the asset's facts, or None."""
    size = path.stat().st_size
    if asset.get("bytes") and size != asset["bytes"]:
        return f"it is damaged: {size:,} bytes instead of {asset['bytes']:,}"
    if checksum := asset.get("hash"):
        algorithm = checksum.partition(":")[0]
        if f"{algorithm}:{digest(path, algorithm)}" != checksum:
            return f"it is damaged or another file: its checksum is not {checksum}"
    if facts := asset.get("contents"):
        algorithm, checksum = facts["hash"].split(":")
        unpacked, size = hashlib.new(algorithm), 0
        try:
            with open_table(path) as table:
                while block := table.read(1 << 20):
                    unpacked.update(block)
                    size += len(block)
        except ReverieError as error:
            return f"it {str(error).removeprefix(f'{path} ').rstrip('.')}"
        if size != facts["bytes"]:
            return f"it is damaged: its table has {size:,} bytes instead of {facts['bytes']:,}"
        if unpacked.hexdigest() != checksum:
            return f"it is damaged or another file: its table's checksum is not {facts['hash']}"
    if path.suffix == ".h5" and not asset.get("hash") and not weights.sound(path):
        return "it is damaged, or no .h5 file"
    if path.suffix == ".gz" and not asset.get("hash") and not whole(path):
        return "it is damaged, or no .gz file"
    return None


def whole(path: Path) -> bool:
    """Whether a packed file can be unpacked to its end, where it has a checksum of its own."""
    size = 0
    try:
        with open_table(path) as file:
            while block := file.read(1 << 20):
                size += len(block)
    except ReverieError:
        return False
    return size > 0


def download(name: str, asset: dict, address: str, folder: Path) -> Path:
    """The checked file in ``folder``; raises Unreachable, or Damaged after several attempts."""
    ask(address, folder)
    print(f"{name}: downloading {address}", flush=True)
    # A progress bar only where somebody watches: not in a log, nor on a cluster.
    get = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=(CONNECT, STALL))
    with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as scratch:
        part = Path(scratch) / asset["file"]
        for attempt in range(1, ATTEMPTS + 1):
            try:
                get(address, part, None)
                reason = defect(part, asset)
            except REQUEST_ERRORS as error:
                reason = f"the download broke off ({plainly(error)})"
            if reason is None:
                return part.replace(folder / asset["file"])
            if attempt < ATTEMPTS:
                print(f"{name}: {address}: {reason}; trying again ({attempt} of {ATTEMPTS - 1}).")
                time.sleep(PAUSE * attempt)
    raise Damaged(reason)


def ask(address: str, folder: Path) -> None:
    """Raise Unreachable unless the address answers; a silent host is remembered for a while."""
    try:
        host = urlsplit(address).netloc
    except ValueError as error:
        raise Unreachable(plainly(error)) from None
    note = folder / ".unreachable" / hashlib.sha256(host.encode()).hexdigest()
    with suppress(FileNotFoundError):  # another job may just delete it
        if time.time() - note.stat().st_mtime < REMEMBER:
            raise Unreachable(note.read_text())
    for attempt in range(1, ATTEMPTS + 1):
        try:
            status = status_of(address)
        except REQUEST_ERRORS as error:
            if isinstance(error, TimeoutError | requests.Timeout | requests.ConnectionError):
                note.parent.mkdir(exist_ok=True)
                with FileLock(f"{note}.lock"), replacing(note) as part:
                    part.write_text(plainly(error))
            raise Unreachable(plainly(error)) from None
        if status < 400:
            note.unlink(missing_ok=True)
            return
        if status < 500 or attempt == ATTEMPTS:
            raise Unreachable(f"the server answered {status}")
        time.sleep(PAUSE * attempt)


def status_of(address: str) -> int:
    """HTTP status of the address, redirects followed; nothing is downloaded.

    TimeoutError after ANSWER seconds in all: neither the look-up of a name nor an answer that trickles
    in has a time limit of its own.
    """
    outcome: Future[int] = Future()

    def work():
        try:
            with requests.get(address, stream=True, timeout=(CONNECT, ANSWER)) as response:
                status = response.status_code
            outcome.set_result(status)
        except Exception as error:
            outcome.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return outcome.result(ANSWER)


def plainly(error: Exception) -> str:
    """The reason of a failed request in a few words."""
    if isinstance(error, exceptions.HTTPError):
        return f"the server answered {error.response.status_code}"
    for sign, reason in REASONS.items():
        if sign in str(error) if isinstance(sign, str) else isinstance(error, sign):
            return reason
    return "no connection"


def wanted_source(asset: dict, mirrors: list[str], folder: Path, record: Path) -> str:
    """What the rule that fetches the asset takes as a parameter: it changes when a sample must go.

    A recorded real file is kept for good, wherever the results are copied. A recorded sample
    gives way once the real file lies in a mirror or was downloaded by another run. No address is
    asked: this is called whenever a workflow starts, also for a dry run.
    """
    try:
        recorded = json.loads(record.read_text())
        wanted, is_sample = recorded["wanted"], recorded["sample"]
    except (OSError, ValueError, KeyError):
        return "anything"
    if is_sample and (in_mirror(asset, mirrors) or (folder / asset["file"]).is_file()):
        return "real"
    return wanted
