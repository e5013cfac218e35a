"""The kinds of channels: their settings, which are sealed like those of sources, and how each of them sends."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from typing import Any, Literal, Self

import structlog
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from ingest import pinned_post
from ingest.alerts import mail, webhook
from ingest.connectors.base import ConnectorConfig
from ingest.network import NetworkPolicy
from ingest.secrets import is_reference
from schema.domain.alerts import ChannelKind, Message
from schema.errors import InvalidInput

_log = structlog.get_logger("pursight.alerts")
_ADDRESS = r"[^\s<>,;@]{1,64}@[^\s<>,;@]{1,255}"
_PREFIX = "whsec_"


class LogConfig(ConnectorConfig):
    """A line in the log of the worker needs no settings."""


class WebhookConfig(ConnectorConfig):
    """``url`` is sealed as well, since many services take the address itself for the password."""

    url: SecretStr
    secret: SecretStr = Field(default_factory=lambda: SecretStr(new_secret()))

    @field_validator("secret")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        if not is_reference(value.get_secret_value()):
            signing_key(value.get_secret_value())
        return value


class EmailConfig(ConnectorConfig):
    """A server to hand mails to; ``security`` is how the connection is encrypted."""

    host: str
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: str = Field(pattern=rf"^{_ADDRESS}$")
    recipients: tuple[str, ...] = Field(min_length=1, max_length=50)

    @field_validator("recipients")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        import re

        if not all(re.fullmatch(_ADDRESS, each) for each in value):
            raise ValueError("each is one address, such as team@example.com")
        return value

    @model_validator(mode="after")
    def _keeps_the_password(self) -> Self:
        if self.security == "none" and self.password.get_secret_value():
            raise ValueError("a password is not sent without encryption")
        return self


CONFIGS: Mapping[ChannelKind, type[ConnectorConfig]] = {
    ChannelKind.LOG: LogConfig,
    ChannelKind.WEBHOOK: WebhookConfig,
    ChannelKind.EMAIL: EmailConfig,
}


def new_secret() -> str:
    """A signing secret of 256 random bits, in the form of the Standard Webhooks specification."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signing_key(secret: str) -> bytes:
    """The bytes of a secret of the form ``whsec_<base64>``, 24 to 64 of them; raises ``ValueError``."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not 24 <= len(key) <= 64:
        raise ValueError("whsec_ and the base64 of 24 to 64 bytes are expected")
    return key


def parse_channel(kind: ChannelKind, config: Mapping[str, Any]) -> ConnectorConfig:
    """The typed settings of a kind; raises ``InvalidInput`` naming the field, never its value."""
    try:
        return CONFIGS[kind].model_validate(dict(config))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = tuple(str(part) for part in first["loc"])
        names = ", ".join(CONFIGS[kind].model_fields) or "none"
        raise InvalidInput(
            f"{'.'.join(place)[:80] or 'The configuration'} is not acceptable: {first['msg']}.",
            path=("config", *place),
            remedy=f"Settings of {kind.value}: {names}.",
        ) from None


def check(config: ConnectorConfig, policy: NetworkPolicy) -> None:
    """Prove without sending anything that a channel may reach its server; blocking. Raises ``ConnectionFailed``."""
    if isinstance(config, WebhookConfig):
        pinned_post.target(config.url.get_secret_value(), policy)
    elif isinstance(config, EmailConfig):
        policy.resolve(config.host, config.port)


async def send(config: ConnectorConfig, message: Message, *, key: str, policy: NetworkPolicy) -> None:
    """Tell ``message``; ``key`` is the same each time it is tried. Raises ``ConnectionFailed``; the caller bounds the time."""
    if isinstance(config, WebhookConfig):
        secret = signing_key(config.secret.get_secret_value())
        await webhook.post(config.url.get_secret_value(), secret, message, key=key, policy=policy)
    elif isinstance(config, EmailConfig):
        await mail.send(
            mail.Server(
                config.host, config.port, config.security, config.username, config.password.get_secret_value()
            ),
            mail.compose(message, sender=config.sender, recipients=config.recipients, key=key),
            policy=policy,
        )
    else:
        told = {name: value for name, value in message.as_json().items() if value}
        getattr(_log, message.severity.value.lower())("alert", delivery=key, **told)
