"""The page of the partner API's tokens."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from partners import connections
from partners.models import PartnerToken
from tests.factories import PartnerTokenFactory
from tests.uem.test_connection import Visit, words


@pytest.fixture
def visit(portal, shop):
    return Visit(portal, shop.tenant)


def test_token_is_shown_once_and_works(visit, shop):
    page = words(visit.post("token-list", {"name": "Morning run"}))

    (text,) = re.findall(r"bwpt_[\w-]+", page)
    assert connections.find_token(text).name == "Morning run"
    assert text not in visit.get("token-list")
    assert "Morning run" in visit.get("token-list")


def test_second_click_on_create_token_makes_no_second_one_and_shows_the_first(visit, shop):
    form = BeautifulSoup(visit.client.get(visit.url("token-list")).content, "html.parser").select_one("form.stack")
    data = {"name": "Morning run", "key": form.select_one("[name=key]")["value"]}

    first, second = (words(visit.post("token-list", data)) for _ in range(2))

    (text,) = re.findall(r"bwpt_[\w-]+", second)
    assert text in first
    assert connections.find_token(text) == PartnerToken.objects.in_tenant(shop.tenant).get()


def test_next_token_has_a_form_of_its_own(visit, shop):
    page = BeautifulSoup(visit.post("token-list", {"name": "One", "key": str(uuid4())}).content, "html.parser")

    visit.post("token-list", {"name": "One", "key": page.select_one("form.stack [name=key]")["value"]})

    assert PartnerToken.objects.in_tenant(shop.tenant).count() == 2


def test_form_whose_token_was_revoked_says_so(visit, shop):
    data = {"name": "Morning run", "key": str(uuid4())}
    visit.post("token-list", data)
    visit.post("token-revoke", {}, PartnerToken.objects.in_tenant(shop.tenant).get().pk)

    response = visit.post("token-list", data)

    assert response.status_code == 422
    assert "This token was revoked meanwhile. Create another one." in words(response)


@pytest.mark.parametrize("key", ["", "no id"])
def test_token_is_made_although_the_form_says_nothing_of_itself(visit, shop, key):
    page = words(visit.post("token-list", {"name": "Morning run", "key": key}))

    assert "Token 'Morning run' created" in page


@pytest.mark.parametrize(
    ("name", "sentence"), [(" ", "Enter a name."), ("x" * 61, "Enter at most 60 characters.")], ids=["none", "long"]
)
def test_refused_name_is_told_below_the_field(visit, shop, name, sentence):
    response = visit.post("token-list", {"name": name})

    soup = BeautifulSoup(response.content, "html.parser")
    assert response.status_code == 422
    assert soup.select_one("#id_name_error").get_text(strip=True) == sentence
    assert not PartnerToken.objects.in_tenant(shop.tenant).exists()


def test_revoking_asks_first_and_is_for_good(visit, shop):
    made = connections.create_token(tenant=shop.tenant, actor=None, partner=shop.partner, name="Old run")

    question = visit.get("token-revoke", made.token.pk)
    page = words(visit.post("token-revoke", {}, made.token.pk))
    visit.post("token-revoke", {}, made.token.pk)

    assert "A token cannot be made good again." in question
    assert "Token revoked" in page
    assert "Revoked 7/20/2020" in page
    assert connections.find_token(made.text) is None


def test_token_of_another_partner_is_not_listed_and_not_found(visit, shop):
    other = PartnerTokenFactory(tenant=shop.tenant, partner="jamf_pro", name="Jamf's own")

    assert "Jamf's own" not in visit.get("token-list")
    assert visit.post("token-revoke", {}, other.pk).status_code == 404


def test_list_of_many_tokens_costs_the_same(visit, shop, django_assert_max_num_queries):
    PartnerTokenFactory.create_batch(120, tenant=shop.tenant)

    with django_assert_max_num_queries(6):
        page = visit.get("token-list")

    assert "The newest 100 tokens." in page
