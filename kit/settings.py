"""What may the environment set? Read at the edges only: app, dev, connection, broker."""

from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_REDIS_SCHEMES = {"redis", "rediss", "unix"}
_WEB_SCHEMES = {"http", "https"}


class Settings(BaseSettings):
    """Every setting of a process; `.env.example` explains each for operators."""

    model_config = SettingsConfigDict(env_prefix="ACCRUE_", env_file=".env", extra="ignore")

    database_url: str = Field("", validation_alias="DATABASE_URL")
    redis_url: str = Field("", validation_alias="REDIS_URL")
    forwarded_allow_ips: str = Field("127.0.0.1,::1", validation_alias="FORWARDED_ALLOW_IPS")
    data_dir: Path = Path(".accrue")
    secret: str = ""
    voucher_secret: str = Field("", repr=False)
    jwks_url: str = ""
    jwt_issuer: str = ""
    jwt_audience: str = ""
    log_json: bool = False
    debug: bool = False
    api_pool_size: int = Field(20, ge=2, le=200)
    worker_pool_size: int = Field(12, ge=2, le=200)
    worker_threads: int = Field(8, ge=1, le=64)
    smtp_url: str = Field("", repr=False)
    sms_url: str = Field("", repr=False)
    push_url: str = Field("", repr=False)
    provider_secret: str = Field("", repr=False)
    public_url: str = ""
    live_origins: str = ""
    webhook_allow_private: bool = False

    @field_validator("redis_url")
    @classmethod
    def _is_readable(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and parts.scheme not in _REDIS_SCHEMES:
            raise ValueError("begins with redis://, rediss:// or unix://")
        _ = parts.port  # a ValueError where it is no port
        return url

    @field_validator("live_origins")
    @classmethod
    def _are_origins(cls, text: str) -> str:
        for origin in _listed(text):
            parts = urlsplit(origin)
            is_origin = parts.scheme in _WEB_SCHEMES and parts.hostname and parts.port != 0
            if not is_origin or origin != f"{parts.scheme}://{parts.netloc}" or parts.username:
                raise ValueError("are origins as https://shop.example, separated by commas")
        return text

    @property
    def origins_of_sockets(self) -> tuple[str, ...]:
        """Of pages elsewhere that may open a WebSocket."""
        return _listed(self.live_origins)

    @model_validator(mode="after")
    def _knows_its_provider(self) -> Self:
        if self.jwks_url and not (self.jwt_issuer and self.jwt_audience):
            raise ValueError(
                "ACCRUE_JWKS_URL needs ACCRUE_JWT_ISSUER and ACCRUE_JWT_AUDIENCE beside it"
            )
        return self


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


@cache
def settings() -> Settings:
    return Settings()  # pyright: ignore[reportCallIssue]  the aliases come from the environment
