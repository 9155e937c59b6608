"""A lab with a control link, and a client of it."""

from __future__ import annotations

import pytest
from link_cases import Lab

from lablive.live.link import LinkClient


@pytest.fixture
def lab(tmp_path):
    made = Lab(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(lab):
    made = LinkClient.connect(lab.folder)
    yield made
    made.close()
