"""E-mail: one message handed to one server at a pinned address."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from ingest.network import NetworkPolicy
from schema.domain.alerts import Message
from schema.errors import ConnectionFailed


@dataclass(frozen=True, slots=True)
class Server:
    """``security`` is starttls, tls or none; without a user name nobody signs in."""

    host: str
    port: int
    security: str
    username: str = ""
    password: str = field(default="", repr=False)


def compose(message: Message, *, sender: str, recipients: Sequence[str], key: str) -> EmailMessage:
    """The mail; its Message-ID is made of ``key``, so that servers may know it again when it is sent twice."""
    mail = EmailMessage()
    mail["Subject"] = f"[PurSight] {message.summary}"
    mail["From"], mail["To"] = sender, ", ".join(recipients)
    mail["Date"] = format_datetime(datetime.fromisoformat(message.at))
    mail["Message-ID"] = f"<{key.replace(':', '.')}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    known = {
        "Event": message.topic,
        "At": message.at,
        "Source": message.source,
        "Run": message.run,
        "Link": message.link,
    }
    facts = "\n".join(f"{name}: {value}" for name, value in known.items() if value)
    mail.set_content(f"{message.summary}\n\n{facts}\n")
    return mail


async def send(server: Server, mail: EmailMessage, *, policy: NetworkPolicy) -> None:
    """Hand ``mail`` over; raises ``ConnectionFailed``. What is under way is not ended with the caller."""
    await asyncio.to_thread(_send, server, mail, policy)


def _send(server: Server, mail: EmailMessage, policy: NetworkPolicy) -> None:
    address = policy.resolve(server.host, server.port)
    try:
        _hand_over(server, address, mail, policy.timeout_s)
    except TimeoutError:
        raise _failed("TIMEOUT", "The mail server did not answer in time.") from None
    except smtplib.SMTPAuthenticationError:
        raise _failed("CREDENTIALS", "The mail server refused the user name or the password.") from None
    except smtplib.SMTPNotSupportedError:
        raise _failed("PERMISSION", "The mail server does not offer what the channel asks for.") from None
    except smtplib.SMTPRecipientsRefused:
        raise _failed("NOT_FOUND", "The mail server refused all recipients.") from None
    except smtplib.SMTPResponseException as error:
        raise _failed("UNKNOWN", f"The mail server answered with code {error.smtp_code}.") from None
    except ssl.SSLError:
        raise _failed("UNREACHABLE", "The certificate of the mail server is not to be trusted.") from None
    except (smtplib.SMTPException, OSError):
        raise _failed("UNREACHABLE", "The mail server cannot be reached.") from None


def _hand_over(server: Server, address: str, mail: EmailMessage, timeout_s: float) -> None:
    context = ssl.create_default_context()
    client: smtplib.SMTP
    if server.security == "tls":
        client = _PinnedTls(server, address, timeout_s, context)
    else:
        client = _Pinned(server, address, timeout_s)
    try:
        if server.security == "starttls":
            client.starttls(context=context)
        if server.username:
            client.login(server.username, server.password)
        client.send_message(mail)
    except BaseException:
        client.close()
        raise
    with suppress(smtplib.SMTPException, OSError):  # it has the mail: how it says good-bye does not matter
        client.quit()


class _Pinned(smtplib.SMTP):
    """Connects to the address that was permitted, whatever the name means by now; TLS still proves the name."""

    def __init__(self, server: Server, address: str, timeout_s: float) -> None:
        self._address = address
        super().__init__(server.host, server.port, timeout=timeout_s)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection((self._address, port), timeout)


class _PinnedTls(_Pinned):
    def __init__(self, server: Server, address: str, timeout_s: float, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(server, address, timeout_s)

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        return self._context.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


def _failed(cause: str, message: str) -> ConnectionFailed:
    return ConnectionFailed(
        cause, message, "Check the settings of the channel, and the log of the mail server.", path=("config",)
    )
