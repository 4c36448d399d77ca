"""The part of a study file that says how people walk."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Speed = Annotated[float, Field(gt=0, le=3)]


class WalkOptions(BaseModel):
    """How fast elderly persons walk, what costs them time, and how far from a street one may live."""

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
    speed_by_age: dict[Annotated[int, Field(ge=0, le=120)], Speed] = Field(
        default_factory=dict,
        title="Walking speed by age, in metres per second",
        description=(
            "Lower bounds of age classes of the population and the speed from that age on, e.g. {60: 0.9, 80: 0.7}; "
            "ages below the first bound walk at speed_m_per_s. Clauses in minutes then give each age its own distance; "
            "clauses in metres do not change. Source: usual gait speed falls with every decade from 60 on (Bohannon & "
            "Williams Andrews, Physiotherapy 97(3), 2011, by decade and sex); the values are the study's."
        ),
    )
    steps_speed_factor: float = Field(
        default=1.0,
        gt=0,
        le=1,
        title="Speed on steps as a part of walking speed",
        description=(
            "Measured along the way as drawn; 1 makes steps level ground, 0.5 lets them take twice as long. Source: "
            "the walking speed on stairs depends on pitch and person (Fujiyama & Tyler, Transportation Planning and "
            "Technology 33(2), 2010); the value is the study's."
        ),
    )
    slope: Literal["none", "tobler"] = Field(
        default="none",
        title="Whether slopes cost time",
        description=(
            "`tobler` multiplies an edge's time by Tobler's hiking function relative to level ground, mean of both "
            "directions (Tobler, NCGIA Technical Report 93-1, 1993); it needs the study's `elevation`."
        ),
    )
    crossing_s: float = Field(
        default=0.0,
        ge=0,
        le=600,
        title="Seconds lost at a street crossing",
        description=(
            "Paid once for each way tagged as a crossing (footway, path, cycleway or highway = crossing) and, by those "
            "who walk on carriageways, once at each junction of three or more of these of which one is of "
            "crossing_classes. Source: mean wait at a signal = red² ÷ (2 × cycle) (Highway Capacity Manual 2000, "
            "pedestrian delay); the value is the study's."
        ),
    )
    crossing_classes: tuple[str, ...] = Field(
        default=("trunk", "primary", "secondary", "tertiary"),
        title="Road classes whose junctions are crossings",
        description="Values of highway, links included. Source: our choice, classes that commonly carry signals.",
    )
    bridge_s: float = Field(
        default=0.0,
        ge=0,
        le=600,
        title="Seconds lost at a bridge",
        description=(
            "Paid once for each walk over a bridge, half on stepping on and half on stepping off, for ramps and "
            "railings that the file does not draw; steps to it count by steps_speed_factor. Source: the study's."
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

    @property
    def speeds(self) -> tuple[float, ...]:
        """Every walking speed of the study, once, the single one first."""
        return tuple(dict.fromkeys((self.speed_m_per_s, *self.speed_by_age.values())))

    @property
    def costs_time(self) -> bool:
        """Whether anything but metres costs time."""
        dear = self.crossing_s > 0 or self.bridge_s > 0
        return dear or self.steps_speed_factor < 1 or self.slope != "none"
