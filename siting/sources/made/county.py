"""The straight line from a spec to a made county."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siting.sources.made.arteries import make_arteries, survey
from siting.sources.made.districts import Districts, make_districts
from siting.sources.made.fabric import make_fabric
from siting.sources.made.facilities import Facility, institutions, town_centres
from siting.sources.made.names import Namer
from siting.sources.made.network import Network, make_network
from siting.sources.made.people import People, make_people
from siting.sources.made.plan import Layout, make_layout
from siting.sources.made.premises import Premises, make_premises
from siting.sources.made.spec import CountySpec, Frame
from siting.sources.made.walk import Walk
from siting.sources.made.water import Ground, make_ground

if TYPE_CHECKING:
    from siting.sources.made.compounds import Estate

_VILLAGE_SHARE = 0.53


@dataclass(frozen=True, slots=True)
class County:
    """Everything made for one county, in local metres; `frame` turns them into degrees."""

    spec: CountySpec
    frame: Frame
    ground: Ground
    layout: Layout
    network: Network
    estates: tuple[Estate, ...]
    people: People
    districts: Districts
    facilities: tuple[Facility, ...]
    premises: tuple[Premises, ...]
    walk: Walk


def make_county(spec: CountySpec | None = None) -> County:
    """Make a county; without a spec the demo county.

    Equal specs give equal counties. Nothing in it is real: land, names, persons and facilities are all drawn.
    """
    spec = spec or CountySpec()
    frame, namer = Frame(spec), Namer(spec.rng(0))
    ground = make_ground(spec, namer)
    layout = make_layout(spec, ground, round(_VILLAGE_SHARE * spec.communities))
    mesh, crossings = survey(spec, ground, layout)
    arteries = make_arteries(spec, layout, mesh, crossings, namer)
    fabric = make_fabric(spec, ground, layout, arteries, namer)
    network = make_network(fabric.streets, fabric.gates, ground, spec.rng(6))
    people = make_people(spec, frame, ground, layout, network)
    districts = make_districts(spec, ground, layout, network, mesh, namer)
    walk = Walk.over(network, people.xy)
    facilities = [*institutions(spec, people, districts, walk), *town_centres(spec, people, districts, walk)]
    premises = make_premises(spec, people, districts, walk, fabric.estates, facilities)
    return County(
        spec,
        frame,
        ground,
        layout,
        network,
        tuple(fabric.estates),
        people,
        districts,
        tuple(facilities),
        tuple(premises),
        walk,
    )
