"""Object stores: where a URL leads, with which credentials, and what the stores' errors mean.

Names follow OpenLineage: ``s3://bucket``, ``gs://bucket``, ``abfss://container@account.dfs.core.windows.net`` and the key inside.
"""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from ingest.connectors.base import ConnectorConfig, load
from ingest.connectors.failures import failure, missing_driver
from ingest.network import NetworkPolicy
from ingest.rate_limit import RateLimiter
from schema.errors import ConnectionFailed

SCHEMES = {
    "s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "abfss": "azure", "abfs": "azure", "az": "azure",
    "wasbs": "azure", "memory": "memory",
}  # fmt: skip
_PACKAGES = {"s3": "s3fs", "gcs": "gcsfs", "azure": "adlfs"}
_SUFFIXES = ("core.windows.net", "core.chinacloudapi.cn", "core.usgovcloudapi.net")
_BUCKET = re.compile(r"[A-Za-z0-9$][A-Za-z0-9._-]{0,221}")
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_GOOGLE_TOKENS = "https://oauth2.googleapis.com/token"
_KEYS = {
    "s3": ("secret_access_key",),
    "gcs": ("service_account",),
    "azure": ("account_key", "sas_token", "client_secret"),
    "memory": (),
}


class StoreConfig(ConnectorConfig):
    """How to reach an object store; of no meaning for local files."""

    endpoint: str = Field(
        default="", description="URL of a store that is not the cloud's own, such as MinIO."
    )
    anonymous: bool = Field(default=False, description="Read a public bucket, without any credentials.")
    region: str = Field(default="", pattern=r"^[a-z0-9-]{0,40}$", description="S3: region of the bucket.")
    access_key_id: str = Field(default="", description="S3: id of the access key.")
    secret_access_key: SecretStr = Field(default=SecretStr(""), description="S3: the access key.")
    session_token: SecretStr = Field(default=SecretStr(""), description="S3: token of a temporary key.")
    account: str = Field(default="", description="Azure: storage account, if the URL does not name it.")
    account_key: SecretStr = Field(default=SecretStr(""), description="Azure: key of the account.")
    sas_token: SecretStr = Field(default=SecretStr(""), description="Azure: shared access signature.")
    tenant_id: str = Field(default="", description="Azure: tenant of the service principal.")
    client_id: str = Field(default="", description="Azure: id of the service principal.")
    client_secret: SecretStr = Field(default=SecretStr(""), description="Azure: its secret.")
    service_account: SecretStr = Field(
        default=SecretStr(""), description="GCS: JSON key of a service account."
    )

    def secret(self, name: str) -> str:
        """The plain text of a secret field."""
        return str(getattr(self, name).get_secret_value())


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket or container, and the key that the URL ends in; ``suffix`` is Azure's domain."""

    kind: str
    bucket: str
    key: str
    account: str = ""
    suffix: str = _SUFFIXES[0]

    @property
    def namespace(self) -> str:
        if self.kind == "azure":
            return f"abfss://{self.bucket}@{self.account}.dfs.{self.suffix}"
        return f"{'gs' if self.kind == 'gcs' else self.kind}://{self.bucket}"


def place_of(url: str, config: StoreConfig) -> Place:
    """Bucket and key of a URL; raises ``ConnectionFailed`` BAD_URL without repeating it."""
    scheme, _, rest = url.partition("://")
    authority, _, key = rest.partition("/")
    kind, account, suffix = SCHEMES[scheme], "", _SUFFIXES[0]
    if kind == "azure":
        authority, _, host = authority.partition("@")
        account, _, domain = host.partition(".")
        account = account or config.account
        suffix = domain.partition(".")[2] if domain else suffix
        if not _ACCOUNT.fullmatch(account) or suffix not in _SUFFIXES:
            raise _bad("The URL names no storage account.", "path")
    if not _BUCKET.fullmatch(authority) or ".." in key.split("/"):
        raise _bad("The URL names no bucket.", "path")
    return Place(kind, authority, key.strip("/"), account, suffix)


def open_store(place: Place, config: StoreConfig, access: NetworkPolicy) -> Any:
    """The fsspec file system behind a place; raises ``ConnectionFailed``: MISSING_DRIVER, BLOCKED_ADDRESS, CREDENTIALS, BAD_URL."""
    has_keys = any(config.secret(name) for name in _KEYS[place.kind])
    endpoint = guarded(config.endpoint, access)
    if endpoint and not has_keys and not config.anonymous:
        # Those of this server's own environment are for the cloud, not for an address that a user chose.
        raise _refused("A store at an endpoint of its own needs credentials of its own.")
    try:
        system = _OPENERS[place.kind](place, config, endpoint, has_keys, access)
    except ImportError:
        raise missing_driver(place.kind, _PACKAGES[place.kind]) from None
    except ConnectionFailed:
        raise
    except Exception as error:  # each vendor has a hierarchy of its own
        raise store_failure(error) from None
    return system


