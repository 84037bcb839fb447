"""Which addresses an outgoing connection may lead to, judged without a network."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.outbound.guard import RefusedAddress, host_key, refusal


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("0.1.2.3", "private"),
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("192.0.0.192", "IETF"),
        ("198.18.0.1", "private"),
        ("203.0.113.7", "private"),
        ("fd00:ec2::254", "private"),
        ("2001:db8::1", "private"),
        ("100.64.0.1", "not globally reachable"),
        ("100.100.100.200", "not globally reachable"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.250", "multicast"),
        ("224.0.1.129", "multicast"),
        ("ff02::1", "multicast"),
        ("ff0e::1", "multicast"),
        ("255.255.255.255", "private"),
        ("240.0.0.1", "private"),
        ("192.88.99.1", "6to4 relay"),
        ("168.63.129.16", "Azure"),
        ("fec0::1", "site-local"),
        ("3fff::1", "documentation"),
        ("5f00::1", "reserved"),
        ("64:ff9b::7f00:1", "NAT64"),
        ("64:ff9b::808:808", "NAT64"),
        ("64:ff9b:1::a00:1", "NAT64"),
        ("2002:7f00:1::", "6to4"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"),
        ("::ffff:127.0.0.1", "IPv4-mapped"),
        ("::ffff:8.8.8.8", "IPv4-mapped"),
        ("::ffff:0:127.0.0.1", "IPv4-translated"),
        ("::127.0.0.1", "IPv4-compatible"),
    ],
)
def test_an_address_off_the_public_internet_is_refused_with_its_reason(address: str, why: str) -> None:
    reason = refusal(address)
    assert reason is not None
    assert why in reason


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450::1"]
)
def test_a_public_address_passes(address: str) -> None:
    assert refusal(address) is None


def test_what_is_no_address_is_an_error_and_not_a_pass() -> None:
    with pytest.raises(ValueError, match="does not appear"):
        refusal("example.org")


@given(st.integers(0, 2**32 - 1))
def test_no_ipv6_form_of_any_ipv4_address_passes(number: int) -> None:
    low = int(IPv4Address(number))
    forms = [0xFFFF << 32 | low, 0xFFFF << 48 | low, 0x64FF9B << 96 | low, 0x2002 << 112 | low << 80, low]
    assert all(refusal(str(IPv6Address(form))) for form in forms)


@given(st.ip_addresses())
def test_whatever_passes_is_global_and_unicast(address: IPv4Address | IPv6Address) -> None:
    if refusal(str(address)) is None:
        parsed = ip_address(str(address))
        assert parsed.is_global
        assert not parsed.is_multicast


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("Receiver.Example.", "receiver.example"),
        ("[::1]", "::1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_names_are_compared_in_one_spelling(spelling: str, key: str) -> None:
    assert host_key(spelling) == key


def test_a_refusal_says_what_led_where_and_what_to_do() -> None:
    error = RefusedAddress("hook.example", "10.0.0.9", "it is private")
    assert "hook.example leads to 10.0.0.9" in str(error)
    assert "add its host name to the allowed names" in str(error)
