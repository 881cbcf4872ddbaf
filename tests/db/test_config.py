"""Which database URLs are understood, and what is said of the others?"""

import pytest

from db.config import APP, DatabaseUrlInvalid, credentials, tortoise_config


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgres://shop:p%40ss%2Fword@db.example:6432/accrue",
            {
                "user": "shop",
                "password": "p@ss/word",
                "host": "db.example",
                "port": 6432,
                "database": "accrue",
            },
        ),
        ("postgresql://db/accrue", {"host": "db", "port": 5432, "database": "accrue"}),
        ("postgres://[::1]/accrue", {"host": "::1", "port": 5432, "database": "accrue"}),
        (
            "postgres://shop@/accrue?host=/run/a%20folder&port=5433",
            {"user": "shop", "host": "/run/a folder", "port": 5433, "database": "accrue"},
        ),
        (
            "postgres:///accrue?host=/run/postgresql",
            {"host": "/run/postgresql", "port": 5432, "database": "accrue"},
        ),
        (
            "postgres://db/accrue?sslmode=require",
            {
                "host": "db",
                "port": 5432,
                "database": "accrue",
                "ssl": "require",
            },
        ),
    ],
)
def test_a_url_becomes_the_arguments_of_a_connection(url: str, expected: dict[str, object]):
    assert credentials(url) == expected


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "begins with postgres://"),
        ("mysql://shop:secret@db/accrue", "begins with postgres://"),
        ("postgres://shop:secret@db", "names a database"),
        ("postgres://shop:secret@db/", "names a database"),
        ("postgres://shop:secret@db:port/accrue", "can't be read"),
        ("postgres://shop:secret/secret@db/accrue", "percent-encoded"),
        ("postgres://shop:secret@db/accrue?port=x", "is a number"),
        ("postgres://shop:secret@db/accrue?pool=9", "no parameter 'pool'"),
    ],
)
def test_another_url_is_refused_without_repeating_its_password(url: str, said: str):
    with pytest.raises(DatabaseUrlInvalid, match=said) as refused:
        credentials(url)
    assert "secret" not in str(refused.value)


def test_what_is_said_of_the_pool_reaches_it():
    config = tortoise_config("postgres://db/accrue", maxsize=7)
    assert config["connections"]["default"]["credentials"]["maxsize"] == 7
    assert list(config["apps"]) == [APP]
