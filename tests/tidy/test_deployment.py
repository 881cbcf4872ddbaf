"""Do the image, the services and the example settings agree with the code?"""

import re

import yaml

from kit.settings import Settings
from tests.tidy.sources import PACKAGES, ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict] = COMPOSE["services"]
ENVIRONMENT = (ROOT / ".env.example").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
ONE_SHOT = "migrate"
PROCESSES = {"migrate", "api", "worker", "relay"}


def test_every_service_that_stays_up_has_a_health_check():
    checked = {name for name, service in SERVICES.items() if "test" in service["healthcheck"]}
    assert checked == SERVICES.keys() - {ONE_SHOT}


def test_our_processes_share_one_image_and_end_in_time():
    ours = {name for name, service in SERVICES.items() if service["image"] == "accrue"}
    assert ours == PROCESSES
    assert {SERVICES[name]["stop_grace_period"] for name in ours} == {"35s"}
    assert {SERVICES[name]["command"][1] for name in ours} == PROCESSES


def test_nothing_serves_before_the_migration_is_done():
    for name in PROCESSES - {ONE_SHOT}:
        assert SERVICES[name]["depends_on"][ONE_SHOT] == {
            "condition": "service_completed_successfully"
        }


def test_every_dependency_and_volume_of_a_service_exists():
    for service in SERVICES.values():
        assert service.get("depends_on", {}).keys() <= SERVICES.keys()
        volumes = {volume.split(":")[0] for volume in service.get("volumes", [])}
        assert volumes <= COMPOSE["volumes"].keys()


def test_the_queue_is_kept_and_never_evicted():
    command = " ".join(SERVICES["valkey"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_the_example_explains_every_setting_and_no_other():
    settings = {
        str(field.validation_alias or f"ACCRUE_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }
    compose_text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    interpolated = set(re.findall(r"\$\{([A-Z_]+)", compose_text))
    assert _explained() == settings | interpolated


def test_the_example_states_the_defaults_of_the_code():
    stated = dict(re.findall(r"^# (ACCRUE_[A-Z_]+)=(.+)$", ENVIRONMENT, re.MULTILINE))
    defaults = {
        variable: str(Settings.model_fields[variable.removeprefix("ACCRUE_").lower()].default)
        for variable in stated
    }
    assert {variable: text.lower() for variable, text in defaults.items()} == stated


def test_the_image_has_the_packages_but_not_the_servers_of_development():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{package}" for package in (*PACKAGES, "programmes")} <= set(ignored)
    assert "--editable .\n" in DOCKERFILE
    assert "USER 10001:10001" in DOCKERFILE
    assert "--constraint constraints.txt" in DOCKERFILE
    for package in PACKAGES:
        assert re.search(rf"mkdir .*\b{package}\b", DOCKERFILE)


def _explained() -> set[str]:
    """Settings of the example that stand under a comment, alone or as one of a group."""
    explained: set[str] = set()
    is_after_comment = False
    for line in ENVIRONMENT.splitlines():
        if found := re.match(r"^(?:# )?([A-Z][A-Z_]+)=", line):
            assert is_after_comment, f"{found[1]} is not explained"
            explained.add(found[1])
        else:
            is_after_comment = line.startswith("# ") and not line.startswith("# ---")
    return explained
