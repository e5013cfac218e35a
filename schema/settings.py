"""The only reader of the environment: every setting, its unit and its default."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _data_dir() -> Path:
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "pursight"


def _cache_dir() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "pursight"


def _json(given: Any) -> Any:
    try:
        return json.loads(given) if isinstance(given, str) else given
    except ValueError:
        raise ValueError("it is not JSON") from None


def _several(given: Any) -> Any:
    if isinstance(given, str) and not given.lstrip().startswith("["):
        return [each.strip() for each in given.split(",") if each.strip()]
    return _json(given)


_Texts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_several)]
_Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_several)]
_Names = Annotated[dict[str, str], NoDecode, BeforeValidator(_json)]


class Settings(BaseSettings):
    """Read from ``PURSIGHT_*`` (and the usual names of the two servers); raises pydantic's ValidationError on bad values."""

    model_config = SettingsConfigDict(
        env_prefix="PURSIGHT_",
        env_ignore_empty=True,  # PURSIGHT_DATA_DIR= is none, not the current folder
        extra="ignore",
        frozen=True,
    )

    data_dir: Path = Field(
        default_factory=_data_dir, description="Where the embedded servers, keys and logs live."
    )
    cache_dir: Path = Field(
        default_factory=_cache_dir, description="What can be made again: server jars, exported models."
    )

    neo4j_uri: str = Field(
        "",
        validation_alias=AliasChoices("PURSIGHT_NEO4J_URI", "NEO4J_URI"),
        description="bolt:// or neo4j:// address; empty starts the embedded server.",
    )
    neo4j_user: str = Field(
        "neo4j",
        validation_alias=AliasChoices("PURSIGHT_NEO4J_USER", "NEO4J_USER", "NEO4J_USERNAME"),
        description="User of that server.",
    )
    neo4j_password: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("PURSIGHT_NEO4J_PASSWORD", "NEO4J_PASSWORD"),
        description="Password of that user.",
    )
    neo4j_database: str = Field(
        "neo4j",
        validation_alias=AliasChoices("PURSIGHT_NEO4J_DATABASE", "NEO4J_DATABASE"),
        description="Name of the database.",
    )
    neo4j_port: int = Field(
        0, ge=0, le=65535, description="Bolt port of the embedded server; 0 takes 7687 or the next free one."
    )
    neo4j_memory: Literal["auto", "small", "large"] = Field(
        "auto", description="Heap and page cache of the embedded server: auto follows the machine."
    )
    redis_url: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("PURSIGHT_REDIS_URL", "REDIS_URL"),
        description="redis:// address; empty starts the embedded server.",
    )
    redis_port: int = Field(
        0, ge=0, le=65535, description="Port of the embedded Redis; 0 takes 6379 or the next free one."
    )

    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(
        8000,
        ge=0,
        le=65535,
        description="Port the API listens on; the next free one is taken if it is in use.",
    )
    http_profile: Literal["draft", "audit"] = Field(
        "draft",
        description="Status codes by the GraphQL-over-HTTP draft, or by the graphql-http audit suite.",
    )
    introspection: bool = Field(True, description="Let signed-in clients introspect the schema.")
    allowed_origins: _Texts = Field(
        (),
        description="Origins besides the API's own that may open WebSockets, with commas between or as a JSON list.",
    )

    adjacency: Literal["auto", "off"] = Field(
        "auto",
        description="Whether an API process keeps the edges of lineage in memory, about 400 bytes each, to answer long walks.",
    )
    hidden_in_lineage: Literal["pass", "stop"] = Field(
        "pass",
        description="What a walk over lineage does at an asset that the reader may not see: pass it without naming it, so that no impact is understated, or stop there, as if it did not exist.",
    )
    persisted_documents: Literal["off", "apq", "trusted"] = Field(
        "apq",
        description="Whether clients may run documents by their hash: off, those they sent before (apq), or the trusted ones and no others.",
    )
    trusted_documents: Path | None = Field(
        None, description="JSON file with the trusted documents: an object whose values are their texts."
    )

    query_timeout_s: float = Field(5.0, gt=0, description="Longest a read may run in Neo4j, seconds.")
    write_timeout_s: float = Field(60.0, gt=0, description="Longest a write may run in Neo4j, seconds.")
    retry_time_s: float = Field(
        2.0,
        ge=0,
        description="How long transient Neo4j errors are retried before the caller hears of them, seconds.",
    )

    sample_rows: int = Field(
        500, ge=0, le=100_000, description="Rows sampled per dataset for classification; 0 samples none."
    )
    classify_tiers: Literal["rules", "rules+trained", "rules+trained+embeddings"] = Field(
        "rules+trained+embeddings",
        description="What judges columns: the rules alone, or also the trained model, about columns that the rules leave open, which takes some 50 MiB of a worker, or also the embeddings, about classifications of one's own that have a description and no rules.",
    )
    llm_base_url: str = Field(
        "",
        description="Address of an OpenAI-compatible server, such as http://127.0.0.1:11434/v1, whose language model is asked about columns that all tiers leave open; empty asks nobody. Names, types and comments of columns go there.",
    )
    llm_model: str = Field("", description="Name of the model there; empty asks nobody.")
    llm_api_key: SecretStr = Field(SecretStr(""), description="Key for that server, where it wants one.")
    llm_timeout_s: float = Field(
        30.0, gt=0, le=600, description="Longest one question to the language model may take, seconds."
    )
    llm_calls_per_scan: int = Field(
        20,
        ge=0,
        description="Most questions to it that one scan may ask; one is about up to 20 columns of a table.",
    )
    llm_calls_per_day: int = Field(
        200, ge=0, description="Most questions to it that all workers together may ask in a day (UTC)."
    )
    llm_allow_values: bool = Field(
        False,
        description="Let the language model be told the form that the values of a column share, such as `12 digits`. The values themselves never go there.",
    )
    reclassify: Literal["automatic", "on_request"] = Field(
        "automatic",
        description="Whether workers have judged anew by themselves what a change of the vocabulary, a threshold or a model concerns, or wait until somebody asks. Scans do so in any case, of what they read.",
    )
    reclassify_after_s: float = Field(
        60.0,
        ge=0,
        description="How long the vocabulary has to stay as it is before workers have judged anew what its change concerns, seconds; several changes are then one.",
    )
    source_timeout_s: float = Field(
        15.0, gt=0, description="Longest a connection attempt to a source may take, seconds."
    )
    allow_private_sources: bool = Field(
        False,
        description="Let connectors reach loopback, link-local and private addresses. The demo does without: its sources lie in the data folder.",
    )
    local_files: _Paths = Field(
        (),
        description="Folders that local-file sources may read, with commas between or as a JSON list; empty allows none but that of the demo.",
    )

    worker_memory_mb: int = Field(
        4096,
        ge=0,
        description="Memory that a worker process may take, MiB; a task that needs more fails, and the worker goes on. 0 sets no limit. For Linux.",
    )
    worker_hang_s: float = Field(
        6.0,
        ge=5,
        description="How long the event loop of a worker may stand still before the worker ends itself, to be started again, seconds.",
    )

    propagation_confidence: float = Field(
        0.8,
        ge=0,
        le=1,
        description="How sure a classification that nobody confirmed must be for columns downstream to inherit it, 0 to 1; all workers need the same.",
    )
    public_url: str = Field(
        "",
        description="Address under which people reach the API, such as https://pursight.example.com; alerts link to it, and without it have no links.",
    )
    outbox_retention_days: float = Field(
        7.0,
        gt=0,
        description="How long messages in the outbox and deliveries of alerts are kept, days; what a channel has yet to be told of is kept longer.",
    )

    logged_lineage_days: float = Field(
        90.0,
        gt=0,
        description="How long an edge of lineage that only logs of statements assert stays without being used, days.",
    )
    health_retention_days: float = Field(
        90.0, ge=30, description="How long the hourly figures of checks of sources are kept, days."
    )
    credential_warning_days: float = Field(
        14.0, ge=0, description="How long before a credential of a source expires people are warned, days."
    )

    vault_addr: str = Field(
        "",
        validation_alias=AliasChoices("PURSIGHT_VAULT_ADDR", "VAULT_ADDR"),
        description="Address of the Vault that `${vault:...}` references of sources are read from, such as https://vault.example.com:8200.",
    )
    vault_namespace: str = Field(
        "",
        validation_alias=AliasChoices("PURSIGHT_VAULT_NAMESPACE", "VAULT_NAMESPACE"),
        description="Namespace in that Vault; empty for none.",
    )
    vault_cacert: Path | None = Field(
        None,
        validation_alias=AliasChoices("PURSIGHT_VAULT_CACERT", "VAULT_CACERT"),
        description="File with the authorities that may have signed its certificate.",
    )
    vault_token: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("PURSIGHT_VAULT_TOKEN", "VAULT_TOKEN"),
        description="Token for it; AppRole is used where it is empty.",
    )
    vault_role_id: str = Field("", description="Role of the AppRole log-in.")
    vault_secret_id: SecretStr = Field(SecretStr(""), description="Secret id of the AppRole log-in.")
    vault_approle_mount: str = Field("approle", description="Where AppRole is mounted in it.")
    vault_paths: _Texts = Field(
        ("secret/pursight/*",),
        description="Globs over mount and path of the secrets that sources may name, with commas between or as a JSON list, besides what the policy of the token allows.",
    )

    namespace_aliases: _Names = Field(
        {},
        description="Other names of instances in dbt artifacts and OpenLineage events, as a JSON object: alias to namespace.",
    )

    log_level: str = Field("INFO", description="Least severe level that is logged.")
    log_json: bool = Field(True, description="Log one JSON object a line; false prints for people.")


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()


def variable(name: str) -> str | None:
    """One variable of the environment, for the ``${env:NAME}`` references of sources."""
    return os.environ.get(name)