def guarded(endpoint: str, access: NetworkPolicy) -> str:
    """The endpoint with a permitted, answering host; over plain HTTP its address, so that a later look-up cannot change it."""
    if not endpoint:
        return ""
    try:
        parts = urlsplit(endpoint)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise _bad("The endpoint is not a URL.", "endpoint") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise _bad("The endpoint is not http://host:port or https://host:port.", "endpoint")
    try:
        address = access.resolve(parts.hostname, port)
        socket.create_connection((address, port), access.timeout_s).close()
    except OSError as error:
        raise _at(failure(error), "endpoint") from None
    except ConnectionFailed as error:
        raise _at(error, "endpoint") from None
    if parts.scheme == "https":  # its certificate ties the name to the server
        return endpoint.rstrip("/")
    host = f"[{address}]" if ":" in address else address
    return f"http://{host}:{port}{parts.path}".rstrip("/")


def store_failure(error: BaseException) -> ConnectionFailed:
    """What an error of a store's client means."""
    if isinstance(error, ConnectionFailed):
        return error
    text = " ".join(_told(error))
    matching = (cause for cause, pattern in _TEXTS if re.search(pattern, text, re.IGNORECASE))
    cause = next(matching, None) or failure(error).cause
    message, remedy, field = _WORDS.get(cause, _WORDS["UNKNOWN"])
    return ConnectionFailed(cause, message, remedy, path=("config", field))


def _told(error: BaseException | None) -> list[str]:
    """Types, codes and texts of an error and what caused it; for patterns only, never shown."""
    told: list[str] = []
    while error is not None and len(told) < 40:
        code = getattr(error, "code", None) or getattr(error, "status_code", None) or ""
        told += [type(error).__name__, f"status={code}", str(error)[:2000]]
        error = error.__cause__ or error.__context__
    return told


_TEXTS = (
    ("CREDENTIALS", r"InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|NoCredentials|ClientAuthentication"
     r"|DefaultCredentials|RefreshError|AuthenticationFailed|InvalidAuthenticationInfo|status=401|Unauthorized|invalid_grant"
     r"|Incorrect padding|CredentialUnavailable|AuthFailure|Server failed to authenticate"),
    ("NOT_FOUND", r"NoSuchBucket|FileNotFound|ContainerNotFound|ResourceNotFound|status=404|NoSuchKey"),
    ("PERMISSION", r"PermissionError|AccessDenied|status=403|Forbidden|NoAuthenticationInformation|PublicAccessNotPermitted"),
    ("TIMEOUT", r"Timeout|timed out"),
    ("UNREACHABLE", r"EndpointConnection|ClientConnector|ServiceRequestError|Cannot connect|refused|ConnectionClosed|DNS"),
)  # fmt: skip
_WORDS = {
    "CREDENTIALS": (
        "The store refused the credentials.",
        "Check the keys of the source: right store, not expired, not revoked.",
        "credentials",
    ),
    "NOT_FOUND": (
        "There is no such bucket, container or folder.",
        "Check the spelling of the URL, also of letter case.",
        "path",
    ),
    "PERMISSION": (
        "These credentials may not read this place.",
        "Grant the right to list the bucket and to read its objects.",
        "path",
    ),
    "TIMEOUT": (
        "The store did not answer in time.",
        "Check endpoint and region, or raise PURSIGHT_SOURCE_TIMEOUT_S.",
        "endpoint",
    ),
    "UNREACHABLE": ("The store cannot be reached.", "Check endpoint, region and firewall.", "endpoint"),
    "UNKNOWN": ("The store answered with an error.", "Try the same with the store's own client.", "path"),
}


def _s3(place: Place, config: StoreConfig, endpoint: str, has_keys: bool, access: NetworkPolicy) -> Any:
    load("s3fs")
    from s3fs import S3FileSystem

    client = {"endpoint_url": endpoint} if endpoint else {}
    if config.region or endpoint:
        client["region_name"] = config.region or "us-east-1"
    keys: dict[str, str | None] = {}
    if has_keys and not config.anonymous:
        keys = {"key": config.access_key_id, "secret": config.secret("secret_access_key")}
        keys["token"] = config.secret("session_token") or None
    style = {"s3": {"addressing_style": "path"}} if endpoint else {}
    limits = {
        "connect_timeout": access.timeout_s,
        "read_timeout": access.timeout_s,
        "retries": {"max_attempts": 2},
    }
    system = S3FileSystem(
        session=_session(access.limiter),
        anon=config.anonymous,
        **keys,
        client_kwargs=client,
        config_kwargs={**limits, **style},
        **_FRESH,
    )
    system.retries = 2
    return system


def _session(limiter: RateLimiter | None) -> Any:
    """A session whose clients wait for their turn before each request, those that repeat another too; None leaves the usual one."""
    if limiter is None:
        return None
    from aiobotocore.session import AioSession

    async def turn(**_: Any) -> None:
        await limiter.acquire_async()

    session = AioSession()
    session.register("before-send.s3", turn)
    return session


