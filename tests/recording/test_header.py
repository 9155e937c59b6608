from __future__ import annotations

import pytest
from trial_cases import EMG, INSOLE

from lablive.messages import ChannelInfo, StreamInfo
from lablive.recording import header, xdf


@pytest.mark.parametrize(
    "text",
    ["", "plain", "a = 1\r\n[b]\n\tc", "<&>\"'", "\x00\x1b\ufffe", "µ°\U0001f600"],
)
def test_header_texts_come_back_letter_by_letter(text):
    data = header.file_header({"montage": text, "code": "P1"}, "abc", 2, 'x"<.xdf')
    found = header.parse_file_header(data)
    assert found == header.FileHeader({"montage": text, "code": "P1"}, "abc", 2)


@pytest.mark.parametrize("info", [INSOLE, EMG])
def test_stream_info_comes_back_equal(info):
    found = header.parse_stream_header(header.stream_header(info))
    assert found.info == info
    assert found.own
    assert found.layout == xdf.layout(len(info.channels), info.sample_format)


def test_stream_header_of_other_programs():
    xml = (
        "<info><name>Amp</name><type>EMG</type><channel_count>2</channel_count>"
        "<nominal_srate>1000.00</nominal_srate><channel_format>int16</channel_format>"
        "<source_id>s1</source_id><hostname>pc</hostname><desc><manufacturer>Acme"
        "</manufacturer><channels><channel><label>gm</label><unit>uV</unit>"
        "<type>EMG</type></channel></channels></desc></info>"
    )
    found = header.parse_stream_header(xdf.text_chunk(xdf.STREAM_HEADER, 12, xml))
    channels = (ChannelInfo("gm", "uV", "EMG"), ChannelInfo("ch1"))
    assert found.info == StreamInfo(
        12, "Amp", "EMG", 1000.0, channels, "s1", "pc", "Acme"
    )
    assert not found.own


@pytest.mark.parametrize(
    "change",
    [
        ("<channel_count>2<", "<channel_count>x<"),
        ("<channel_count>2<", "<channel_count>0<"),
        ("<channel_count>2<", "<channel_count>3<"),
        ("float32", "float33"),
        ("<info>", "<infx>"),
        ("<info>", "<!DOCTYPE a><info>"),
        ('"id":1', '"id":2'),
    ],
)
def test_a_damaged_stream_header_is_none(change):
    data = header.stream_header(INSOLE).decode("latin-1").replace(*change)
    assert header.parse_stream_header(data.encode("latin-1")) is None


@pytest.mark.parametrize("rate", ["inf", "nan", "-5", "fast"])
def test_a_senseless_rate_means_irregular(rate):
    xml = (
        "<info><channel_count>1</channel_count><channel_format>float32"
        f"</channel_format><nominal_srate>{rate}</nominal_srate></info>"
    )
    found = header.parse_stream_header(xdf.text_chunk(xdf.STREAM_HEADER, 1, xml))
    assert found.info.rate_hz == 0.0
