"""One table of what products were called in 2020 and are called today.

Our own words go through `say` where they are drawn; what people typed (names of groups, devices) never does. In
templates: {{ "Azure AD devices"|say }}. The vocabulary is a setting of the directory.
"""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.functional import lazy

from blades import presentation

# 2020 to today; where one phrase holds another, the longer one counts.
TABLE: dict[str, str] = {
    "Azure Active Directory admin center": "Microsoft Entra admin center",
    "Endpoint Manager admin center": "Intune admin center",
    "Microsoft Endpoint Manager": "Microsoft Intune",
    "Endpoint Manager": "Intune",
    "Azure Active Directory Premium P1": "Microsoft Entra ID P1",
    "Azure AD Premium P1": "Microsoft Entra ID P1",
    "Azure AD Premium": "Microsoft Entra ID P1",
    "Azure Active Directory": "Microsoft Entra ID",
    "Azure AD Connect": "Microsoft Entra Connect",
    "Azure AD Privileged Identity Management": "Microsoft Entra Privileged Identity Management",
    "Hybrid Azure AD joined": "Microsoft Entra hybrid joined",
    "hybrid Azure AD joined": "Microsoft Entra hybrid joined",
    "Azure AD joined": "Microsoft Entra joined",
    "Azure AD registered": "Microsoft Entra registered",
    "Azure AD join type": "Microsoft Entra join type",
    "Azure AD device": "Microsoft Entra device",
    "Azure AD compliant": "Microsoft Entra compliant",
    "Azure AD's": "Microsoft Entra ID's",
    "Azure AD": "Microsoft Entra ID",
    "Microsoft Defender ATP": "Microsoft Defender for Endpoint",
    "Cloud apps or actions": "Target resources",
    "Users and groups": "Users",
    "Users and groups: ": "Users and groups: ",  # the permissions keep their names
}
_PHRASES = re.compile("|".join(re.escape(phrase) for phrase in sorted(TABLE, key=len, reverse=True)))


def say(text: str) -> str:
    """`text` in the vocabulary of the directory that is being drawn."""
    if presentation.current().vocabulary == presentation.DEFAULT.vocabulary:
        return str(text)
    return _today(str(text))


@lru_cache(maxsize=4096)
def _today(text: str) -> str:
    return _PHRASES.sub(lambda phrase: TABLE[phrase[0]], text)


# For labels that are made once and drawn often: choices, columns, fields.
say_lazy = lazy(say, str)
