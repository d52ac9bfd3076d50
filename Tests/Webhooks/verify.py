"""Verifies calls: their bodies by the reference library of Standard Webhooks, and requests without a body by hand.

Reads a JSON array of {"secret", "headers", "body", "request"} and prints an array: "verified", or why not.
"""

import base64
import hashlib
import hmac
import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError


def verify_body(call):
    try:
        Webhook(call["secret"]).verify(call["body"], call["headers"])
    except WebhookVerificationError as error:
        return str(error)
    except json.JSONDecodeError:
        pass  # The library hands the body over as JSON, after it has verified it.
    return "verified"


def verify_request(call):
    headers = call["headers"]
    content = "\n".join([headers["webhook-id"], headers["webhook-timestamp"], call["request"]])
    key = base64.b64decode(call["secret"].removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.digest(key, content.encode(), hashlib.sha256)).decode()
    signatures = headers["webhook-request-signature"].split(" ")
    return "verified" if any(hmac.compare_digest(expected, one) for one in signatures) else "not verified"


def verify(call):
    return verify_request(call) if call.get("request") else verify_body(call)


json.dump([verify(call) for call in json.load(sys.stdin)], sys.stdout)
