import os
import pathlib
import signal

import pytest
from playwright.sync_api import sync_playwright

from stand.browser import Visitor
from stand.receiver import Receiver
from stand.schedulerd import Schedulerd
from stand.servers import ROOT, PrivateRedis, Servers
from stand.world import USERS, World

ARTEFACTS = pathlib.Path(os.environ.get("BROWSER_TESTS_ARTEFACTS") or ROOT / ".build/browser-tests/artefacts")


def pytest_configure():
    # So that what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("SIGTERM", 143))


def pytest_addoption(parser):
    parser.addoption("--pictures", action="store_true", help="renew docs/images")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="session")
def artefacts():
    """A folder for each of the processes that test beside each other."""
    folder = ARTEFACTS / os.environ.get("PYTEST_XDIST_WORKER", "")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def servers(folder):
    servers = Servers(folder / "servers")
    yield servers
    servers.stop()


@pytest.fixture(scope="session")
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="session")
def start(servers, artefacts):
    """Starts an instance of a name, which ends with the tests."""
    running = []

    def start(name, **settings):
        running.append(Schedulerd(name, servers, artefacts, **settings))
        return running[-1]

    yield start
    statuses = [instance.stop() for instance in running]
    assert set(statuses) <= {0}


@pytest.fixture(scope="session")
def world(servers, artefacts, receiver):
    world = World(servers, artefacts, receiver)
    status = None
    try:
        world.fill()
        yield world
    finally:
        status = world.stop()
    assert status == 0


@pytest.fixture
def private_redis(tmp_path):
    redis = PrivateRedis(tmp_path / "redis")
    yield redis
    redis.go_on()
    redis.kill()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, world, artefacts, request):
    """Opens a browser for somebody: of a role, by a name, or for nobody (role None)."""
    visitors = []
    console = (artefacts / "console.log").open("a")
    console.write(f"== {request.node.name}\n")

    def visit(role="administrator", instance=None, name=None, **settings):
        instance = instance or world
        name = name or USERS.get(role)
        visitor = Visitor(
            chromium, instance, instance.client(name) if name else None, console=console, **settings)
        visitors.append(visitor)
        return visitor

    yield visit
    try:
        for visitor in visitors:
            if request.node.failed:
                visitor.page.screenshot(path=artefacts / f"failed-{request.node.name[:80].replace('/', '_')}.png")
            visitor.close()
    finally:
        console.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.failed = getattr(item, "failed", False) or report.failed
    return report
