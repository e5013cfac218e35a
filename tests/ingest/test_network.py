from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ingest.connectors.base import open_connector
from ingest.network import NetworkPolicy
from schema.errors import ConnectionFailed
from schema.settings import Settings

SPELLINGS = [
    "127.0.0.1",
    "localhost",
    "::1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "::ffff:7f00:1",
    "0",
    "0.0.0.0",
    "::",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "fe80::1",
    "fd00::1",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    " 127.0.0.1 ",
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_an_inner_address_is_refused_in_every_spelling(host: str) -> None:
    with pytest.raises(ConnectionFailed) as refused:
        NetworkPolicy(timeout_s=2).resolve(host, 5432)
    assert refused.value.cause == "BLOCKED_ADDRESS"


def test_the_refusal_names_the_setting() -> None:
    with pytest.raises(ConnectionFailed, match="loopback") as refused:
        NetworkPolicy().resolve("127.0.0.1", 5432)
    assert "PURSIGHT_ALLOW_PRIVATE_SOURCES" in refused.value.remedy


@pytest.mark.parametrize("host", ["169.254.169.254", "2852039166", "[::ffff:a9fe:a9fe]", "168.63.129.16"])
def test_metadata_services_are_refused_even_where_private_addresses_are_allowed(host: str) -> None:
    with pytest.raises(ConnectionFailed) as refused:
        NetworkPolicy(allow_private=True).resolve(host, 80)
    assert refused.value.cause == "BLOCKED_ADDRESS"


@pytest.mark.parametrize("kind", ["postgres", "mysql"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "/tmp"])
def test_no_connection_is_made_to_a_refused_address(kind: str, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        source = open_connector(
            kind,
            {"host": host, "port": listener.getsockname()[1], "user": "u"},
            access=NetworkPolicy(timeout_s=2),
        )
        with pytest.raises(ConnectionFailed) as refused:
            source.check()
        with pytest.raises(TimeoutError):
            listener.accept()
    assert refused.value.cause in ("BLOCKED_ADDRESS", "UNREACHABLE")


def test_a_name_with_one_inner_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(socket.AF_INET, 1, 6, "", ("93.184.216.34", 1)), (socket.AF_INET, 1, 6, "", ("10.0.0.1", 1))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: answers)
    with pytest.raises(ConnectionFailed) as refused:
        NetworkPolicy().resolve("rebinding.example", 1)
    assert refused.value.cause == "BLOCKED_ADDRESS"


def test_a_public_address_is_returned_as_it_is() -> None:
    assert NetworkPolicy().resolve("93.184.216.34", 5432) == "93.184.216.34"
    assert NetworkPolicy().resolve("2606:2800:220:1::1", 5432) == "2606:2800:220:1::1"


@pytest.mark.parametrize("host", ["", "a,b", "x\0y"])
def test_what_is_no_host_name_is_refused(host: str) -> None:
    with pytest.raises(ConnectionFailed) as refused:
        NetworkPolicy(allow_private=True).resolve(host, 1)
    assert refused.value.cause == "BAD_URL"


def test_of_several_addresses_the_one_that_answers_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert NetworkPolicy(True, timeout_s=2).resolve("localhost", listener.getsockname()[1]) == "127.0.0.1"


def test_the_policy_follows_the_settings(tmp_path: Path) -> None:
    policy = NetworkPolicy.of(Settings(data_dir=tmp_path, allow_private_sources=True, source_timeout_s=3))
    assert (policy.allow_private, policy.timeout_s) == (True, 3)
    assert policy.local_path(tmp_path / "demo" / "x.csv") == tmp_path / "demo" / "x.csv"


def test_a_source_cannot_read_the_keys_in_the_data_folder(tmp_path: Path) -> None:
    policy = NetworkPolicy.of(Settings(data_dir=tmp_path))

    with pytest.raises(ConnectionFailed) as refused:
        policy.local_path(tmp_path / "secrets.key")

    assert refused.value.cause == "BLOCKED_ADDRESS"


def test_a_servers_socket_may_be_reached_in_an_allowed_folder_only(tmp_path: Path) -> None:
    inside, outside = tmp_path / "allowed" / "postgres", tmp_path / "elsewhere"
    inside.mkdir(parents=True)
    outside.mkdir()
    (tmp_path / "allowed" / "link").symlink_to(outside)
    policy = NetworkPolicy(local_files=(tmp_path / "allowed",))

    policy.permit_socket(str(inside))

    for folder in (str(outside), str(tmp_path / "allowed" / "link"), f"{inside}/../../elsewhere", None):
        with pytest.raises(ConnectionFailed) as refused:
            policy.permit_socket(folder)
        assert refused.value.cause == "BLOCKED_ADDRESS"
