"""The rig itself: what a browser or axe-core complains about does not go unnoticed."""

import pytest

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'"


@pytest.fixture
def show():
    """Shows HTML of our own, under a policy like the console's."""

    def show(page, body, status=200):
        document = f"<!doctype html><html lang=en><title>Rig</title><main><h1>Rig</h1>{body}</main>"
        headers = {"Content-Security-Policy": POLICY}
        page.route("**/rig", lambda route: route.fulfill(status=status, headers=headers, body=document))
        page.route("**/rig.js", lambda route: route.fulfill(content_type="text/javascript", body="throw Error('rig')"))
        page.goto("/rig")

    return show


@pytest.fixture
def heard(complaints):
    """Takes what the browser complained about out of the list that fails the test."""

    def heard(page):
        page.evaluate("0")
        found = "\n".join(complaints)
        complaints.clear()
        return found

    return heard


def test_inline_style_is_noticed(page, show, heard):
    show(page, "<p style='color: red'>Text</p>")

    assert "CSP: style-src-attr blocked inline" in heard(page)


def test_inline_style_is_noticed_without_javascript(no_script_page, show, heard):
    show(no_script_page, "<p style='color: red'>Text</p>")

    assert "Content Security Policy" in heard(no_script_page)


def test_uncaught_error_is_noticed(page, show, heard):
    show(page, "<script src='/rig.js'></script>")

    assert heard(page) == "uncaught: rig"


def test_server_error_is_noticed(page, show, heard):
    show(page, "", status=500)

    assert "status of 500" in heard(page)


def test_refusal_is_an_answer_and_no_error(page, show, heard):
    show(page, "", status=422)

    assert heard(page) == ""


def test_page_without_fault_is_accessible(page, show, axe):
    show(page, "<p>Text</p>")

    axe(page)


def test_violation_names_its_rule_and_its_element(page, show, axe):
    show(page, "<button></button>")

    with pytest.raises(pytest.fail.Exception, match=r"(?s)button-name \(critical\).*\n    button: "):
        axe(page)
