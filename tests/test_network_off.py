"""`make test` proves that nothing needs the network: it runs where there is none."""
import os
import socket

import pytest


def test_nothing_but_loopback_can_be_reached():
    network = os.environ.get("METACOURSE_NETWORK", "pytest was called without tools/offline.py")
    if network != "off":
        pytest.skip(f"the network is on: {network}")
    assert [name for _, name in socket.if_nameindex()] == ["lo"]
    with pytest.raises(OSError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)              # reserved for documentation
