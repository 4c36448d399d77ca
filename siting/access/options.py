"""The part of a study file that says how people walk."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class WalkOptions(BaseModel):
    """How fast an elderly person walks, and how far from a street one may live and still be on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    speed_m_per_s: float = Field(
        default=0.9,
        gt=0,
        le=3,
        title="Walking speed in metres per second",
        description=(
            "Turns a clause's minutes into metres along streets: 15 min × 0.9 m/s = 810 m. Persons of 80–99 years walk "
            "0.94 m/s (women) and 0.97 m/s (men) on even ground (Bohannon & Williams Andrews, Physiotherapy 97(3), "
            "2011, meta-analysis of normal walking speed); crossings and kerbs take the rest."
        ),
    )
    max_connector_m: float = Field(
        default=500,
        gt=0,
        title="Longest way to the street, in metres",
        description=(
            "The longest straight way from a home or a facility to the nearest point of the nearest street; a point "
            "farther off counts as having no road, and the report shows how many persons that is. It bounds the error "
            "of a straight way where the file has no path. Source: our choice, no standard gives one."
        ),
    )
