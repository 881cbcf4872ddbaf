"""What may the environment set? Read at the edges only: app, dev, connection, broker."""

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting of a process; `.env.example` explains each for operators."""

    model_config = SettingsConfigDict(env_prefix="ACCRUE_", env_file=".env", extra="ignore")

    database_url: str = Field("", validation_alias="DATABASE_URL")
    redis_url: str = Field("", validation_alias="REDIS_URL")
    forwarded_allow_ips: str = Field("127.0.0.1,::1", validation_alias="FORWARDED_ALLOW_IPS")
    data_dir: Path = Path(".accrue")
    secret: str = ""
    jwks_url: str = ""
    jwt_issuer: str = ""
    jwt_audience: str = ""
    log_json: bool = False
    debug: bool = False
    api_pool_size: int = Field(20, ge=2, le=200)
    worker_pool_size: int = Field(12, ge=2, le=200)
    worker_threads: int = Field(8, ge=1, le=64)


@cache
def settings() -> Settings:
    return Settings()  # pyright: ignore[reportCallIssue]  the aliases come from the environment
