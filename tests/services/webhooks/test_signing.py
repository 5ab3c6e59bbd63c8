"""Signatures: the published known answer, and verification by other implementations."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from shop.services.webhooks.signing import new_secret, sign, verification_key

BODY = b'{"test": 2432232314}'


def test_the_known_answer_of_standard_webhooks():
    secret, webhook_id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert sign([secret], webhook_id, "1614265330", BODY) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_library_verifies_with_either_secret_of_a_rotation():
    old, new = new_secret("v1"), new_secret("v1")
    stamp = str(int(datetime.now(UTC).timestamp()))
    headers = {"webhook-id": "msg_1", "webhook-timestamp": stamp}
    headers["webhook-signature"] = sign([new, old], "msg_1", stamp, BODY)
    for secret in (old, new):
        assert Webhook(verification_key(secret)).verify(BODY, headers) == {"test": 2432232314}
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret("v1")).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(BODY + b" ", headers)


def test_ed25519_is_verified_with_the_public_key():
    secret = new_secret("v1a")
    key = verification_key(secret)
    assert (secret[:5], key[:5]) == ("whsk_", "whpk_")
    scheme, signature = sign([secret], "msg_1", "1614265330", BODY).split(",")
    assert scheme == "v1a"
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key[5:]))
    public.verify(base64.b64decode(signature), b"msg_1.1614265330." + BODY)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(signature), b"msg_2.1614265330." + BODY)


@pytest.mark.parametrize("scheme", ["v1", "v1a"])
def test_secrets_have_32_random_bytes(scheme):
    secrets = {new_secret(scheme) for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(base64.b64decode(secret.partition("_")[2])) == 32 for secret in secrets)