def _gcs(place: Place, config: StoreConfig, endpoint: str, has_keys: bool, access: NetworkPolicy) -> Any:
    load("gcsfs")
    from aiohttp import TraceConfig
    from gcsfs.core import GCSFileSystem  # the plain one: its heir asks by gRPC what no other store knows

    async def refuse(*_: object) -> None:
        raise PermissionError("redirected")

    trace = TraceConfig()
    trace.on_request_redirect.append(refuse)
    if (limiter := access.limiter) is not None:

        async def turn(*_: object) -> None:
            await limiter.acquire_async()

        trace.on_request_start.append(turn)
    token: Any = "google_default"  # noqa: S105 - the name of a way to find one
    if config.anonymous:
        token = "anon"  # noqa: S105 - the name of having none
    elif has_keys:
        token = service_account(config.secret("service_account"))
    return GCSFileSystem(
        token=token,
        access="read_only",
        endpoint_url=endpoint or None,
        requests_timeout=access.timeout_s,
        session_kwargs={"trace_configs": [trace]},
        **_FRESH,
    )


def service_account(text: str) -> dict[str, str]:
    """The key without anything that leads elsewhere than to Google, such as another kind of credential.

    Raises ``ConnectionFailed`` CREDENTIALS for any other text.
    """
    try:
        given = json.loads(text)
        kept = {name: str(given[name]) for name in ("type", "project_id", "private_key", "client_email")}
    except (ValueError, KeyError, TypeError):
        raise _refused("The service account is not the JSON key that Google gives.") from None
    if kept["type"] != "service_account":
        raise _refused("Only the key of a service account is taken.")
    return {**kept, "token_uri": _GOOGLE_TOKENS}


def _azure(place: Place, config: StoreConfig, endpoint: str, has_keys: bool, access: NetworkPolicy) -> Any:
    load("adlfs")
    from adlfs import AzureBlobFileSystem

    secrets = {name: config.secret(name) for name in _KEYS["azure"]}
    if any(";" in value for value in secrets.values()):
        raise _refused("The credentials hold a character that none of Azure's has.")
    options: dict[str, Any] = {"account_name": place.account, "timeout": max(1, round(access.timeout_s))}
    address = endpoint or f"https://{place.account}.blob.{place.suffix}"
    parts = ["DefaultEndpointsProtocol=" + address.partition(":")[0], f"BlobEndpoint={address}"]
    if config.anonymous:
        options |= {"connection_string": ";".join(parts)}
    elif secrets["account_key"]:
        parts += [f"AccountName={place.account}", f"AccountKey={secrets['account_key']}"]
        options |= {"connection_string": ";".join(parts)}
    elif secrets["sas_token"]:
        parts += [f"SharedAccessSignature={secrets['sas_token'].removeprefix('?')}"]
        options |= {"connection_string": ";".join(parts)}
    elif secrets["client_secret"]:
        options |= {"tenant_id": config.tenant_id, "client_id": config.client_id}
        options |= {"client_secret": secrets["client_secret"], "account_host": urlsplit(address).netloc}
    else:
        options |= {"anon": False, "account_host": urlsplit(address).netloc}
    system = AzureBlobFileSystem(**options, **_FRESH)
    for policy in system.service_client._pipeline._impl_policies:
        if hasattr(policy, "max_redirects"):
            policy.allow = False
        if hasattr(policy, "total_retries"):
            policy.total_retries = 1
    if access.limiter is not None:
        _last(system.service_client._pipeline, access.limiter)
    return system


def _last(pipeline: Any, limiter: RateLimiter) -> None:
    """What each request passes before it is sent, those that repeat another too; clients of containers have the same policies."""
    from azure.core.pipeline.policies import AsyncHTTPPolicy

    class Turn(AsyncHTTPPolicy[Any, Any]):
        async def send(self, request: Any) -> Any:
            await limiter.acquire_async()
            return await self.next.send(request)

    policies, turn = pipeline._impl_policies, Turn()
    turn.next, policies[-1].next = policies[-1].next, turn
    policies.append(turn)


def _memory(place: Place, config: StoreConfig, endpoint: str, has_keys: bool, access: NetworkPolicy) -> Any:
    import fsspec

    return fsspec.filesystem("memory")


# No instance is shared between sources, and no listing is older than the question.
_FRESH = {"skip_instance_cache": True, "use_listings_cache": False}
_OPENERS = {"s3": _s3, "gcs": _gcs, "azure": _azure, "memory": _memory}


def _bad(why: str, field: str) -> ConnectionFailed:
    remedy = "Write s3://bucket/folder, gs://bucket/folder or abfss://container@account.dfs.core.windows.net/folder."
    if field == "endpoint":
        remedy = "Write https://host:port."
    return ConnectionFailed("BAD_URL", why, remedy, path=("config", field))


def _refused(why: str) -> ConnectionFailed:
    remedy = "Give the keys of the source, or set anonymous where the bucket is public."
    return ConnectionFailed("CREDENTIALS", why, remedy, path=("config", "credentials"))


def _at(error: ConnectionFailed, field: str) -> ConnectionFailed:
    return ConnectionFailed(error.cause, error.message, error.remedy or "", path=("config", field))
