"""Signatures, checked against the reference library of Standard Webhooks."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from tocsin.webhooks.signing import BadKeyError, new_secret, parse_key, sign, verify
from webhook_builders import SECRET

NOW = datetime.now(UTC).replace(microsecond=0)
BODY = '{"status": "firing", "text": "Файзабад fell"}'.encode()


def test_the_reference_library_accepts_a_signed_message() -> None:
    headers = sign("msg_1", datetime.now(UTC), BODY, [parse_key(SECRET)])  # the library looks at the clock
    assert Webhook(SECRET).verify(BODY, headers) == {"status": "firing", "text": "Файзабад fell"}


@given(st.text(max_size=200).filter(lambda text: text.isprintable()), st.binary(min_size=24, max_size=64))
def test_signatures_equal_those_of_the_reference_library(text: str, raw: bytes) -> None:
    secret = "whsec_" + base64.b64encode(raw).decode()
    headers = sign("msg_1", NOW, text.encode(), [parse_key(secret)])
    assert headers["webhook-signature"] == Webhook(secret).sign("msg_1", NOW, text)


def test_what_the_reference_library_signs_verifies_here() -> None:
    signature = Webhook(SECRET).sign("msg_1", NOW, BODY.decode())
    headers = {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(int(NOW.timestamp())), "Webhook-Signature": signature}
    assert verify(headers, BODY, [parse_key(SECRET)], NOW).ok


def test_during_a_rotation_both_the_old_and_the_new_secret_verify() -> None:
    old, new = new_secret(), new_secret()
    now = datetime.now(UTC)  # the library looks at the clock
    headers = sign("msg_1", now, BODY, [parse_key(new), parse_key(old)])
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (old, new):
        assert Webhook(secret).verify(BODY, headers)
        assert verify(headers, BODY, [parse_key(secret)], now).ok
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)


def ed25519_pair() -> tuple[str, str]:
    private = Ed25519PrivateKey.generate()
    seed = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return "whsk_" + base64.b64encode(seed + public).decode(), "whpk_" + base64.b64encode(public).decode()


def test_an_ed25519_signature_is_checked_with_the_public_key_alone() -> None:
    private, public = ed25519_pair()
    headers = sign("msg_1", NOW, BODY, [parse_key(private)])
    assert headers["webhook-signature"].startswith("v1a,")
    assert verify(headers, BODY, [parse_key(public)], NOW).ok
    assert not verify(headers, BODY + b" ", [parse_key(public)], NOW).ok
    assert not verify(headers, BODY, [parse_key(ed25519_pair()[1])], NOW).ok


def test_a_public_key_cannot_sign() -> None:
    with pytest.raises(BadKeyError, match="only verifies"):
        sign("msg_1", NOW, BODY, [parse_key(ed25519_pair()[1])])


@pytest.mark.parametrize("touched", ["webhook-id", "webhook-timestamp", "body"])
def test_whatever_is_changed_on_the_way_is_noticed(touched: str) -> None:
    headers = sign("msg_1", NOW, BODY, [parse_key(SECRET)])
    body = BODY + b"!" if touched == "body" else BODY
    if touched == "webhook-id":
        headers[touched] = "msg_2"
    if touched == "webhook-timestamp":
        headers[touched] = str(int(NOW.timestamp()) + 1)
    verdict = verify(headers, body, [parse_key(SECRET)], NOW)
    assert not verdict.ok
    assert "no signature matches" in verdict.reason


def test_an_old_request_is_refused_unless_age_does_not_matter() -> None:
    headers = sign("msg_1", NOW, BODY, [parse_key(SECRET)])
    later = NOW + timedelta(minutes=6)
    assert "old" in verify(headers, BODY, [parse_key(SECRET)], later).reason
    assert verify(headers, BODY, [parse_key(SECRET)], later, tolerance=None).ok
    assert "future" in verify(headers, BODY, [parse_key(SECRET)], NOW - timedelta(minutes=6)).reason


def test_missing_and_senseless_headers_are_named() -> None:
    headers = sign("msg_1", NOW, BODY, [parse_key(SECRET)])
    assert "webhook-signature" in verify({**headers, "webhook-signature": ""}, BODY, [parse_key(SECRET)], NOW).reason
    assert "not a number" in verify({**headers, "webhook-timestamp": "now"}, BODY, [parse_key(SECRET)], NOW).reason
    assert not verify({**headers, "webhook-signature": "v1,\udcff v1 ,"}, BODY, [parse_key(SECRET)], NOW).ok


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hunter2", "starts with whsec_"),
        ("whsec_!!!", "not base64"),
        ("whsec_c2hvcnQ=", "24 to 64 bytes"),
        ("whsk_c2hvcnQ=", "32 or 64 bytes"),
        ("whpk_c2hvcnQ=", "32 bytes"),
        ("", "starts with whsec_"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_without_being_shown(text: str, said: str) -> None:
    with pytest.raises(BadKeyError, match=said) as caught:
        parse_key(text)
    assert not text or text not in str(caught.value)


def test_keys_do_not_show_in_logs() -> None:
    assert SECRET[10:20] not in repr(parse_key(SECRET))
