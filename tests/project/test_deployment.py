"""What the deployment files start exists, and the settings they name are the settings that the code reads."""

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.bin.base import CLIContext
from celery.bin.celery import celery
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.utils.module_loading import import_string
from tornado.options import options as flower_options
from uvicorn.main import main as uvicorn

from nisam import celery_app

ROOT = Path(__file__).resolve().parents[2]
QUEUES = ["databases", "default", "details", "scrape"]
# Read by the code, but set by the system and not by whoever runs nisam.
OF_THE_SYSTEM = {"DJANGO_SETTINGS_MODULE", "PYTHONPATH", "USER"}
OF_POSTGRES = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"}
OF_THE_RUNNER = {"PORT", "UVICORN_HOST"}
PACKAGES = sorted({app.partition(".")[0] for app in settings.INSTALLED_APPS if (ROOT / app.partition(".")[0]).is_dir()})

compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
ours = {name: service for name, service in compose["services"].items() if service["image"] == "nisam"}
example = dict(re.findall(r"^#([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))


def nodes() -> Iterator[ast.AST]:
    """Every node of the sources' syntax trees."""
    for file in (ROOT / "manage.py", *(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))):
        yield from ast.walk(ast.parse(file.read_text()))


def readings() -> Iterator[tuple[str, list[ast.expr]]]:
    """Each variable that the sources read by its name, with the arguments after the name."""
    for node in nodes():
        match node:
            case ast.Call(func=ast.Attribute(value=reader), args=[ast.Constant(value=str(name)), *others]):
                arguments = [*others, *(keyword.value for keyword in node.keywords)]
            case ast.Subscript(value=reader, slice=ast.Constant(value=str(name)), ctx=ast.Load()):
                arguments = []
            case _:
                continue
        if ast.unparse(reader) in {"environment", "os.environ"} and name not in OF_THE_SYSTEM:
            yield name, arguments


def written(default: Any) -> str:
    """A default as it is written in the environment."""
    if isinstance(default, list):
        return ",".join(default)
    return str(int(default) if isinstance(default, bool) else default)


def defaults() -> Iterator[tuple[str, str]]:
    """The variables whose default stands in the sources as a value."""
    for name, arguments in readings():
        if not arguments or any(isinstance(node, ast.Name | ast.Tuple) for node in ast.walk(arguments[0])):
            continue
        if default := written(eval(compile(ast.Expression(arguments[0]), name, "eval"))):
            yield name, default


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions: each one's name and the rest."""
    text = re.sub(r"\\\n", "", re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE))
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def procfile() -> dict[str, str]:
    """The Procfile's commands by the names of their processes, with the defaults of the variables put in."""
    lines = re.findall(r"^([a-z-]+): (.+)$", (ROOT / "Procfile").read_text(), re.MULTILINE)
    return {name: without_variables(command) for name, command in lines}


def without_variables(text: str) -> str:
    """A command with each ${VARIABLE:-default} replaced by the default."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def commands() -> Iterator[Any]:
    """Every command of Procfile, compose.yaml and Dockerfile, as the list of its words."""
    for name, line in procfile().items():
        for part in line.split(" && "):
            yield pytest.param(shlex.split(part), id=f"Procfile {name}")
    for name, service in ours.items():
        yield pytest.param([without_variables(word) for word in service["command"]], id=f"compose {name}")
    yield pytest.param(json.loads(dict(instructions())["CMD"]), id="Dockerfile")


def workers() -> dict[str, list[list[str]]]:
    """The workers' commands of each file that starts several."""
    started = {
        "Procfile": [shlex.split(line) for line in procfile().values()],
        "compose": [service["command"] for service in ours.values()],
    }
    return {file: [words for words in lines if "worker" in words] for file, lines in started.items()}


def option(words: list[str], name: str) -> str:
    """The value of an option of a command."""
    return words[words.index(name) + 1]


@pytest.mark.parametrize("words", list(commands()))
def test_what_is_started_exists_and_takes_its_options(words: list[str]) -> None:
    match words:
        case ["python", "manage.py", name, *options]:
            load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(options)
        case ["python", "-m", "uvicorn", *options]:
            application = uvicorn.make_context("uvicorn", options).params["app"]
            assert callable(import_string(application.replace(":", ".")))
        case ["python", "-m", "celery", "-A", "nisam", "flower", *options]:
            assert {word.lstrip("-").partition("=")[0] for word in options} <= set(flower_options)
        case ["python", "-m", "celery", "-A", "nisam", name, *options]:
            context = CLIContext(celery_app, no_color=True, workdir=None, quiet=True)
            celery.commands[name].make_context(name, options, obj=context)
        case _:
            pytest.fail(f"nobody knows how to check {words}")


