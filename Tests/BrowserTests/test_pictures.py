"""Pictures for the documentation, of a shop's day. With --pictures they become docs/images; without, they are only made."""

import datetime
import math
import random

import pytest

from stand.servers import ROOT
from stand.wait import until

LARGEST = 150_000
STEPS = [2_000, 5_000, 10_000, 20_000, 50_000]


@pytest.fixture(scope="module")
def shop(start, receiver):
    """Something due in each minute to come, and an hour behind it."""
    shop = start("shop")
    chance = random.Random(1)
    url = receiver.url("/orders/close")
    receiver.answer("/orders/close", text='{"success": true}')
    receiver.answer("/mail", 503, "mail server is being restarted")
    for minute in range(60):
        for _ in range(round(3 + 2 * math.sin(minute / 7) + 3 * chance.random())):
            shop.add_task(url, 60 * minute + 90 + chance.randrange(60), queue="orders")
    for order in range(4711, 4717):
        shop.add_task(
            receiver.url("/mail"), queue="mail", retry={"max_retries": 1, "delays": [0.2]}, labels={"order": str(order)},
            request={"headers": {"Content-Type": "application/json"}, "body": f'{{"order": {order}, "kind": "reminder"}}'})
    shop.paid = shop.add_task(
        url, queue="orders", labels={"order": "4710", "shop": "north"},
        request={"headers": {"Authorization": "Bearer s3cret", "Content-Type": "application/json"},
                 "body": '{"order": 4710, "action": "close"}'})
    shop.await_state(shop.paid, "succeeded")
    shop.await_state(shop.add_task(url, queue="payments"), "succeeded")
    dead = "SELECT COUNT(*) FROM dead_letters"
    until(lambda: shop.servers.sql(dead, shop.database) == [["6"]], "dead letters")
    now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    rows = []
    for back in range(1, 60):
        minute = (now - datetime.timedelta(minutes=back)).strftime("%Y-%m-%d %H:%M:00")
        for outcome, kind, count in [
            (1, "success", round(240 + 90 * math.sin(back / 9) + chance.randrange(40))),
            (2, "timeout", chance.randrange(12)), (3, "status", chance.randrange(4) if back % 7 == 0 else 0),
        ]:
            if count:
                rows.append(f"('{minute}', 1, 1, {outcome}, '{kind}', {chance.choice(STEPS)}, 50000, {count})")
    shop.servers.sql("INSERT INTO rollups_minute VALUES " + ",".join(rows), shop.database)
    return shop


PICTURES = {
    "overview": ("/admin", {}),
    "overview-dark": ("/admin", {"dark": True}),
    "overview-zh-Hans": ("/admin", {"language": "zh-Hans"}),
    "task": ("/admin/tasks/{paid}", {}),
    "dead-letters": ("/admin/dead-letters", {}),
    "phone": ("/admin/tasks/{paid}", {"width": 390}),
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture(visit, shop, artefacts, request, name):
    path, settings = PICTURES[name]
    visitor = visit(instance=shop, name="admin", **settings)
    page = visitor.go(path.format(paid=shop.paid))
    for details in page.locator(".timeline details").all():
        details.evaluate("details => { details.open = true }")
    folder = ROOT / "docs/images" if request.config.getoption("--pictures") else artefacts / "pictures"
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.png"
    page.screenshot(path=file)
    assert 10_000 < file.stat().st_size <= LARGEST
