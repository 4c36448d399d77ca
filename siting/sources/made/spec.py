"""What a made county is asked to be, and the plane it is drawn on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class CountySpec:
    """The figures of one made county; the defaults are the demo county.

    Attributes
    ----------
    seed
        Everything is drawn from this number; equal specs give equal files.
    lon, lat
        Middle of the county in degrees (EPSG:4326). The default lies in open sea.
    width_m, height_m
        Size of the county's bounding box in metres.
    towns, streets, communities, units
        Towns and sub-districts together; how many of them are sub-districts (街道) of the city; communities and
        villages; planning units.
    persons_2020, persons_2025, persons_outside
        Persons aged 60 and over inside the county in both years, and those just over its border in 2025.
    shares
        Share of the persons of 2025 in the old town, the ring round it, the new town and the country towns; the
        rest live in villages.
    densities_per_km2
        Persons aged 60 and over per square kilometre in the same four; with the shares they fix the areas.
    institutions, beds, nursing_share, dementia_beds, centres, towns_without_centre
        Facilities standing today.
    """

    seed: int = 20
    name: str = "汐州县"
    name_en: str = "Xizhou County"
    lon: float = 124.0
    lat: float = 30.0
    width_m: float = 26_000.0
    height_m: float = 24_000.0
    towns: int = 12
    streets: int = 4
    communities: int = 120
    units: int = 5
    persons_2020: int = 196_500
    persons_2025: int = 239_000
    persons_outside: int = 120
    shares: tuple[float, float, float, float] = (0.14, 0.11, 0.22, 0.26)
    densities_per_km2: tuple[float, float, float, float] = (8_300.0, 2_200.0, 1_650.0, 2_000.0)
    institutions: int = 17
    beds: int = 7_860
    nursing_share: float = 0.5
    dementia_beds: int = 150
    centres: int = 14
    towns_without_centre: int = 2

    def __post_init__(self) -> None:
        if not self.streets < self.towns < self.communities:
            message = "a county needs fewer streets than towns and fewer towns than communities"
            raise ValueError(message)
        if sum(self.shares) >= 1.0:
            message = "the shares of the towns leave nobody for the villages"
            raise ValueError(message)

    @property
    def epsg(self) -> int:
        """EPSG code of the UTM zone the county lies in."""
        return 32_601 + int((self.lon + 180.0) // 6.0)

    def rng(self, stage: int) -> np.random.Generator:
        """Random numbers of one stage; a change in one stage leaves the others' numbers alone."""
        return np.random.default_rng((self.seed, stage))

    def area_m2(self, zone: int) -> float:
        """Area that zone 0 old, 1 ring, 2 new or 3 towns needs to hold its persons, in square metres."""
        return 1e6 * self.persons_2025 * self.shares[zone] / self.densities_per_km2[zone]


class Frame:
    """Local metres (x east, y north, middle of the county at 0, 0) to longitude and latitude and back."""

    def __init__(self, spec: CountySpec) -> None:
        self._forward = pyproj.Transformer.from_crs(4326, spec.epsg, always_xy=True)
        east, north = self._forward.transform(spec.lon, spec.lat)
        self._origin = np.array([round(east, -2), round(north, -2)])

    def to_lonlat(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Degrees (n, 2), rounded to 1e-7 as OpenStreetMap does, of local metres (n, 2)."""
        east, north = (np.asarray(xy) + self._origin).T
        return np.round(np.column_stack(self._forward.transform(east, north, direction="INVERSE")), 7)

    def to_local(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Local metres (n, 2) of degrees (n, 2)."""
        lon, lat = np.asarray(lonlat).T
        local: NDArray[np.float64] = np.column_stack(self._forward.transform(lon, lat)) - self._origin
        return local
