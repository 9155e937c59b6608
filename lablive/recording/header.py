"""The XML texts of a trial: file header, stream headers, footers."""

from __future__ import annotations

import datetime
import json
import math
import re
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

import msgspec

from lablive.messages import ChannelInfo, StreamInfo, to_json
from lablive.recording import xdf
from lablive.structs import from_json

if TYPE_CHECKING:
    from collections.abc import Iterable

_XML = '<?xml version="1.0"?>'
_MAX_XML_BYTES = 16 << 20
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPAIRED_FROM = "repaired_from"  # header key: file name of the damaged original
KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class FileHeader(NamedTuple):
    """What the file header chunk says; ``recording`` is empty in foreign files."""

    header: dict[str, str]
    recording: str
    part: int


class StreamHeader(NamedTuple):
    """A stream as the file describes it."""

    info: StreamInfo
    layout: xdf.Layout | None  # None: a string stream
    own: bool  # written by LabLive
    can_drop_samples: bool
    chunk: bytes  # as it stands in the file


def _escape(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")  # parsers would turn it into a line feed


def _element(name: str, text: str) -> str:
    if _ILLEGAL.search(text):  # XML has no way to write these characters
        return f'<{name} encoding="json">{_escape(json.dumps(text))}</{name}>'
    return f"<{name}>{_escape(text)}</{name}>"


def file_header(
    header: dict[str, str], recording: str, part: int = 1, previous: str = ""
) -> bytes:
    """Return the file header chunk.

    Parameters
    ----------
    header
        Texts that make the file complete in itself (montage, calibration, ...); each
        becomes an element below ``desc``. Keys match :data:`KEY`.
    recording
        Identifier shared by all parts of one recording.
    part
        1, or the number of the part after a change of disk.
    previous
        File name of the part before this one.
    """
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    link = f'<recording part="{part}" previous="{_quote(previous)}">{recording}'
    texts = "".join(_element(key, text) for key, text in header.items())
    xml = (
        f"{_XML}<info><version>1.0</version><datetime>{now}</datetime><desc>"
        f"<lablive>{link}</recording></lablive><header>{texts}</header></desc></info>"
    )
    return xdf.chunk(xdf.FILE_HEADER, xml.encode())


def _quote(text: str) -> str:
    return _escape(_ILLEGAL.sub("?", text)).replace('"', "&quot;")


def stream_header(info: StreamInfo, sample_format: str = "") -> bytes:
    """Return the stream header chunk; the whole StreamInfo rides along as JSON."""
    channels = "".join(
        f"<channel>{_element('label', c.label)}{_element('unit', c.unit)}"
        f"{_element('type', c.kind)}</channel>"
        for c in info.channels
    )
    stored = _element("stream", to_json(info))
    xml = (
        f"{_XML}<info>{_element('name', info.name)}{_element('type', info.type)}"
        f"<channel_count>{len(info.channels)}</channel_count>"
        f"<nominal_srate>{info.rate_hz!r}</nominal_srate>"
        f"<channel_format>{sample_format or info.sample_format}</channel_format>"
        f"{_element('source_id', info.source_id)}"
        f"{_element('hostname', info.hostname)}"
        f"<desc><synchronization><can_drop_samples>true</can_drop_samples>"
        f"</synchronization><channels>{channels}</channels>"
        f"<lablive>{stored}</lablive></desc></info>"
    )
    return xdf.text_chunk(xdf.STREAM_HEADER, info.id, xml)


def footer(
    stream: int,
    rows: int,
    t0_s: float,
    t1_s: float,
    offsets: Iterable[tuple[float, float]],
) -> bytes:
    """Return the stream footer chunk: first and last stamp, rows, clock offsets."""
    listed = "".join(
        f"<offset><time>{t!r}</time><value>{value!r}</value></offset>"
        for t, value in offsets
    )
    edges = ""
    if math.isfinite(t0_s) and math.isfinite(t1_s):  # else other programs left them out
        edges = (
            f"<first_timestamp>{t0_s!r}</first_timestamp>"
            f"<last_timestamp>{t1_s!r}</last_timestamp>"
        )
    xml = (
        f"{_XML}<info>{edges}<sample_count>{rows}</sample_count>"
        f"<clock_offsets>{listed}</clock_offsets></info>"
    )
    return xdf.text_chunk(xdf.STREAM_FOOTER, stream, xml)


def parse_xml(xml: bytes) -> ET.Element | None:
    """Parse XML of unknown origin; None when it is broken or abusive."""
    if len(xml) > _MAX_XML_BYTES or b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        return None
    try:
        return ET.fromstring(xml)
    except (ET.ParseError, ValueError, LookupError):
        return None


def _text(root: ET.Element, path: str) -> str:
    found = root.find(path)
    if found is None or found.text is None:
        return ""
    if found.get("encoding") == "json":
        try:
            return str(json.loads(found.text))
        except ValueError:
            return found.text
    return found.text


def parse_file_header(data: xdf.Buffer) -> FileHeader | None:
    """Read a file header chunk; None when its XML is broken."""
    head = xdf.read_head(data)
    root = parse_xml(bytes(data[head.content :])) if head else None
    if root is None:
        return None
    link = root.find("desc/lablive/recording")
    if link is None:
        return FileHeader({}, "", 1)
    texts = root.find("desc/header")
    names = [] if texts is None else [item.tag for item in texts]
    header = {name: _text(root, f"desc/header/{name}") for name in names}
    part = link.get("part", "1")
    return FileHeader(header, link.text or "", int(part) if part.isdecimal() else 1)


def parse_stream_header(data: xdf.Buffer) -> StreamHeader | None:
    """Read a stream header chunk; None when nothing can be read with it."""
    head = xdf.read_head(data)
    root = parse_xml(bytes(data[head.content :])) if head else None
    if head is None or root is None:
        return None
    count, sample_format = _text(root, "channel_count"), _text(root, "channel_format")
    if not count.strip().isdecimal():
        return None
    channels = int(count)
    rows = xdf.layout(channels, sample_format)
    if rows is None and (sample_format != xdf.STRING or not 0 < channels < 1 << 20):
        return None
    own = _own_info(root)
    if own is not None and (own.id, len(own.channels)) != (head.stream, channels):
        return None
    info = own or _foreign_info(root, channels, rows)
    can_drop = _text(root, "desc/synchronization/can_drop_samples") == "true"
    info = msgspec.structs.replace(info, id=head.stream)
    return StreamHeader(info, rows, own is not None, can_drop, bytes(data))


def _own_info(root: ET.Element) -> StreamInfo | None:
    stored = _text(root, "desc/lablive/stream")
    if not stored:
        return None
    try:
        return from_json(stored, StreamInfo)
    except msgspec.MsgspecError:
        return None


def _foreign_info(
    root: ET.Element, channels: int, rows: xdf.Layout | None
) -> StreamInfo:
    """Build a StreamInfo from what other recorders write."""
    listed = [
        ChannelInfo(
            _text(item, "label") or f"ch{number}",
            _text(item, "unit"),
            _text(item, "type"),
        )
        for number, item in enumerate(root.findall("desc/channels/channel"))
    ][:channels]
    listed += [ChannelInfo(f"ch{number}") for number in range(len(listed), channels)]
    try:
        rate_hz = float(_text(root, "nominal_srate"))
    except ValueError:
        rate_hz = 0.0
    if not math.isfinite(rate_hz) or rate_hz < 0:
        rate_hz = 0.0
    maker = (_text(root, f"desc/{key}").strip() for key in ("manufacturer", "model"))
    return StreamInfo(
        id=0,
        name=_text(root, "name"),
        type=_text(root, "type"),
        rate_hz=rate_hz,
        channels=tuple(listed),
        source_id=_text(root, "source_id"),
        hostname=_text(root, "hostname"),
        device=" ".join(part for part in maker if part),
        sample_format=xdf.sample_format_of(rows) if rows else "double64",
    )
