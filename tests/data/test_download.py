import hashlib

import pytest

from metacourse.data.download import fetch, first_bytes

CONTENT = b"some data " * 1000
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


def test_a_file_arrives_whole_and_once(server, tmp_path):
    (server.folder / "data.bin").write_bytes(CONTENT)
    path = fetch(f"{server.address}/data.bin", tmp_path / "deep" / "data.bin", md5=MD5)
    assert path.read_bytes() == CONTENT
    server.close()
    assert fetch(f"{server.address}/data.bin", path, md5=MD5) == path


def test_the_beginning_of_a_file_comes_alone(server):
    (server.folder / "data.bin").write_bytes(CONTENT)
    assert first_bytes(f"{server.address}/data.bin", 25) == CONTENT[:25]
    assert first_bytes(f"{server.address}/data.bin", 10**6) == CONTENT


def test_a_wrong_checksum_is_refused_and_nothing_stays(server, tmp_path):
    (server.folder / "data.bin").write_bytes(CONTENT[:-1])
    with pytest.raises(ValueError, match=f"wanted is {MD5}"):
        fetch(f"{server.address}/data.bin", tmp_path / "into" / "data.bin", md5=MD5)
    assert not any((tmp_path / "into").iterdir())


def test_a_broken_connection_is_told_and_nothing_stays(server, tmp_path):
    server.cut_after = 4000
    (server.folder / "data.bin").write_bytes(CONTENT)
    with pytest.raises(ConnectionError, match=r"stopped after 4000 of 10000 bytes|cut off"):
        fetch(f"{server.address}/data.bin", tmp_path / "into" / "data.bin")
    assert not any((tmp_path / "into").iterdir())


def test_without_a_network_it_says_what_to_do(server, tmp_path):
    server.close()
    with pytest.raises(ConnectionError, match="connect to a network, or fetch the file elsewhere and pass"):
        fetch(f"{server.address}/data.bin", tmp_path / "into" / "data.bin")
    assert not any((tmp_path / "into").iterdir())


def test_a_file_that_the_server_lacks_is_told(server, tmp_path):
    with pytest.raises(ConnectionError, match="404"):
        fetch(f"{server.address}/none.bin", tmp_path / "none.bin")