@pytest.mark.parametrize("file", workers())
def test_together_the_workers_serve_every_queue_once(file: str) -> None:
    assert sorted(queue for words in workers()[file] for queue in option(words, "-Q").split(",")) == QUEUES


def test_every_kind_of_job_waits_in_a_queue_that_is_served() -> None:
    keywords = [keyword for node in nodes() if isinstance(node, ast.Call) for keyword in node.keywords]
    named = {
        keyword.value.value
        for keyword in keywords
        if keyword.arg == "queue" and isinstance(keyword.value, ast.Constant)
    }
    assert named
    assert named | {settings.CELERY_TASK_DEFAULT_QUEUE} <= set(QUEUES)


@pytest.mark.parametrize("file", workers())
def test_no_two_workers_share_the_name_under_which_a_stopping_one_gives_its_work_back(file: str) -> None:
    names = [option(words, "-n") for words in workers()[file]]
    assert len(names) == len(set(names))
    assert all(name.endswith("@%h") for name in names)
    # Containers differ by %h; the processes of a Procfile, started several times each, by their number.
    assert file == "compose" or all("$$" in name for name in names)


def test_there_is_one_beat() -> None:
    assert [name for name, line in procfile().items() if "beat" in line.split()] == ["beat"]
    assert [name for name, service in ours.items() if "beat" in service["command"]] == ["beat"]
    assert "deploy" not in ours["beat"]
    assert "scale" not in ours["beat"]


def test_the_example_lists_every_variable_that_the_code_reads_and_no_other() -> None:
    assert sorted(example) == sorted({name for name, _ in readings()})


def test_the_example_shows_the_defaults_of_the_code() -> None:
    expected = dict(defaults())
    assert {name: example.get(name) for name in expected} == expected


def test_copying_the_example_changes_nothing() -> None:
    assert all(line.startswith("#") for line in (ROOT / ".env.example").read_text().splitlines() if line)


def test_the_deployment_files_use_no_variable_that_the_example_does_not_explain() -> None:
    used = {file: set(re.findall(r"\$\{(\w+)", (ROOT / file).read_text())) for file in ("compose.yaml", "Procfile")}
    assert used["compose.yaml"] <= set(example) | OF_POSTGRES
    assert used["Procfile"] <= set(example) | OF_THE_RUNNER
    assert {name for service in ours.values() for name in service["environment"]} <= set(example)


@pytest.mark.parametrize("name", ["NISAM_SECRET_KEY", "POSTGRES_PASSWORD"])
def test_compose_takes_secrets_from_outside_and_says_so_when_one_is_missing(name: str) -> None:
    text = (ROOT / "compose.yaml").read_text()
    assert re.findall(rf"{name}(?!:[? ])", text.partition("name: nisam")[2]) == []
    assert f"${{{name}:?" in text


def test_compose_starts_nothing_before_what_it_needs() -> None:
    for name in ours.keys() - {"migrate"}:
        conditions = {needed: how["condition"] for needed, how in ours[name]["depends_on"].items()}
        assert conditions == {
            "postgres": "service_healthy",
            "valkey": "service_healthy",
            "migrate": "service_completed_successfully",
        }


def test_compose_listens_on_this_machine_only() -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_broker_of_compose_keeps_its_messages() -> None:
    command = compose["services"]["valkey"]["command"]
    assert (option(command, "--maxmemory-policy"), option(command, "--appendonly")) == ("noeviction", "yes")


def test_the_image_runs_without_rights_and_without_secrets() -> None:
    assert [rest for name, rest in instructions() if name == "USER"] == ["nisam"]
    kept = " ".join(rest for name, rest in instructions() if name in {"ENV", "ARG"})
    assert not re.search("SECRET|PASSWORD|_URL", kept)


def test_the_image_is_made_of_the_program_and_nothing_else() -> None:
    first, *rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert first == "*"
    named = {rule[1:] for rule in rules if rule.startswith("!")}
    assert named == {"pyproject.toml", "manage.py", "templates", "static", *PACKAGES}


def test_the_manual_explains_our_commands_and_invents_none() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text()
    named = set(re.findall(r"manage\.py ([a-z_]+)", manual))
    mine = {name for name, app in get_commands().items() if app.partition(".")[0] in PACKAGES}
    assert mine <= named <= set(get_commands())
    assert set(re.findall(r"NISAM_[A-Z_]+", manual)) <= set(example)
