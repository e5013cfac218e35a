"""A schema registry with the interface of Confluent's: what is registered for a subject, or under the id in a message.

Source: https://docs.confluent.io/platform/current/schema-registry/develop/api.html, as Apicurio and Karapace answer it, too.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from ingest.network import NetworkPolicy
from schema.errors import ConnectionFailed

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 16 * 1024 * 1024  # of one answer
_MOST_REFERENCES = 200
_CAUSES = {401: "CREDENTIALS", 403: "PERMISSION", 404: "BAD_URL"}
_WORDS = {
    "CREDENTIALS": ("The schema registry refused the credentials.", "Check registry_user and registry_password."),
    "PERMISSION": ("These credentials may not read the schemas.", "Grant the right to read subjects and their configuration."),
    "BAD_URL": ("This is not the address of a schema registry.", "Give the address under which /subjects answers."),
    "UNKNOWN": ("The schema registry answered with an error.", "Ask its /subjects with another client."),
    "TIMEOUT": ("The schema registry did not answer in time.", "Check registry_url, or raise PURSIGHT_SOURCE_TIMEOUT_S."),
    "UNREACHABLE": ("The schema registry cannot be reached.", "Check registry_url, its certificate and the firewall."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Registered:
    """One version of a schema; ``kind`` is AVRO, JSON or PROTOBUF, ``references`` are (name, subject, version)."""

    subject: str
    version: int
    ident: int
    kind: str
    text: str
    references: tuple[tuple[str, str, int], ...] = ()


class Registry:
    """One open way to a registry; all methods raise ``ConnectionFailed`` at the field ``registry_url``."""

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        context: ssl.SSLContext,
        access: NetworkPolicy,
    ) -> None:
        import httpx

        _check(url, access)
        self._limiter = access.limiter
        self._client: httpx.AsyncClient = httpx.AsyncClient(
            base_url=url.rstrip("/") + "/",
            auth=httpx.BasicAuth(user, password) if user else None,
            verify=context,
            timeout=access.timeout_s,
            trust_env=False,  # a proxy would connect where the policy does not look
            headers={"Accept": "application/vnd.schemaregistry.v1+json, application/json"},
        )

    async def subjects(self) -> frozenset[str]:
        """Names of all subjects."""
        found = await self._answer("subjects")
        if not isinstance(found, list):
            raise _failed("BAD_URL")
        return frozenset(str(each) for each in found)

    async def latest(self, subject: str) -> Registered | None:
        """The newest version; None if there is none any more."""
        return _registered(await self._found(f"subjects/{quote(subject, safe='')}/versions/latest"))

    async def by_id(self, ident: int) -> Registered | None:
        """The schema that the messages name so."""
        found = await self._found(f"schemas/ids/{ident}")
        return None if found is None else _registered({"subject": "", "version": 0, "id": ident, **found})

    async def compatibility(self, subject: str) -> str:
        """What a next version may change, such as BACKWARD; empty where the registry does not say."""
        name = quote(subject, safe="")
        found = await self._found(f"config/{name}?defaultToGlobal=true") or await self._found("config")
        return str((found or {}).get("compatibilityLevel", ""))

    async def referred(self, schema: Registered) -> dict[str, Registered]:
        """By the names that ``schema`` and what it refers to use; what another builds on comes first."""
        found: dict[str, Registered] = {}
        left = _MOST_REFERENCES

        async def follow(one: Registered) -> None:
            nonlocal left
            for name, subject, version in one.references:
                left -= 1
                if name in found or left < 0:
                    continue
                path = f"subjects/{quote(subject, safe='')}/versions/{version}"
                other = _registered(await self._found(path))
                if other is not None:
                    await follow(other)
                    found[name] = other

        await follow(schema)
        return found

    async def close(self) -> None:
        await self._client.aclose()

    async def _found(self, path: str) -> Mapping[str, Any] | None:
        try:
            found = await self._answer(path)
        except ConnectionFailed as error:
            if error.cause == "BAD_URL":  # 404
                return None
            raise
        return found if isinstance(found, Mapping) else None

    async def _answer(self, path: str) -> Any:
        import httpx
        import orjson

        body = bytearray()
        if self._limiter is not None:
            await self._limiter.acquire_async()
        try:
            async with self._client.stream("GET", path) as response:
                if response.status_code != 200:
                    raise _failed(_CAUSES.get(response.status_code, "UNKNOWN"))
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > MOST_BYTES:
                        raise _failed("UNKNOWN")
            return orjson.loads(bytes(body))
        except httpx.TimeoutException:
            raise _failed("TIMEOUT") from None
        except (httpx.HTTPError, OSError):
            raise _failed("UNREACHABLE") from None
        except ValueError:
            raise _failed("BAD_URL") from None


def _check(url: str, access: NetworkPolicy) -> None:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and parts.hostname and not parts.username and not parts.query
    except ValueError:
        fine = False
    if not fine:
        raise _failed("BAD_URL")
    if parts.scheme == "http" and not access.allow_private:
        raise ConnectionFailed(
            "BAD_URL",
            "The address of the schema registry is not encrypted.",
            "Give an address that begins with https://.",
            path=("config", "registry_url"),
        )


def _registered(found: Mapping[str, Any] | None) -> Registered | None:
    if found is None or not isinstance(found.get("schema"), str):
        return None
    try:
        references = tuple(
            (str(each["name"]), str(each["subject"]), int(each["version"]))
            for each in found.get("references") or ()
        )
        return Registered(
            str(found["subject"]),
            int(found["version"]),
            int(found["id"]),
            str(found.get("schemaType") or "AVRO"),
            found["schema"],
            references,
        )
    except (KeyError, TypeError, ValueError):
        raise _failed("UNKNOWN") from None


def _failed(cause: str) -> ConnectionFailed:
    message, remedy = _WORDS[cause]
    field = "registry_password" if cause in ("CREDENTIALS", "PERMISSION") else "registry_url"
    return ConnectionFailed(cause, message, remedy, path=("config", field))
