"""What a source may reach: public addresses and listed folders, unless the operator allowed more.

A name is resolved once and the connection goes to that very address, so a second answer of the name server changes nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Self

from schema.errors import ConnectionFailed
from schema.settings import Settings

if TYPE_CHECKING:
    from ingest.rate_limit import RateLimiter

# Cloud metadata services; the third and fourth look like ordinary addresses. No data source lives there.
_METADATA = frozenset(
    map(ip_address, ("169.254.169.254", "fd00:ec2::254", "168.63.129.16", "100.100.100.200"))
)
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """``timeout_s`` bounds one connection attempt, seconds; ``local_files`` are the folders that may be read.

    Before each request ``limiter`` is to be waited for, where there is one.
    """

    allow_private: bool = False
    local_files: tuple[Path, ...] = ()
    timeout_s: float = 15.0
    limiter: RateLimiter | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The policy the operator set."""
        return cls(
            settings.allow_private_sources,
            # Not the data folder itself: it holds the keys and passwords of this installation.
            (settings.data_dir / "demo", *settings.local_files),
            settings.source_timeout_s,
        )

    def limited_s(self) -> float:
        """For how long requests waited for their turn so far, seconds."""
        return self.limiter.waited_s if self.limiter is not None else 0.0

    def resolve(self, host: str, port: int) -> str:
        """The one address to connect to; of several, the first that accepts a connection.

        Raises ``ConnectionFailed``: BLOCKED_ADDRESS if any address of the name is not allowed, UNREACHABLE or TIMEOUT.
        """
        addresses = self._look_up(host, port)
        for address in addresses:
            self._permit(address)
        if len(addresses) == 1:
            return addresses[0]
        return self._first_open(addresses, port)

    def permit_socket(self, folder: str | None = None) -> None:
        """Raises ``ConnectionFailed`` BLOCKED_ADDRESS unless servers of this machine, or files of that folder, are allowed."""
        if not self.allow_private and (folder is None or not self._is_allowed(Path(folder).resolve())):
            raise _blocked("The source lies on this machine")

    def local_path(self, path: str | Path, *, field: str = "path") -> Path:
        """The real path, links followed; raises ``ConnectionFailed`` BLOCKED_ADDRESS outside the allowed folders."""
        try:
            real = Path(path).resolve()
        except (ValueError, OSError, RuntimeError):
            raise ConnectionFailed(
                "BAD_URL",
                "This is not a path.",
                "Write the path of a file or folder.",
                path=("config", field),
            ) from None
        if not self._is_allowed(real):
            raise ConnectionFailed(
                "BLOCKED_ADDRESS",
                "The path lies outside the folders that sources may read.",
                "Add its folder to PURSIGHT_LOCAL_FILES, or move the data into an allowed folder.",
                path=("config", field),
            )
        return real

    def _is_allowed(self, real: Path) -> bool:
        return any(real.is_relative_to(folder.resolve()) for folder in self.local_files)

    def _look_up(self, host: str, port: int) -> list[str]:
        name = host.strip().removeprefix("[").removesuffix("]")
        if not name or "\0" in name or "," in name:
            raise ConnectionFailed(
                "BAD_URL",
                "The host is not a host name.",
                "Give one host name or address.",
                path=("config", "host"),
            )
        pool = ThreadPoolExecutor(1)  # getaddrinfo knows no deadline
        try:
            found = pool.submit(socket.getaddrinfo, name, port, type=socket.SOCK_STREAM).result(
                self.timeout_s
            )
        except TimeoutError:
            raise _timed_out(self.timeout_s) from None
        except (OSError, UnicodeError):
            raise ConnectionFailed(
                "UNREACHABLE",
                "The host name is not known.",
                "Check the spelling of the host, and that this machine's name server knows it.",
                path=("config", "host"),
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    def _permit(self, address: str) -> None:
        for ip in _meanings(ip_address(address)):
            if ip in _METADATA:
                raise ConnectionFailed(
                    "BLOCKED_ADDRESS",
                    "The host is a metadata service of a cloud.",
                    "Name the host of the source itself; this address is never allowed.",
                    path=("config", "host"),
                )
            if not self.allow_private and (not ip.is_global or ip.is_multicast):
                raise _blocked("The host is a loopback, link-local, private or multicast address")

    def _first_open(self, addresses: Sequence[str], port: int) -> str:
        late = False
        for address in addresses:
            try:
                socket.create_connection((address, port), self.timeout_s / len(addresses)).close()
            except TimeoutError:
                late = True
            except OSError:
                continue
            else:
                return address
        if late:
            raise _timed_out(self.timeout_s)
        raise ConnectionFailed(
            "UNREACHABLE",
            "No server accepts connections at this host and port.",
            "Check host and port, and that a firewall lets this machine through.",
            path=("config", "host"),
        )


def _meanings(ip: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address and the IPv4 addresses that it wraps."""
    if isinstance(ip, IPv4Address):
        return [ip]
    wrapped = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in _NAT64:
        wrapped.append(IPv4Address(int(ip) & 0xFFFFFFFF))
    inner = [each for each in wrapped if each is not None]
    return [*inner] if ip.ipv4_mapped else [ip, *inner]


def _blocked(what: str) -> ConnectionFailed:
    return ConnectionFailed(
        "BLOCKED_ADDRESS",
        f"{what}, which sources may not reach.",
        "Set PURSIGHT_ALLOW_PRIVATE_SOURCES=true if this server may connect to its own network.",
        path=("config", "host"),
    )


def _timed_out(seconds: float) -> ConnectionFailed:
    return ConnectionFailed(
        "TIMEOUT",
        f"The source did not answer within {seconds:g} s.",
        "Check host, port and firewall, or raise PURSIGHT_SOURCE_TIMEOUT_S.",
        path=("config", "host"),
    )
