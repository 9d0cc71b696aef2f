from __future__ import annotations

import pytest
from django.db import models

from mobility import gallery
from mobility.models import MobilityApplication, validate_https_url


@pytest.mark.parametrize("entry", gallery.applications().values(), ids=lambda entry: entry.key)
def test_default_urls_belong_to_fields_of_the_model_and_are_absolute_https(entry):
    fields = {field.name for field in MobilityApplication._meta.get_fields() if isinstance(field, models.CharField)}

    assert set(entry.defaults) <= fields
    for url in filter(None, entry.defaults.values()):
        validate_https_url(url)


def test_urls_that_are_our_own_lead_nowhere():
    invented = [
        url for entry in gallery.applications().values() if not entry.built_in for url in entry.defaults.values() if url
    ]

    assert invented
    assert all(url.split("/")[2].endswith(".example") for url in invented)


def test_microsoft_intune_is_not_offered():
    assert gallery.MICROSOFT_INTUNE not in [entry.key for entry in gallery.to_add()]


def test_tiles_stand_in_the_order_of_their_words():
    tiles = [entry.label for entry in gallery.to_add()]

    assert tiles == sorted(tiles, key=str.casefold)
    assert tiles[0] == "AirWatch by VMware"


@pytest.mark.parametrize("term", ["airwatch", "VMWARE", " watch "])
def test_search_finds_tiles_by_name_or_publisher_whatever_the_case(term):
    assert [entry.key for entry in gallery.to_add(term)] == ["airwatch_by_vmware"]


def test_only_microsoft_intune_has_the_mam_block():
    assert [entry.key for entry in gallery.applications().values() if entry.has_mam] == [gallery.MICROSOFT_INTUNE]


def test_application_that_a_partner_of_the_wizard_names_is_in_the_gallery():
    from partners import catalogue

    offered = {entry.key for entry in gallery.to_add()}

    named = {partner.gallery_key for partner in catalogue.partners().values()} - {""}
    assert named <= offered
