"""What Azure AD says of a sign-in that went wrong: the sentence of its log, and the page that the user sees.

docs/sources.md, "Sign-ins", says where each sentence comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from access import engine

# The account is disabled.
ACCOUNT_DISABLED = 50057
CANNOT_GET_THERE = "You can't get there from here"
_SENSITIVE = "This application contains sensitive information and can only be accessed from:"


@dataclass(frozen=True)
class ErrorCode:
    """reason: of the log. heading, text, point: what the user reads; {organization} and {app} stand for names."""

    reason: str
    heading: str
    text: str
    point: str = ""


ERROR_CODES: Mapping[int, ErrorCode] = {
    0: ErrorCode("", "You are signed in", "{app} opens, and nothing else is asked."),
    ACCOUNT_DISABLED: ErrorCode(
        "The user account is disabled.",
        "Sign in",
        "Your account has been locked. Contact your support person to unlock it, then try again.",
    ),
    engine.MFA_NEEDED: ErrorCode(
        "Strong Authentication is required.",
        "Approve sign in request",
        "Open the Microsoft Authenticator app on your phone and approve the request to sign in.",
    ),
    engine.NOT_COMPLIANT: ErrorCode(
        "Device is not in required device state: compliant. Conditional Access policy requires a compliant device, and "
        "the device is not compliant. The user must enroll their device with an approved MDM provider like Intune.",
        CANNOT_GET_THERE,
        _SENSITIVE,
        "Devices or client applications that meet {organization} management compliance policy.",
    ),
    engine.NOT_HYBRID: ErrorCode(
        "Device is not in required device state: domain_joined. Conditional Access policy requires a domain joined "
        "device, and the device is not domain joined.",
        CANNOT_GET_THERE,
        _SENSITIVE,
        "{organization} domain joined devices. Access from personal devices is not allowed.",
    ),
    engine.NOT_APPROVED: ErrorCode(
        "The app used is not an approved app for Conditional Access. User needs to use one of the apps from the list "
        "of approved apps to use in order to get access.",
        CANNOT_GET_THERE,
        _SENSITIVE,
        "Client applications that {organization} has approved.",
    ),
    engine.BLOCKED: ErrorCode(
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
        "You cannot access this right now",
        "Your sign-in was successful but does not meet the criteria to access this resource. For example, you might be "
        "signing in from a browser, app, or location that is restricted by your admin.",
    ),
}


def of(code: int) -> ErrorCode:
    """What is known of `code`; of another one, that the sign-in failed."""
    return ERROR_CODES.get(code) or ErrorCode("Other.", "Sorry, but we're having trouble signing you in.", "")
